"""The images behind a figure: looked at, put right in the dataset, and asked where the model looked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data import ambiguous as doubts
from core.metrics import mistakes
from core.metrics.words import percent
from pages.parts import caches, gallery, thumbs
from pages.parts.dataset import corrections
from pages.parts.metrics import data, judgement, look

PER_PAGE = 15
"""So few that on a narrow screen, where the closer look comes below the pictures, it is not far away."""


def draw(judged: judgement.Judged, rows: pd.DataFrame, *, key: str, show_true: bool = True) -> None:
    """A gallery of rows of `data.answers`, in their order; what can be done with the marked."""
    if rows.empty:
        st.caption("No image is here.")
        return
    name = data.dataset(judged)
    if name is None:
        st.caption("The dataset is gone, so its images cannot be shown.")
        st.dataframe(rows, hide_index=True, width="stretch")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        shown = gallery.paged(rows.to_dict("records"), key=f"{key}-page", per_page=PER_PAGE)
        bar = st.container()
        pictures = _items(judged, name, shown, show_true)
        picked = gallery.pick(pictures, key=f"{key}-pick", among=rows["path"])
        with bar:
            _actions(judged, name, picked, key)
    with right, st.container(key=f"metrics-closer-{key}"):
        if len(picked) == 1:
            row = rows.set_index("path", drop=False).loc[picked[0]].to_dict()
            look.offer(judged, name, row, key=key)
        else:
            look.hint(len(picked))


def ambiguous(judged: judgement.Judged) -> set[str]:
    """The paths of the judged images that a person found to be really ambiguous, in whatever run."""
    name = data.dataset(judged)
    marked = doubts.marked(name) if name else set()
    return {path for path, sha in data.hashes(judged).items() if sha in marked}


def _items(judged: judgement.Judged, dataset: str, rows: list[dict], show_true: bool) -> list[gallery.Item]:
    hashes, doubtful = data.hashes(judged), ambiguous(judged)
    predictions = data.predictions(judged.run, judged.subset)
    top = mistakes.top_classes(predictions, judged.rule, [row["path"] for row in rows])
    return [
        gallery.Item(
            id=row["path"],
            url=thumbs.url(dataset, row["path"], hashes[row["path"]]),
            caption=_caption(row, show_true, row["path"] in doubtful) + _probabilities(top[row["path"]], row),
            note=f"{row['path']}: is {row['true']} ({percent(row['probability_true'])}), called "
            f"{row['answer']} ({percent(row['probability'])}), loss {row['loss']:.2f}",
        )
        for row in rows
    ]


def _caption(row: dict, show_true: bool, doubtful: bool) -> str:
    text = f"{row['true']} → {row['answer']}" if show_true else row["answer"]
    return f"{text} (ambiguous)" if doubtful else text


def _probabilities(top: list[tuple[str, float]], row: dict) -> str:
    """A line for each of the most probable classes above half a percent, and one for the true class."""
    shown = {label: share for label, share in top if share >= 0.005}
    shown.setdefault(row["true"], row["probability_true"])
    return "".join(f"\n{percent(share, 0)} {label}" for label, share in shown.items())


def _actions(judged: judgement.Judged, dataset: str, picked: list[str], key: str) -> None:
    """The label is wrong, leave it out, or it really is ambiguous (and back)."""
    present = set(caches.dataset(dataset).table["path"])
    corrections.actions(caches.dataset(dataset), [path for path in picked if path in present], key=key)
    if not picked:
        return
    undo = set(picked) <= ambiguous(judged)
    label = "Not ambiguous after all" if undo else "It really is ambiguous"
    icon = ":material/undo:" if undo else ":material/question_mark:"
    if st.button(label, icon=icon, key=f"{key}-ambiguous"):
        hashes = data.hashes(judged)
        doubts.mark(dataset, [hashes[path] for path in picked], ambiguous=not undo)
        said = "no longer marked as ambiguous" if undo else "marked as ambiguous, for every run"
        st.toast(f"{len(picked)} {said}.", icon=":material/check:")
        st.rerun()
