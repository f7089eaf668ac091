"""Which images the run is judged on; the sealed test by a deliberate act, and each look counts."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.metrics import decisions, evaluations, openings
from core.words import moment
from pages.parts.metrics import other

SUBSETS = {"validation": "Validation", "test": "Test", "other": "Other images"}
_OPEN = "metrics-opened"
_HELP = (
    "Validation images chose the best epoch. Test images were never used for anything: look once, at the "
    "end. Other images are those of another dataset."
)


def subset(run: runs.Run) -> str:
    """Which images the person wants to see; validation until they ask for more. The lock says how the test
    result of `run` stands in this session.
    """
    lock = "lock_open" if is_open(run) else "lock"
    return st.segmented_control(
        "Judged on",
        list(SUBSETS),
        format_func=lambda one: f":material/{lock}: {SUBSETS[one]}" if one == "test" else SUBSETS[one],
        default="validation",
        required=True,
        key="metrics-subset",
        persist_state="session",
        help=_HELP,
    )


def opened(run: runs.Run, asked: str) -> str | None:
    """The subset to show for what was asked; None where there is nothing to show yet, which is then said."""
    if asked == "other":
        name = other.choose(run)
        return evaluations.subset(name) if name and _may_see(run, name) else None
    return asked if asked != "test" or _test(run) else None


def _test(run: runs.Run) -> bool:
    """Whether this session has opened the test result of `run` under its rule; if not, offer to."""
    run.predictions("test")  # a run without test images has nothing to open: this says so
    if is_open(run):
        looks = openings.under_rule(run)
        last = f" Last {moment(looks[-1]['when'])}, under: {looks[-1]['words']}." if looks else ""
        st.caption(f":material/lock_open: {openings.said(run)}{last}")
        return True
    _sealed(run)
    return False


def _may_see(run: runs.Run, name: str) -> bool:
    """Whether a judgement of other images may be shown: one that holds test images is an opening under the
    rule it was made under, and under every other that is looked at later."""
    if not evaluations.record(run, name)["n_known"].get("test") or openings.under_rule(run) or is_open(run):
        return True
    _sealed(run)
    return False


def _sealed(run: runs.Run) -> None:
    """What an opening means, and the button."""
    with st.container(border=True, key="metrics-seal"):
        st.subheader("The test result is sealed", anchor=False, icon=":material/lock:")
        st.markdown(
            "A test grades honestly only as long as nothing was chosen with its help. Make every choice on "
            "the validation images: the run, the threshold, the costs. Then open this, once."
        )
        st.caption(
            f"{openings.said(run)} Each opening is recorded with the run and its decision rule, and shown "
            "beside the figures; another rule is another result, and another opening."
        )
        st.button(
            "Open the test result",
            key="metrics-open",
            type="primary",
            icon=":material/lock_open:",
            on_click=_open,
            args=(run,),
        )


def _open(run: runs.Run) -> None:
    if is_open(run):
        return  # a second click that came before the page had turned
    openings.record(run, via="page")
    st.session_state[_OPEN] = {*st.session_state.get(_OPEN, ()), _key(run)}


def is_open(run: runs.Run) -> bool:
    """Whether this session has opened the test result of `run` under the rule in force."""
    return _key(run) in st.session_state.get(_OPEN, ())


def _key(run: runs.Run) -> tuple[str, str]:
    return run.id, decisions.load(run).key
