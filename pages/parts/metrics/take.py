"""To take away: the report, everything as JSON, the answers as a table."""

from __future__ import annotations

import json

import streamlit as st

from core.metrics import openings, record
from core.metrics.report import document
from core.words import moment
from pages.parts.metrics import data, judgement, seal


def draw(judged: judgement.Judged, metric: str) -> None:
    """Three downloads; each is made when it is asked for."""
    run, subset = judged.run, judged.subset
    known = seal.is_open(run)
    with st.container(border=True):
        st.markdown("**Report** :gray[· one HTML file with all charts; its first page prints as a summary]")
        with_test = st.checkbox(
            "With the test result",
            key="metrics-report-test",
            help="You have opened it already: this is not counted again."
            if known
            else "This opens the test result, and is counted as an opening.",
        )
        st.download_button(
            "Download the report",
            data=lambda: document.render(run, metric=metric, with_test=with_test, known=known).encode(),
            file_name=f"report-{run.id}.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
            key="metrics-report",
        )
    with st.container(border=True):
        st.markdown("**Everything as JSON** :gray[· settings, figures, openings, history, every answer]")
        st.download_button(
            "Download the JSON",
            data=lambda: json.dumps(record.everything(run), ensure_ascii=False, allow_nan=False),
            file_name=f"metrics-{run.id}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="metrics-json",
        )
    with st.container(border=True):
        st.markdown(
            "**Every answer on this page as a table** :gray[· path, truth, answer, probability, loss]"
        )
        st.download_button(
            "Download the CSV",
            data=lambda: data.answers(judged).to_csv(index=False),
            file_name=f"answers-{run.id}-{subset}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            key="metrics-csv",
        )
    looks = openings.history(run)
    if looks:
        st.markdown("**Openings of the test result**")
        rows = [
            {"When": moment(one["when"]), "Where": one["via"], "Under the rule": one["words"]}
            for one in looks
        ]
        st.dataframe(rows, hide_index=True, width="stretch", height="content", key="metrics-openings")
