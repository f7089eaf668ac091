"""The images behind a figure: looked at, put right in the dataset, and asked where the model looked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import runs
from core.metrics import mistakes
from pages.parts import caches, dataset_edits, gallery, metrics_data, metrics_look, thumbs


def draw(run: runs.Run, rows: pd.DataFrame, *, key: str, show_true: bool = True) -> None:
    """A gallery of rows of `metrics_data.answers`, in their order; what can be done with the marked."""
    if rows.empty:
        st.caption("No image is here.")
        return
    name = run.dataset()
    if name is None:
        st.caption(f"The dataset {run.config()['dataset']} is gone, so its images cannot be shown.")
        st.dataframe(rows, hide_index=True, width="stretch")
        return
    shown = gallery.paged(rows.to_dict("records"), key=f"{key}-page")
    bar = st.container()
    doubtful = mistakes.ambiguous(run)
    pictures = _items(run, name, shown, doubtful, show_true)
    picked = gallery.pick(pictures, key=f"{key}-pick", among=rows["path"])
    with bar:
        _actions(run, name, picked, key)
    if len(picked) == 1:
        metrics_look.offer(run, rows.set_index("path", drop=False).loc[picked[0]].to_dict(), key=key)


def _items(
    run: runs.Run, dataset: str, rows: list[dict], doubtful: set[str], show_true: bool
) -> list[gallery.Item]:
    hashes = metrics_data.hashes(run)
    return [
        gallery.Item(
            id=row["path"],
            url=thumbs.url(dataset, row["path"], hashes[row["path"]]),
            caption=_caption(row, show_true) + (" (ambiguous)" if row["path"] in doubtful else ""),
            note=f"{row['path']}: is {row['true']} ({row['probability_true']:.1%}), called {row['answer']} "
            f"({row['probability']:.1%}), loss {row['loss']:.2f}",
        )
        for row in rows
    ]


def _caption(row: dict, show_true: bool) -> str:
    answer = f"{row['answer']} {row['probability']:.0%}"
    return f"{row['true']} → {answer}" if show_true else answer


def _actions(run: runs.Run, dataset: str, picked: list[str], key: str) -> None:
    """The label is wrong, leave it out, or it really is ambiguous."""
    present = set(caches.dataset(dataset).table["path"])
    dataset_edits.actions(caches.dataset(dataset), [path for path in picked if path in present], key=key)
    if picked and st.button(
        "It really is ambiguous", icon=":material/question_mark:", key=f"{key}-ambiguous"
    ):
        mistakes.mark_ambiguous(run, picked)
        st.toast(f"{len(picked)} marked as ambiguous.", icon=":material/check:")
        st.rerun()
