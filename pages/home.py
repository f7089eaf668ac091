"""Home: where am I, what is done, what is next, and a way to try it all with sample images."""

import streamlit as st

from core.data import datasets
from pages.parts import explain, nav, steps, thumbs, tryit

_BADGES = {
    "done": ("Done", "check_circle", "green"),
    "next": ("Next", "arrow_circle_right", "violet"),
    "going": ("Going on", "progress_activity", "blue"),
    "waiting": ("Later", "radio_button_unchecked", "gray"),
}
_ASKS = {
    "dataset": "Bring images",
    "split": "Divide the images",
    "finetune": "Train a model",
    "metrics": "See how good it is",
    "classify": "Ask it about an image",
}


def start(fresh: bool) -> None:
    """The two ways in: sample images or one's own."""
    kind = "primary" if fresh else "secondary"
    sample, own = st.columns([3, 2])
    with sample, st.container(border=True, height="stretch"):
        st.html(thumbs.strip("drawn-animals", 9))
        st.subheader(":material/auto_awesome: Try it with sample images", anchor=False)
        st.markdown(
            "Birds, cats and dogs, drawn on the spot. We divide them, start a quick training and "
            "take you to watch it. No decision to make, nothing to download."
        )
        if st.button("Try it with sample images", key="try-it", type=kind):
            tryit.go()
    with own, st.container(border=True, height="stretch"):
        st.subheader(":material/photo_library: Bring your own", anchor=False)
        st.markdown(
            "One folder per class is all it takes: upload it, or a zip of it, or name a folder on this "
            "machine. Thirty images per class make a start."
        )
        nav.button("dataset", "Bring images", key="own-images", primary=False)


def journey() -> None:
    """The five steps side by side, each with where it stands."""
    with st.grid(5, min_column_width=165):
        for number, step in enumerate(steps.all_steps(), start=1):
            info = nav.PAGES[step.page]
            label, icon, colour = _BADGES[step.standing]
            with st.container(border=True, height="stretch", key=f"step-{step.standing}-{step.page}"):
                st.badge(f"{number} · {label}", icon=f":material/{icon}:", color=colour)
                st.markdown(f"#### {info.title}")
                st.caption(step.sentence)
                with st.container(height="stretch", vertical_alignment="bottom"):
                    nav.link(step.page, f"Open {info.title.lower()}")


explain.header("home")
fresh = not datasets.names()
if fresh:
    start(fresh)
ahead = steps.next_step()
if ahead and not fresh:
    going = ahead.standing == "going"
    ask = "Watch the training" if going else _ASKS[ahead.page]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="next-step"):
        lead = "A model is in training." if going else f"Next: {ask.lower()}."
        st.markdown(f"**{lead}** {ahead.sentence}", width="stretch")
        nav.button(ahead.page, ask, key="go-next")
st.subheader("The five steps", anchor=False)
journey()
if not fresh:
    st.subheader("Start something new", anchor=False)
    start(fresh)
