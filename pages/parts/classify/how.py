"""How the model answers: how readily it says "I don't know", and whether it looks twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import runs, workspace
from core.errors import NotFoundError
from core.inference import share
from pages.parts import caches
from pages.parts.classify import model

if TYPE_CHECKING:
    from core.inference.pace import Pace

KEY, TWICE = "classify-share", "classify-twice"
HELP = (
    "An image unlike all training images is said to be unknown, rather than called a bird with 99 %. How "
    "unlike is too unlike is read off the known images themselves: the share of them that you accept to lose "
    "decides. It is kept with the run, for everything that answers."
)
TRUST = {
    "imagenet": "This run started from weights that have seen many kinds of photos, so it recognises most "
    "of what it does not know.",
    "starter": "This run started from the small weights that come with Fieldguide: they have seen little, so "
    "it recognises what is plainly different, and misses more of the rest than a run from ImageNet weights.",
    "file": "This run started from weights of your own: how well it recognises what it does not know depends "
    "on how much they have seen. Try a few images that do not belong.",
    "none": "This run started from nothing and has only seen your own images, so it is poor at recognising "
    "what it does not know. Do not rely on it to say so.",
}


def draw(run: runs.Run) -> bool:
    """The settings in a small window; returns whether an image is looked at twice."""
    with st.popover(
        "Set how it answers", icon=":material/tune:", width="stretch", on_change="rerun"
    ) as window:
        st.markdown("**When it says “I don’t know”**")
        st.markdown(HELP)
        percent = round(100 * share.load(run))
        st.session_state[KEY] = percent
        most = max(20, percent)
        st.slider(
            "Of the images it should know, let it turn away",
            1,
            most,
            format="%d %%",
            key=KEY,
            on_change=_keep,
            args=(run,),
        )
        st.caption(trust(run))
        st.markdown("**Look at each image twice**")
        twice = st.toggle("Also ask about the mirror image", key=TWICE, persist_state="session")
        st.caption(
            "The answer is then the mean of both: a little steadier, where left and right mean nothing. "
            + (_cost(run) if window.open else "")
        )
    return twice


def trust(run: runs.Run) -> str:
    """How far the run's "I don't know" can be relied on, from the weights that it started from."""
    try:
        kind = workspace.read_json(run.folder / "model.json")["weights"]["kind"]
    except NotFoundError:
        return ""
    return TRUST.get(kind, TRUST["file"])


def _keep(run: runs.Run) -> None:
    share.save(run, st.session_state[KEY] / 100)


def _cost(run: runs.Run) -> str:
    pace = _pace(run.id, model.stamp(run))
    return f"Measured here: {pace.once:.0f} ms an image once, {pace.twice:.0f} ms twice."


@st.cache_data(max_entries=50, show_spinner="Timing a few images …")
def _pace(run_id: str, key: caches.Stamp) -> Pace:
    from core.inference import pace

    return pace.measure(model.predictor(runs.load(run_id)))
