"""The most useful images to label next: one after the other, a click each, added together."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import errors, runs
from core.inference import answered
from pages.parts import problems, words
from pages.parts.classify import correct, model, thumbs

MOST_BUTTONS = 12
_GIVEN = "classify-labels"  # dict of dataset -> dict of file -> label, not yet added
_SKIPPED = "classify-skipped"  # set of files


def draw(run: runs.Run, shown: model.Shown, kept: pd.DataFrame) -> None:
    """The next image with a button for each class; what was said so far, and the button that adds it."""
    dataset = run.dataset()
    if dataset is None:
        st.caption(
            f"The dataset {run.config()['dataset']} of this run is gone: there is nothing to add labels to."
        )
        return
    order = _order(run, shown, kept)
    if order is None:
        return
    given = st.session_state.setdefault(_GIVEN, {}).setdefault(dataset, {})
    skipped = st.session_state.setdefault(_SKIPPED, set())
    seen = {*given, *skipped, *correct.corrected(dataset)}
    waiting = [place for place in order if kept.at[place, "file"] not in seen]
    with st.container(border=True, key="classify-label"):
        st.caption(
            "The images of which the model is least sure, no two alike, come first: labelling these few "
            "teaches it more than labelling as many at random. Images that it does not know at all are left "
            "out: choose *unknown* above to label those."
        )
        if waiting:
            _one(run, shown.picked(waiting[:1])[0], kept.loc[waiting[0]], given, skipped)
        else:
            st.markdown("Nothing is left to label here.")
        mine = {file: label for file, label in given.items() if file in set(kept["file"])}
        if mine:
            _add(dataset, mine, kept, given)


def _one(run: runs.Run, one: model.Picked, row: pd.Series, given: dict[str, str], skipped: set[str]) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        thumbs.show(one.file, one.answer.path)
        st.caption(words.plain(one.answer.path))
    with right:
        st.markdown(f"The model says **{words.plain(str(row['said']))}**. What is it?")
        likely = sorted(one.answer.probabilities, key=one.answer.probabilities.get, reverse=True)
        with st.container(horizontal=True):
            for place, label in enumerate(likely[:MOST_BUTTONS]):
                st.button(
                    words.plain(label), key=f"classify-is-{place}", on_click=_give, args=(one, label, given)
                )
        other = st.text_input("Something else", key="classify-is-other", placeholder="Type a class").strip()
        with st.container(horizontal=True):
            st.button(
                "Label it so", key="classify-is", disabled=not other, on_click=_give, args=(one, other, given)
            )
            st.button(
                "I don't know: skip it",
                key="classify-skip",
                type="tertiary",
                on_click=skipped.add,
                args=(str(one.file),),
            )


def _give(one: model.Picked, label: str, given: dict[str, str]) -> None:
    given[str(one.file)] = label
    st.session_state["classify-is-other"] = ""


def _add(dataset: str, mine: dict[str, str], kept: pd.DataFrame, given: dict[str, str]) -> None:
    """Several labels become one new version of the dataset."""
    counts = pd.Series(mine).value_counts()
    said = ", ".join(f"{words.plain(label)} {n}" for label, n in counts.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            f"Add {len(mine)} to the dataset",
            key="classify-label-add",
            type="primary",
            icon=":material/add_photo_alternate:",
        )
        st.caption(said)
        if st.button("Drop these labels", key="classify-label-forget", type="tertiary"):
            _forget(mine, given)
            st.rerun()
    rows = kept[kept["file"].isin(mine)]
    chosen = [
        correct.correction(file, name, mine[file])
        for file, name in zip(rows["file"], rows["name"], strict=True)
    ]
    if pressed and correct.add(dataset, chosen):
        _forget(mine, given)
        st.rerun()


def _forget(mine: dict[str, str], given: dict[str, str]) -> None:
    """Those labels are settled; what was said of images that a filter hides stays."""
    for file in mine:
        given.pop(file, None)


def _order(run: runs.Run, shown: model.Shown, kept: pd.DataFrame) -> list[int] | None:
    """Places in the order of usefulness; None, and the sentence, where an image is gone."""
    able = kept[kept["error"].isna()]
    known = able[able["said"] != answered.UNKNOWN]
    places = (able if known.empty else known).index.tolist()
    try:
        return _ranked((shown.stamp, shown.rule, tuple(places)), run, shown, places)
    except errors.FieldguideError as error:
        problems.show(error)
        return None


@st.cache_data(max_entries=20, show_spinner="Looking for the most useful images …")
def _ranked(key: Any, _run: runs.Run, _shown: model.Shown, _places: list[int]) -> list[int]:
    from core.inference import useful

    return useful.rank(model.predictor(_run), _shown.folder, _shown.rule, _places)
