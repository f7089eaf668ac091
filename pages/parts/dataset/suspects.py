"""Labels that the pictures speak against: looked for on demand, judged by the person."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import errors
from core.data import confirmed, datasets, drafts, suspects
from pages.parts import gallery, marks, problems, progress
from pages.parts.dataset import browse, corrections


def draw(dataset: datasets.Dataset) -> None:
    """The button that looks, and the suspects with their three answers."""
    known = suspects.kept(dataset.folder)
    if st.button(
        "Look again" if known else "Look for wrong labels",
        type="secondary" if known else "primary",
        icon=":material/search:",
        key="suspects-look",
        help="Runs the pretrained network over every image once; later looks take seconds.",
    ):
        _look(dataset)
    if known is None:
        return
    listed, basis = known
    if not listed:
        st.success(f"No label looks wrong. Looked with {basis}.", icon=":material/verified:")
        return
    open_ones = _open(dataset, listed)
    st.caption(f"{len(open_ones)} of {len(listed)} suspects still to be judged. Looked with {basis}.")
    if open_ones:
        _judge(dataset, open_ones)


def _look(dataset: datasets.Dataset) -> None:
    """Find the suspects, keep them and show the page anew; torch is loaded only now."""
    from core.commands import features

    place = st.empty()
    try:
        with place.container():
            report = progress.bar("Looking at every image")
            found, basis = features.of_dataset(dataset, "resnet18", "auto", report)
            suspects.keep(dataset.folder, suspects.find(dataset.table, found), basis)
    except errors.FieldguideError as error:
        place.empty()
        problems.show(error)
        return
    st.rerun()


def _open(dataset: datasets.Dataset, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The suspects that were neither corrected, left out nor found right since."""
    labels = dict(zip(dataset.table["path"], dataset.table["label"], strict=True))
    right = confirmed.labels(dataset.name)
    return [
        one
        for one in listed
        if labels.get(one["path"]) == one["label"] and right.get(one["path"]) != one["label"]
    ]


def _judge(dataset: datasets.Dataset, listed: list[dict[str, Any]]) -> None:
    bar = st.container()
    with gallery.turned(listed, key="suspects-page", per_page=24) as shown:
        paths = [one["path"] for one in shown]
        captions = [f"{one['label']} → {one['suggested']}?" for one in shown]
        pictures = browse.items(dataset, paths, captions=captions)
        picked = gallery.pick(pictures, key="suspects-pick", among=[one["path"] for one in listed])
    with bar:
        if picked:
            _answers(dataset, [one for one in listed if one["path"] in set(picked)])
        corrections.actions(dataset, picked, key="suspects")


def _answers(dataset: datasets.Dataset, marked: list[dict[str, Any]]) -> None:
    paths = [one["path"] for one in marked]
    with st.container(horizontal=True):
        if st.button("Looks right", icon=":material/check:", key="suspects-right"):
            confirmed.add(dataset.name, paths)
            marks.clear("suspects-pick")
            st.rerun(scope="app")
        if st.button("Relabel as suggested", icon=":material/label:", key="suspects-as-suggested"):
            done = f"{len(paths)} relabelled."
            corrections.do(
                lambda: _relabel(dataset.name, marked), done, then=lambda: marks.clear("suspects-pick")
            )


def _relabel(name: str, marked: list[dict[str, Any]]) -> None:
    """One edit for each label that was suggested."""
    draft = drafts.Draft(name)
    for suggested in sorted({one["suggested"] for one in marked}):
        draft.relabel([one["path"] for one in marked if one["suggested"] == suggested], suggested)
    draft.write()
