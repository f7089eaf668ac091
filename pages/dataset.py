"""Dataset: bring images, look at them, see what is wrong with them, put it right."""

import streamlit as st

from pages.parts import caches, explain, state
from pages.parts.dataset import bring, browse, check, corrections, manage, overview, views

VIEWS = {
    "Overview": overview.draw,
    "Images": browse.draw,
    "Check": check.draw,
    "Corrections": corrections.draw,
    "Set aside": overview.set_aside,
    "Bring more": bring.draw,
    "Manage": manage.draw,
}

explain.header("dataset")
chosen = state.current()
if chosen.dataset is None:
    bring.draw()
    st.stop()

dataset = caches.dataset(chosen.dataset)
views.take_over()
overview.headline(dataset)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Overview",
    key=views.KEY,
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view or "Overview"](dataset)
