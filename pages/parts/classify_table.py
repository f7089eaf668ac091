"""Many images at once: counts, a table that can be sorted and searched, and its download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import classify_input, classify_thumbs
from pages.parts import finetune_words as words

ROW_HEIGHT = 56
MOST_COUNTED = 12
EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""A transparent pixel, where there is no picture to show."""


def draw(uploads: Sequence[classify_input.Upload], answers: Sequence[Any]) -> int:
    """The table of all answers; returns the row that the person chose, at first 0."""
    _counts(answers)
    frame = table(uploads, answers)
    hidden = [] if any(answer.error for answer in answers) else ["reason"]
    event = st.dataframe(
        frame.drop(columns=hidden),
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
        st.download_button(
            "Download as CSV",
            data=lambda: csv(answers),
            file_name="answers.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="classify-csv",
        )
    return event.selection.rows[0] if event.selection.rows else 0


def table(uploads: Sequence[classify_input.Upload], answers: Sequence[Any]) -> pd.DataFrame:
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


def said(answer: Any) -> str:
    """The answer in a word: a label, that it is unknown, or that there is none."""
    if answer.error:
        return "no answer"
    return "unknown" if answer.unknown else answer.label


def csv(answers: Sequence[Any]) -> bytes:
    """The answers as CSV: path, label, probability, one column a class, error."""
    rows = [
        {"path": a.path, "label": None if a.error else a.label, "probability": a.probability}
        | {f"p({name})": share for name, share in (a.probabilities or {}).items()}
        | {"error": a.error}
        for a in answers
    ]
    frame = pd.DataFrame(rows)
    last = frame.pop("error")
    return frame.assign(error=last).to_csv(index=False).encode()


def _counts(answers: Sequence[Any]) -> None:
    counts = Counter(said(answer) for answer in answers)
    refused = counts.pop("no answer", 0)
    badges = [
        f":primary-badge[{words.plain(label)} · {n:,}]" for label, n in counts.most_common(MOST_COUNTED)
    ]
    badges += [f":red-badge[no answer · {refused:,}]"] if refused else []
    st.markdown(" ".join(badges))


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
