"""Which dataset, split and run this person is working on: chosen in one place, shared by every page.

The choice lives in the session and in the address (`?dataset=…&split=…&run=…`), so that a reload, a shared
link and the browser's back button all lead to the same view. Pages read `current()`; they change it with
`choose()` (in a callback, or followed by `st.rerun()`) or `nav.go()`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import streamlit as st

from core import errors, runs
from core.data import datasets, identity
from core.split import store as splits

_CHOICE = "fieldguide-choice"  # dict of the three names, as the person left them
_ADDRESS = "fieldguide-address"  # what we last wrote into the address
_MISSING = "fieldguide-missing"  # the run that an address named and that is not here


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The names worked on; None where there is nothing to choose."""

    dataset: str | None = None
    split: str | None = None
    run: str | None = None


def current() -> Chosen:
    """What is chosen in this session; call `sync` once per script run before (the router does)."""
    return Chosen(**st.session_state.get(_CHOICE, {}))


def choose(*, dataset: str | None = None, split: str | None = None, run: str | None = None) -> None:
    """Choose by name. Another dataset lets go of the old split and run; a run brings its own along.

    Raises:
        NotFoundError: there is no such run.
    """
    chosen = asdict(current())
    if run:
        loaded = runs.load(run)
        config = loaded.config()
        dataset_now = loaded.dataset() or config.get("dataset")
        chosen = {"dataset": dataset_now, "split": config.get("split"), "run": run}
    if dataset and dataset != chosen["dataset"]:
        chosen = {"dataset": dataset, "split": None, "run": None}
    if split:
        chosen["split"] = split
    st.session_state[_CHOICE] = chosen


def forget() -> None:
    """Choose nothing, after a deletion or renaming; `sync` then falls back on what there is."""
    st.session_state[_CHOICE] = {}


def forget_split() -> None:
    """Let go of the split only, after it was deleted."""
    st.session_state[_CHOICE] = asdict(current()) | {"split": None}


def as_query() -> dict[str, str]:
    """The choice as query parameters, without the empty ones."""
    return {kind: name for kind, name in asdict(current()).items() if name}


def sync() -> Chosen:
    """Bring address, session and workspace together at the start of a script run; returns what is chosen.

    An address that changed under us (a link, the back button) wins; names that are gone are replaced by what
    exists: the newest run's dataset, that dataset's newest split and run.
    """
    asked = {kind: st.query_params[kind] for kind in ("dataset", "split", "run") if st.query_params.get(kind)}
    if asked and asked != st.session_state.get(_ADDRESS):
        _adopt(asked)
    _repair()
    st.session_state[_ADDRESS] = as_query()
    _write_address()
    return current()


def say_missing() -> None:
    """Say once that the address named a run that is gone, before anything is shown in its place."""
    run_id = st.session_state.pop(_MISSING, None)
    if run_id:
        shown = "The newest one is shown instead." if current().run else "There are no other runs."
        st.warning(
            f"The link names a run that is not here (any more): `{run_id}`. {shown}",
            icon=":material/link_off:",
        )


def _write_address() -> None:
    """Set our three parameters one by one: others may belong to widgets, which alone may set them."""
    for kind, name in asdict(current()).items():
        if name and st.query_params.get(kind) != name:
            st.query_params[kind] = name
        elif not name and kind in st.query_params:
            del st.query_params[kind]


def _adopt(asked: dict[str, str]) -> None:
    """Take the choice over from the address; a run that is gone leaves the rest of the address standing."""
    try:
        choose(dataset=asked.get("dataset"), split=asked.get("split"))
        choose(run=asked.get("run"))
    except errors.FieldguideError:
        st.session_state[_MISSING] = asked["run"]


def _repair() -> None:
    """Replace names that no longer exist, and fill the empty ones with the newest."""
    chosen = asdict(current())
    names = datasets.names()
    all_runs = runs.all_runs()
    if chosen["run"] not in {run.id for run in all_runs}:
        chosen["run"] = None
    if chosen["run"] and chosen["dataset"] not in names:  # renamed, or deleted: then there is none
        chosen["dataset"] = runs.load(chosen["run"]).dataset()
    elif chosen["dataset"] not in names:
        recent = [run.dataset() for run in all_runs[:1]]
        chosen["dataset"] = next((name for name in recent + names if name in names), None)
    mine = runs_of(chosen["dataset"], all_runs)
    if not chosen["run"]:
        chosen["run"] = next((run.id for run in mine), None)
    known = splits.names(chosen["dataset"]) if chosen["dataset"] else []
    if chosen["split"] not in known:
        newest = [run.config().get("split") for run in mine]
        chosen["split"] = next((name for name in newest + known if name in known), None)
    st.session_state[_CHOICE] = chosen


def runs_of(dataset: str | None, all_runs: list[runs.Run]) -> list[runs.Run]:
    """The runs of a dataset, under whatever name it was when they were made."""
    try:
        owner = identity.of(dataset or "")
    except errors.WorkspaceError:  # deleted, or damaged: its runs are known by its name alone
        return [run for run in all_runs if run.config().get("dataset") == dataset]
    return [run for run in all_runs if owner.owns(run.config())]
