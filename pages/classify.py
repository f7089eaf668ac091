"""Classify: upload -> answer, with its reasons."""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    classify_answer,
    classify_input,
    classify_model,
    classify_server,
    classify_table,
    classify_take,
    classify_unknown,
    explain,
    run_picker,
)
from pages.parts import finetune_words as words


def page() -> None:
    """Choose a run, bring images, read the answers."""
    explain.header("classify")
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        run = run_picker.pick(purpose="then its model can answer for new images", key="classify-run")
    if run is None:
        return
    with right:
        share = classify_unknown.share()
    way, uploads = classify_input.draw()
    if way == "server":
        classify_server.draw(run, share=share)
    elif uploads:
        answers = classify_model.answers(run, uploads, share=share)
        row = classify_table.draw(run, uploads, answers) if len(uploads) > 1 else 0
        if row is not None:
            classify_answer.draw(run, uploads[row], answers[row])
    else:
        st.caption(f"The model of this run knows {words.some(run.classes())}. Uploads are not kept.")
    classify_take.draw(run)


page()
