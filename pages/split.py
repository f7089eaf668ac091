"""Split: who trains, who judges, and how sure the judgement can be."""

import streamlit as st

from pages.parts import caches, empty, explain, split_form, split_view, split_views, state

explain.header("split")
chosen = state.current()
if chosen.dataset is None:
    empty.draw("There are no images to divide yet.", "dataset", "Bring images")
    st.stop()

dataset = caches.dataset(chosen.dataset)
if chosen.split is None:
    split_form.draw(dataset)
    st.stop()

split_views.take_over(chosen.split)
view = st.segmented_control(
    "View",
    [split_views.THIS, split_views.NEW],
    required=True,
    key=split_views.KEY,
    label_visibility="collapsed",
)
if view == split_views.NEW:
    split_form.draw(dataset)
else:
    split_view.saved(caches.split(chosen.split))
