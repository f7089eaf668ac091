"""Split: who trains, who judges, and how sure the judgement can be."""

import streamlit as st

from pages.parts import caches, empty, explain, state
from pages.parts.split import form, shown, views

explain.header("split")
chosen = state.current()
if chosen.dataset is None:
    empty.draw("There are no images to divide yet.", "dataset", "Bring images")
    st.stop()

dataset = caches.dataset(chosen.dataset)
if chosen.split is None:
    form.draw(dataset)
    st.stop()

views.take_over(chosen.split)
view = st.segmented_control(
    "View",
    [views.THIS, views.NEW],
    required=True,
    key=views.KEY,
    label_visibility="collapsed",
)
if view == views.NEW:
    form.draw(dataset)
else:
    shown.saved(caches.split(chosen.split))
