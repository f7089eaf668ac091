"""What a run was given, in words, and the log of its worker."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import runs
from core.training import jobs
from pages.parts import finetune_fields as fields
from pages.parts import finetune_words as words

OFF = {"weights": (None,), "views": (None, 1)}
"""Values that mean that nothing was done; of the other settings these are None, "off" and "none"."""


def draw(run: runs.Run, config: dict[str, Any], status: dict[str, Any]) -> None:
    """The log, open where the run failed, and the settings that had an effect."""
    log = jobs.log_of(run)
    if log:
        with st.expander("Log", icon=":material/terminal:", expanded=status["state"] == "failed"):
            st.code(log, language=None, height=240, wrap_lines=True)
    with st.expander("What this run was given", icon=":material/receipt_long:"):
        record = status.get("weights")
        if record:
            st.markdown(f"It started from {words.plain(record['origin'])}.")
        st.dataframe(table(config), hide_index=True, height="content")


def table(config: dict[str, Any]) -> pd.DataFrame:
    """The settings that had an effect, in two columns, in the order of the form; what was off is left out."""
    rows = [
        (fields.TITLES[field], said(field, config[field]))
        for field in fields.in_effect(config["mode"], views=config.get("views") or 1)
        if config.get(field) not in OFF.get(field, (None, "off", "none"))
    ]
    more = [("Dataset", config["dataset"]), ("Split", config["split"])]
    return pd.DataFrame([*more, *rows], columns=["Setting", "Value"])


def said(field: str, value: Any) -> str:
    """A setting's value as the form calls it."""
    if field == "backbone":
        return words.backbone(value)
    if field == "weights":
        return words.weights(None, value)
    if isinstance(value, float):
        return f"{value:g}"
    return fields.CHOICES.get(str(value), str(value))
