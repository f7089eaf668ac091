"""The headline metric: proposed from the classes and from which mistake is worse, chosen by the person."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import runs
from core.metrics import adviser

_KEY = "metrics-headline"
_WORSE = {"equal": "None: all the same", "miss": "Missing a class", "false alarm": "A false alarm of a class"}


def choose(run: runs.Run, figures: dict[str, Any]) -> str:
    """The metric by which this run is judged first; what the adviser proposes until the person chooses."""
    options = adviser.choices(figures["classes"])
    key = f"{_KEY}-{run.config().get('dataset')}"
    counts = {label: one["support"] for label, one in figures["per_class"].items()}
    if st.session_state.get(key) not in options:
        st.session_state[key] = adviser.advise(counts).metric
    st.selectbox("Headline metric", options, key=key, format_func=adviser.title, persist_state="session")
    with st.popover("Help me choose", icon=":material/balance:", type="tertiary"):
        _advice(key, counts)
    return st.session_state[key]


def _advice(key: str, counts: dict[str, int]) -> None:
    """Which mistake is worse? The answer proposes a metric, with its reason."""
    worse = st.radio("Which mistake is worse?", list(_WORSE), format_func=_WORSE.get, key="metrics-worse")
    label = None
    if worse != "equal":
        label = st.selectbox("Of which class?", list(counts), key="metrics-worse-class")
    advice = adviser.advise(counts, worse=worse, label=label)
    st.markdown(f"**{adviser.title(advice.metric)}**")
    st.caption(advice.reason)
    st.button(
        "Judge by this",
        key="metrics-take-advice",
        type="primary",
        on_click=st.session_state.__setitem__,
        args=(key, advice.metric),
    )
