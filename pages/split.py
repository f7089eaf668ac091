"""Split: who trains, who judges, and how sure the judgement can be."""

import streamlit as st

from pages.parts import caches, empty, explain, split_form, split_view, state

explain.header("split")
chosen = state.current()
if chosen.dataset is None:
    empty.draw("There are no images to divide yet.", "dataset", "Bring images")
    st.stop()

dataset = caches.dataset(chosen.dataset)
st.session_state.setdefault("split-view", "This split")
if chosen.split is None:
    split_form.draw(dataset)
    st.stop()

if split_view.MADE in st.session_state:
    st.session_state["split-view"] = "This split"  # whatever was looked at while it was being made
view = st.segmented_control(
    "View", ["This split", "New split"], required=True, key="split-view", label_visibility="collapsed"
)
if view == "New split":
    split_form.draw(dataset)
else:
    split_view.saved(caches.split(chosen.split))
