"""The sealed test set: looked at by a deliberate act, and each look is counted."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.metrics import openings

SUBSETS = {"validation": "Validation", "test": ":material/lock: Test"}
_OPEN = "metrics-opened"
_HELP = (
    "Validation images chose the best epoch. Test images were never used for anything: look once, at the end."
)


def subset() -> str:
    """Which subset the person wants to see; validation until they ask for more."""
    return st.segmented_control(
        "Judged on",
        list(SUBSETS),
        format_func=SUBSETS.get,
        default="validation",
        required=True,
        key="metrics-subset",
        persist_state="session",
        width="stretch",
        help=_HELP,
    )


def opened(run: runs.Run) -> bool:
    """Whether this session has opened the test result of `run`; if not, offer to."""
    run.predictions("test")  # a run without test images has nothing to open: this says so
    times = openings.count(run)
    if run.id in st.session_state.get(_OPEN, ()):
        st.caption(f":material/lock_open: The test result of this run has been opened {_times(times)}.")
        return True
    with st.container(border=True, key="metrics-seal"):
        st.subheader("The test result is sealed", anchor=False, icon=":material/lock:")
        st.markdown(
            "A test grades honestly only as long as nothing was chosen with its help. Make every choice on "
            "the validation images: the run, the threshold, the costs. Then open this, once."
        )
        so_far = f"It has been opened {_times(times)} so far." if times else "Nobody has opened it yet."
        st.caption(f"{so_far} Each opening is recorded with the run and shown beside the figures.")
        st.button(
            "Open the test result",
            key="metrics-open",
            type="primary",
            icon=":material/lock_open:",
            on_click=_open,
            args=(run,),
        )
    return False


def _open(run: runs.Run) -> None:
    openings.record(run, via="page")
    st.session_state[_OPEN] = {*st.session_state.get(_OPEN, ()), run.id}


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
