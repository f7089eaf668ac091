"""Judging the run on the images of another dataset: asked for here, answered by a process of its own."""

from __future__ import annotations

import streamlit as st

from core import asked, runs
from core.data import datasets
from core.metrics import evaluations
from core.words import moment
from pages.parts import caches, nav, words

POLL_SECONDS = 1.0


def choose(run: runs.Run) -> str | None:
    """The dataset whose images are judged; None while there are no answers for it."""
    mine = run.config()["dataset"]
    names = sorted(datasets.names(), key=lambda name: (name == mine, name))
    done = evaluations.names(run)
    names += [name for name in done if name not in names]  # the dataset is gone, its answers are not
    with st.container(border=True, key="metrics-other-images"):
        if not names:
            st.markdown("There is no dataset to judge the run on. Bring labelled images first.")
            return None
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        name = left.selectbox("Images of the dataset", names, key="metrics-other-dataset")
        work = evaluations.work(run, name)
        working = work.state()["state"] == "working"
        with right:
            if datasets.exists(name) and not working:
                _ask(run, name, work, again=name in done)
        if working or work.state()["state"] == "failed":
            st.fragment(_follow, run_every=POLL_SECONDS if working else None)(work, working)
        if name not in done:
            if not working:
                _before(run, name, mine)
            return None
        _said(run, name)
    return name


def _ask(run: runs.Run, name: str, work: asked.Work, *, again: bool) -> None:
    label = "Judge again" if again else "Judge on these images"
    kind = "secondary" if again else "primary"
    if st.button(label, key="metrics-other-ask", type=kind, icon=":material/play_arrow:", width="stretch"):
        work.ask()
        st.rerun()


def _follow(work: asked.Work, was_working: bool) -> None:
    said = work.state()
    if (said["state"] == "working") != was_working:
        st.rerun()
    if said["state"] == "failed":
        st.error(words.plain(said["message"]), icon=":material/error:")
    else:
        share = said["done"] / said["total"] if said["total"] else 0.0
        far = f" {said['done']:,} of {said['total']:,}" if said["total"] else ""
        st.progress(share, text=f"{said['message']}{far} …")


def _before(run: runs.Run, name: str, mine: str) -> None:
    """What to know before asking: which classes count, and whether the test would be opened."""
    table = caches.dataset(name).table
    known = table["label"].isin(run.classes())
    st.caption(
        f"{known.sum():,} of its {len(table):,} images are of the run's classes. Every image is answered by "
        "the run, in a process of its own; the figures then appear here, like those of validation."
    )
    manifest = run.manifest()
    sealed = set(manifest.loc[manifest["subset"] == "test", "sha256"])
    count = int(table["sha256"].isin(sealed).sum())
    if count:
        st.warning(
            f"{count:,} of these images are of the run's sealed test subset: judging them counts as an "
            "opening.",
            icon=":material/lock:",
        )
    if name == mine:
        st.caption("This is the dataset that the run was trained on. Other images say more.")
        nav.link("dataset", "Bring other images")


def _said(run: runs.Run, name: str) -> None:
    found = evaluations.record(run, name)
    when = moment(found["when"])
    st.caption(f"Answered {when}: {found['n_images']:,} images of the run's classes.")
    for line in evaluations.warnings(found):
        st.markdown(f":orange[:material/warning:] {words.plain(line)}")
    if not evaluations.is_current(run, name):
        st.markdown(":orange[:material/update:] The run's model has changed since. Judge again.")
    elif datasets.exists(name) and not datasets.still(
        name, found["dataset_version"], found.get("dataset_content", "")
    ):
        st.markdown(":orange[:material/update:] The dataset has changed since. Judge again.")
