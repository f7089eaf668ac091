"""Many images at once: counts that filter, a table, and what can be taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import runs
from core.inference import sorting
from pages.parts import classify_input, classify_model, classify_thumbs

if TYPE_CHECKING:
    from core.inference.predictor import Answer

ROW_HEIGHT = 56
NO_ANSWER = "no answer"
UNSURE = "The images that teach the model most when you correct them and train again come first."
EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""A transparent pixel, where there is no picture to show."""


def draw(run: runs.Run, uploads: Sequence[classify_input.Upload], answers: Sequence[Answer]) -> int | None:
    """The table of all answers; returns which upload the person chose, at first the first one shown."""
    shown = _filtered(answers)
    if not shown:
        st.caption("No answer passes this filter.")
        return None
    frame = table([uploads[i] for i in shown], [answers[i] for i in shown])
    event = st.dataframe(
        frame if frame["reason"].any() else frame.drop(columns="reason"),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(460, 40 + ROW_HEIGHT * len(frame)),
        column_config=_columns(),
        key="classify-table",
        on_select="rerun",
        selection_mode="single-row",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Choose a row to look closer; click a heading to sort.", width="stretch")
        _downloads(run, uploads, answers)
    return shown[event.selection.rows[0] if event.selection.rows else 0]


def table(uploads: Sequence[classify_input.Upload], answers: Sequence[Answer]) -> pd.DataFrame:
    """One row an image: image, name, answer, probability, reason (why there is no answer)."""
    return pd.DataFrame(
        {
            "image": [classify_thumbs.data_url(upload) or EMPTY for upload in uploads],
            "name": [upload.name for upload in uploads],
            "answer": [said(answer) for answer in answers],
            "probability": [answer.probability for answer in answers],
            "reason": [answer.error or "" for answer in answers],
        }
    )


def said(answer: Answer) -> str:
    """The answer in a word: a label, that it is unknown, or that there is none."""
    if answer.error:
        return NO_ANSWER
    return "unknown" if answer.unknown else str(answer.label)


def _filtered(answers: Sequence[Answer]) -> list[int]:
    """The answers that the person wants to see, by class and by how sure they are."""
    counts = Counter(said(answer) for answer in answers)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    wanted = left.pills(
        "Show only",
        [label for label, _ in counts.most_common()],
        selection_mode="multi",
        format_func=lambda label: f"{label} · {counts[label]:,}",
        key="classify-filter",
    )
    low, high = right.slider("Probability", 0, 100, (0, 100), format="%d %%", key="classify-sure")
    kept = [
        i
        for i, answer in enumerate(answers)
        if (not wanted or said(answer) in wanted)
        and (answer.probability is None or low <= 100 * answer.probability <= high)
    ]
    if st.toggle("Least sure first", key="classify-unsure-first", help=UNSURE):
        kept.sort(key=lambda i: (answers[i].probability is None, answers[i].probability))
    return kept


def _downloads(run: runs.Run, uploads: Sequence[classify_input.Upload], answers: Sequence[Answer]) -> None:
    """The answers as a table, and the originals sorted into folders; each is made when it is clicked."""

    def frame() -> pd.DataFrame:
        from core.inference import batch

        model = classify_model.predictor(run)
        return pd.DataFrame([batch.row(model, answer) for answer in answers], columns=batch.header(model))

    def originals() -> bytes:
        return sorting.zipped(
            (said(answer), upload.name, upload.data)
            for upload, answer in zip(uploads, answers, strict=True)
            if not answer.error
        )

    _download("CSV", lambda: frame().to_csv(index=False).encode(), "answers.csv", "table")
    _download("Parquet", lambda: frame().to_parquet(index=False), "answers.parquet", "table")
    _download("Sorted originals", originals, "sorted.zip", "folder_zip")


def _download(label: str, data: Any, name: str, icon: str) -> None:
    st.download_button(
        label, data=data, file_name=name, on_click="ignore", icon=f":material/{icon}:", key=f"classify-{name}"
    )


def _columns() -> dict[str, Any]:
    return {
        "image": st.column_config.ImageColumn("", width="small"),
        "name": st.column_config.TextColumn("File"),
        "answer": st.column_config.TextColumn("Answer"),
        "probability": st.column_config.ProgressColumn(
            "Probability", format="percent", min_value=0.0, max_value=1.0
        ),
        "reason": st.column_config.TextColumn("Why not", width="large"),
    }
