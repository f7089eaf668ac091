"""Where the model is weaker: by size, brightness, folder, and every column that came with the images."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data import datasets
from core.metrics import slices, views
from core.metrics import words as figures_in_words
from pages.parts import caches, percents, words
from pages.parts.metrics import data, judgement


def draw(judged: judgement.Judged) -> None:
    """Every slice, those that really differ first."""
    name = data.dataset(judged)
    if name is None:
        st.caption("The dataset is gone, and with it what is known of its images.")
        return
    found = _table(judged, caches.dataset(name))
    if found.empty:
        st.info("These images vary in nothing that is known of them, or are too few to slice.")
        return
    really = found[found["differs"]]
    for row in really.head(5).to_dict("records"):
        worse = row["expected"] is not None and row["accuracy"] < row["expected"]
        colour, word = ("red", "weaker") if worse else ("green", "stronger")
        st.markdown(
            f":{colour}[**{word}**] where {words.plain(row['by'])} is {words.plain(row['slice'])}: "
            f"{figures_in_words.percent(row['accuracy'])} right, "
            f"{figures_in_words.percent(row['expected'])} expected of these classes"
        )
    if really.empty:
        st.markdown(f"Of {len(found)} slices **none really differs**, given the classes in each.")
    _show(found)
    st.caption(
        "*Expected right* is what the slice's classes score on the other images. *Really differs*: tested "
        "within classes, and between groups where images belong together; corrected for looking at many "
        "slices (Holm): false alarms in about 5 of 100 such tables."
    )


def _table(judged: judgement.Judged, dataset: datasets.Dataset) -> pd.DataFrame:
    stamp = data.stamp(judged.run, judged.subset)
    key = (judged.run.id, judged.subset, judged.rule.key, dataset.name, dataset.version, stamp)
    return _computed(key, judged, dataset)


@st.cache_data(max_entries=16, show_spinner="Looking at every slice …")
def _computed(key: tuple, _judged: judgement.Judged, _dataset: datasets.Dataset) -> pd.DataFrame:
    table = _dataset.table.set_index("path", drop=False)
    predictions = data.predictions(_judged.run, _judged.subset)
    groups = data.groups(_judged.run, _judged.subset)
    answers = _judged.rule.answer(predictions.logits)
    return slices.table(predictions, slices.features(table), groups=groups, answers=answers)


def _show(found: pd.DataFrame) -> None:
    pairs = zip(found["low"], found["high"], strict=True)
    shown = found.assign(between=[views.between(list(pair)) for pair in pairs])
    shown = percents.scaled(shown, ("accuracy", "expected"))
    st.dataframe(
        shown[["by", "slice", "images", "accuracy", "between", "expected", "p_adjusted", "differs"]],
        hide_index=True,
        width="stretch",
        key="metrics-slices",
        column_config={
            "by": st.column_config.TextColumn("What varies"),
            "slice": st.column_config.TextColumn("Images where it is"),
            "images": st.column_config.NumberColumn("Images"),
            "accuracy": percents.bar("Right"),
            "between": st.column_config.TextColumn(
                "95 %", help="The share that is right lies in here, 95 times in 100."
            ),
            "expected": percents.column(
                "Expected right", help="What the same classes score on the other images."
            ),
            "p_adjusted": st.column_config.NumberColumn(
                "p, by luck",
                format="%.3f",
                help="How often luck alone would make a slice differ so much (p, corrected for looking at "
                "many slices by Holm).",
            ),
            "differs": st.column_config.CheckboxColumn("Really differs"),
        },
    )
