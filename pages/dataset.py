"""Dataset: bring images, look at them, see what is wrong with them, put it right."""

import streamlit as st

from pages.parts import (
    caches,
    dataset_bring,
    dataset_check,
    dataset_edits,
    dataset_gallery,
    dataset_manage,
    dataset_overview,
    dataset_views,
    explain,
    state,
)

VIEWS = {
    "Overview": dataset_overview.draw,
    "Images": dataset_gallery.draw,
    "Check": dataset_check.draw,
    "Corrections": dataset_edits.draw,
    "Set aside": dataset_overview.set_aside,
    "Bring more": dataset_bring.draw,
    "Manage": dataset_manage.draw,
}

explain.header("dataset")
chosen = state.current()
if chosen.dataset is None:
    dataset_bring.draw()
    st.stop()

dataset = caches.dataset(chosen.dataset)
dataset_views.take_over()
dataset_overview.headline(dataset)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Overview",
    key=dataset_views.KEY,
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view or "Overview"](dataset)
