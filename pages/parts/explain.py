"""The header of a page: its name and, in two or three plain sentences, what happens here."""

from __future__ import annotations

import streamlit as st

from pages.parts import drawings, nav, steps

_SWITCH = "explain-steps"

HAPPENS = {
    "home": (
        "You show a computer examples, it learns to tell them apart, and you find out how far to trust "
        "it. That takes five steps: collect **images with labels**, set some aside as a **test**, "
        "**train** on the others, **measure** on those it has never seen, and then let it **answer** for "
        "new images."
    ),
    "dataset": (
        "A model learns from pairs of an **image** and its **label**; a folder of images per class is all"
        " it takes. What is wrong here (a wrong label, a copy, a damaged file) is learned as if it were "
        "true, so look at your images before you train. Your files are never changed."
    ),
    "split": (
        "A model is judged on images it has **not** learned from, as a pupil is on questions that were "
        "not in the homework. **Train** images teach, **validation** images choose the best moment to "
        "stop, **test** images give the final grade once. All three should look like what you will meet "
        "in use."
    ),
    "finetune": (
        "The model has already learned to see from many other photos. We swap its last layer for one with"
        " **your classes** and train on: it looks at an image, guesses, and its weights are moved a "
        "little to reduce the error (the **loss**). Once through all training images is one **epoch**."
    ),
    "metrics": (
        "The model answers for images it did not learn from, and its answers are compared with the "
        "labels. **Accuracy** is the share it got right; **precision** and **recall** say which mistakes "
        "it makes. Decide which mistake is worse *before* you look: with rare classes a useless model can"
        " be 99 % accurate."
    ),
    "classify": (
        "The image becomes numbers (colours × height × width), passes through the model, and comes out as"
        " one score per class, the **logits**. **Softmax** turns them into probabilities that add up to "
        "1. Unless you gave another rule on *Metrics*, the most probable class is the answer."
    ),
    "lesson": (
        "The workshop lesson, step by step, played on the images you chose: from a folder to a "
        "prediction, with the code and the numbers that belong to each step."
    ),
}


PICTURES = {
    "split": "dataset-split",
    "finetune": "model-training",
    "metrics": "model-evaluation",
    "classify": "model-throughput",
}


def header(name: str) -> None:
    """Title and subtitle of the page `name`, and its explanation unless the person switched those off."""
    info = nav.PAGES[name]
    if name in steps.RESULTS:
        steps.seen(name)
    st.title(info.headline, anchor=False)
    if not st.session_state.get(_SWITCH, True):
        st.caption(info.subtitle)
        return
    with st.container(key=f"happens-{name}"):
        st.markdown(f":material/school: **What happens here**  \n{HAPPENS[name]}")
        if name in PICTURES:
            with st.popover("See it as a picture", icon=":material/schema:", type="tertiary"):
                st.image(drawings.read(PICTURES[name]), width=420)


def switch() -> None:
    """The switch in the sidebar that shows or hides the explanations on every page."""
    st.toggle("Explain each step", value=True, key=_SWITCH, persist_state="session")
