"""Where the model is weaker: by size, brightness, folder, and every column that came with the images."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import runs
from core.data import datasets
from core.metrics import slices
from core.metrics import words as figures_in_words
from pages.parts import caches, metrics_data
from pages.parts import finetune_words as words


def draw(run: runs.Run, subset: str) -> None:
    """Every slice, those that really differ first."""
    name = run.dataset()
    if name is None:
        st.caption(f"The dataset {run.config()['dataset']} is gone, and with it what is known of its images.")
        return
    dataset = caches.dataset(name)
    found = _table(run, subset, dataset)
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
        "*Expected* is what the slice's classes score on the other images. *Really differs*: tested within "
        "classes, and between groups where images belong together; corrected for looking at many slices "
        "(Holm): false alarms in about 5 of 100 such tables."
    )


def _table(run: runs.Run, subset: str, dataset: datasets.Dataset) -> pd.DataFrame:
    key = (dataset.name, dataset.version, caches.stamp(run.folder / "predictions.parquet"))
    return _computed(run.id, subset, key, dataset)


@st.cache_data(max_entries=16, show_spinner="Looking at every slice …")
def _computed(run_id: str, subset: str, key: tuple, _dataset: datasets.Dataset) -> pd.DataFrame:
    table = _dataset.table.set_index("path", drop=False)
    run = runs.load(run_id)
    groups = metrics_data.groups(run, subset)
    return slices.table(metrics_data.predictions(run, subset), slices.features(table), groups=groups)


def _show(found: pd.DataFrame) -> None:
    share = st.column_config.NumberColumn
    st.dataframe(
        found[["by", "slice", "images", "accuracy", "low", "high", "expected", "p_adjusted", "differs"]],
        hide_index=True,
        width="stretch",
        key="metrics-slices",
        column_config={
            "by": st.column_config.TextColumn("By"),
            "slice": st.column_config.TextColumn("Slice"),
            "images": st.column_config.NumberColumn("Images"),
            "accuracy": st.column_config.ProgressColumn(
                "Accuracy", format="percent", min_value=0, max_value=1
            ),
            "low": share("95 % from", format="percent"),
            "high": share("to", format="percent"),
            "expected": share("Expected", format="percent"),
            "p_adjusted": share("p, corrected", format="%.3f"),
            "differs": st.column_config.CheckboxColumn("Really differs"),
        },
    )
