"""Two runs on the images that both judged: is one really better, and where do they part?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import errors, runs
from core.metrics import adviser, comparison, scores, verdict
from core.metrics.report import cells, facts
from core.training import jobs, naming
from pages.parts import caches, nav, run_picker, words
from pages.parts.finetune import manage
from pages.parts.metrics import flips, judgement
from pages.parts.metrics.verdict import LOOK


def draw(run: runs.Run, metric: str) -> None:
    """This run against another, on validation; at first by the headline `metric`."""
    others = _others(run)
    if not others:
        _alone(run)
        return
    by_id = {one.id: one for one in others}
    left, right = st.columns([3, 1])
    other = left.selectbox(
        "Compare with",
        list(by_id),
        format_func=run_picker.labels(others).get,
        key="metrics-other",
    )
    kinds = list(scores.OF_TALLY)
    first = kinds.index(metric) if metric in kinds else 0
    metric = right.selectbox("By", kinds, first, format_func=adviser.title, key="metrics-compare-by")
    try:
        found = _compared(other, run.id, metric, caches.stamp(*(_file(one) for one in (run, by_id[other]))))
    except errors.MetricsError as error:  # no image in common
        st.info(words.plain(str(error)), icon=":material/compare_arrows:")
        return
    tone = verdict.against_other(found, words.title(by_id[other]))
    colour, icon = LOOK[tone.tone]
    st.markdown(f":{colour}[{icon}] **{words.plain(tone.text)}**")
    _figures(found)
    if rows := _different(run, by_id[other], found["configuration"]):
        st.markdown("**What was different**")
        st.dataframe(rows, hide_index=True, width="stretch", height="content", key="metrics-diff")
    flips.draw(judgement.as_most_probable(run), found)


def _others(run: runs.Run) -> list[runs.Run]:
    """The other runs with results that learned the same dataset, whatever it was called then."""
    mine = _dataset(run)
    return [one for one in run_picker.finished() if one.id != run.id and _dataset(one) == mine]


def _dataset(run: runs.Run) -> str:
    return run.dataset() or run.config()["dataset"]


def _alone(run: runs.Run) -> None:
    """What to do where there is nothing to compare with."""
    with st.container(border=True, key="metrics-alone"):
        st.markdown("#### :material/compare_arrows: Train a second run to compare this one with")
        st.markdown(
            f"This is the only run of **{words.plain(_dataset(run))}** with results. Train another on the "
            "same split, with one thing changed: another model, more epochs, larger images. Then this view "
            "says whether it is really better, and on which images the two part."
        )
        if st.button(
            "Duplicate with changes", key="metrics-again", type="primary", icon=":material/content_copy:"
        ):
            manage.prefill(jobs.again(run.id))
            nav.go("finetune")


def _different(run: runs.Run, other: runs.Run, changed: dict[str, list[Any]]) -> list[dict[str, str]]:
    """The settings that differ and had an effect in one of the two, named as in the form."""
    known = ["dataset", "dataset_version", "split", "mode", "start_from"]
    for config in (one.config() for one in (run, other)):
        known += naming.in_effect(config["mode"], views=config.get("views") or 1)
    return [
        {
            "Setting": naming.title(field),
            "The other": facts.plain(naming.said(field, changed[field][0])),
            "This run": facts.plain(naming.said(field, changed[field][1])),
        }
        for field in dict.fromkeys(known)
        if field in changed
    ]


def _file(run: runs.Run) -> Any:
    return run.folder / "predictions.parquet"


@st.cache_data(max_entries=32, show_spinner="Comparing …")
def _compared(first: str, second: str, metric: str, key: caches.Stamp) -> dict[str, Any]:
    return comparison.compare(runs.load(first), runs.load(second), metric=metric)


def _figures(found: dict[str, Any]) -> None:
    metric, (before, after) = found["metric"], found["values"]
    with st.grid(4, min_column_width=150):
        st.metric("This run", cells.number(metric, after), border=True, height="stretch")
        st.metric("The other", cells.number(metric, before), border=True, height="stretch")
        st.metric(
            "Difference",
            verdict.signed(metric, found["difference"]),
            f"95 %: {verdict.span(metric, found['interval'])}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        grouped = found["n_groups"] is not None
        st.metric(
            "p (sign flips by group)" if grouped else "p (McNemar)",
            f"{found['p_value']:.3g}",
            border=True,
            height="stretch",
            help="How often runs that are right equally often would part at least this unevenly"
            + (", group by group." if grouped else "."),
        )
    st.caption(
        f"On the {found['n_common']:,} validation images that both runs judged, each answering with its most "
        "probable class: this compares the models, not their decision rules."
    )
