"""The lesson's warning about accuracy, with numbers: a planted case of scans of which 1 % show a cancer."""

from __future__ import annotations

import streamlit as st

from core.metrics import planted
from core.metrics import words as figures_in_words


def draw() -> None:
    """A table of three ways to answer, and a slider for how bad a miss is."""
    with st.popover("Why costs? The lesson's 1 %", icon=":material/school:"):
        st.markdown(
            "“If only 1 % of your CT images would be expected to have cancer present, a model that never "
            "predicts cancer will be 99 % accurate but have no predictive power.” Below are 10,000 planted "
            "scans, 100 with a cancer, and the best probabilities anyone could have. Only the rule differs."
        )
        times = st.select_slider(
            "A missed cancer is so many times worse than a false alarm",
            [1, 10, 100, 1000],
            100,
            key="metrics-planted",
        )
        rules = ("Never says cancer", "Most probable class", "Least expected cost")
        rows = [
            {
                "Rule": rule,
                "Accuracy": figures_in_words.percent(told.accuracy),
                "Found of 100": told.found,
                "False alarms": told.false_alarms,
                "Costs": f"{told.cost:,.0f}",
            }
            for rule, told in zip(rules, _told(times), strict=True)
        ]
        st.dataframe(rows, hide_index=True, width="stretch", height="content", key="metrics-planted-table")


@st.cache_data(max_entries=8, show_spinner=False)
def _told(times: float) -> tuple[planted.Told, ...]:
    return planted.tell(times)
