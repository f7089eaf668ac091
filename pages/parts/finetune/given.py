"""What a run was given, in words, and the log of its worker."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import runs
from core.training import jobs, naming
from pages.parts import words


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
    """The settings that had an effect, in two columns."""
    return pd.DataFrame(naming.given(config), columns=["Setting", "Value"])
