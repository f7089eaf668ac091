"""One image and its answer: the label, every class's probability, and the way from scores to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import runs
from core.inference import because
from core.metrics import decisions
from pages.parts import bars, words
from pages.parts.classify import correct, heat, how, model, neighbours, seen, sure, thumbs, way

VIEWS = {
    "heat": ":material/local_fire_department: Where it looked",
    "neighbours": ":material/photo_library: Similar training images",
    "steps": ":material/function: From image to answer",
    "correct": ":material/edit: Wrong? Correct it",
}


def draw(run: runs.Run, shown: model.Shown, places: Sequence[int]) -> None:
    """The answer at one place in full; several can be corrected together."""
    if len(places) > 1:
        with st.container(border=True, key="classify-several"):
            correct.draw(run, shown.picked(places))
    elif places:
        _one(run, shown, shown.picked(places)[0])


def _one(run: runs.Run, shown: model.Shown, one: model.Picked) -> None:
    """The image on the left, the answer on the right; a file that is no image says why."""
    answer = one.answer
    with st.container(border=True, key="classify-answer"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            thumbs.show(one.file, answer.path)
            st.caption(words.plain(answer.path))
        with right:
            if answer.error:
                st.error(_sentence(answer.error), icon=":material/broken_image:")
                return
            _label(run, answer)
            bars.draw(answer.probabilities)
            if not answer.unknown:
                sure.draw(run, answer.probability)
            seen.draw(run, one.file)
        _more(run, shown, one)


def _sentence(reason: str) -> str:
    """A reason, which tables and the command line put after a name, as a sentence of its own."""
    whole = reason[:1].upper() + reason[1:]
    return words.plain(whole if whole.endswith((".", "!", "?")) else f"{whole}.")


def _label(run: runs.Run, answer: Any) -> None:
    """The answer itself, in the largest type of the card, and why where it is not the likeliest class."""
    with st.container(gap=None, key="classify-said"):
        st.caption("The answer")
        if answer.unknown:
            st.markdown("## I don't know")
        else:
            st.markdown(f"## {words.plain(answer.label)} :gray[{words.percent(answer.probability)}]")
        reason = why(decisions.load(run), answer)
        if reason:
            st.markdown(f":gray[{reason}]")
        if answer.unknown:
            st.caption(how.trust(run))


def why(rule: decisions.Decision, answer: Any) -> str:
    """What changed the answer, where it is not simply the likeliest class; else nothing."""
    reason = because.reason(rule, answer.probabilities, answer.label, unknown_because=answer.unknown_because)
    likeliest = max(answer.probabilities, key=answer.probabilities.get)
    share = f"**{words.plain(likeliest)}** with {words.percent(answer.probabilities[likeliest])}"
    return {
        "likeliest": "",
        "rule": f"The likeliest class is {share}; this run's rule decides otherwise: "
        f"{words.plain(rule.describe())}.",
        "too unsure": f"The likeliest class is {share}, and this run's rule asks for at least "
        f"{words.percent(rule.unknown_below)}.",
        "too costly": f"The likeliest class is {share}, and by this run's costs asking a person is cheaper "
        "than any answer.",
        "unlike": "This image is unlike those it was trained on. Forced to choose, it would say "
        f"**{words.plain(answer.label)}**.",
    }[reason]


def _more(run: runs.Run, shown: model.Shown, one: model.Picked) -> None:
    """What can be asked about the answer, one thing at a time: only what is open is computed."""
    if one.file is None or not one.file.exists():
        st.caption("The file is gone, so nothing more can be asked about it.")
        return
    view = st.pills(
        "Look closer", list(VIEWS), format_func=VIEWS.get, key="classify-view", label_visibility="collapsed"
    )
    if view == "steps":
        way.draw(run, one, why=why(decisions.load(run), one.answer), mirrored=shown.mirrored)
    elif view == "heat":
        heat.draw(run, one)
    elif view == "neighbours":
        neighbours.draw(run, one)
    elif view == "correct":
        correct.draw(run, [one])
