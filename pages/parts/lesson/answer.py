"""Chapter 6: an answer, worked out from the stored logits of one of the person's own images."""

from __future__ import annotations

import streamlit as st

from core import errors, lesson, runs
from core.metrics import decisions
from pages.parts import bars, words
from pages.parts.classify import steps
from pages.parts.lesson import frame, text

_KINDS = {"sure": "A sure, right answer", "close": "A close call", "mistake": "A mistake"}


def draw(run: runs.Run | None) -> None:
    """From an image to a label, and every number between."""
    frame.chapter(
        6,
        "Use it: from scores to an answer",
        text.ANSWER,
        picture="inference",
        alt="A new image passes through the trained model, which answers with probabilities",
    )
    st.latex(r"\text{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}")
    if run is None:
        frame.not_yet("No trained model can answer yet.", "finetune", "Train a model")
        return
    found = lesson.examples(run.predictions("validation"))
    with frame.own(6, "one of your validation images, worked out."):
        kind = st.pills(
            "Show",
            list(found),
            format_func=_KINDS.get,
            default=next(iter(found)),
            key="lesson-kind",
            required=True,
        )
        _worked(run, found[kind])
    frame.go_on("classify", "Ask it about an image of your own")


def _worked(run: runs.Run, example: lesson.Example) -> None:
    left, right = st.columns([2, 5], gap="large")
    with left:
        try:
            pixels = lesson.numbers(lesson.file(run, example.path), lesson.transform(run)).pixels
            st.image(pixels, width=260, alt=f"An image of class {example.true}")
        except errors.ImageError as error:
            st.caption(str(error))
        verdict = "right" if example.label == example.true else "wrong"
        name, truth = words.plain(example.label), words.plain(example.true)
        st.markdown(f"The model says **{name}**; it is **{truth}**: {verdict}.")
        bars.draw(example.probabilities)
    with right:
        steps.draw(run, example, temperature=1)
        st.caption(_raw(decisions.load(run).temperature))


def _raw(temperature: float) -> str:
    """How these probabilities differ from those of the other pages."""
    if temperature == 1:
        return "The scores go into softmax as they are, here and on *Classify*."
    return (
        "Here the scores go into softmax as they are, as in the workshop. *Classify* and *Metrics* first "
        f"divide them by {temperature:.3g}, so that 90 % sure is right 9 times in 10: their probabilities "
        "differ a little, the order of the classes does not."
    )
