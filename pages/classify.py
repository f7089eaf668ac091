"""Classify: upload -> answer, with its reasons."""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    classify_answer,
    classify_how,
    classify_input,
    classify_model,
    classify_retrain,
    classify_server,
    classify_table,
    classify_take,
    explain,
    run_picker,
)
from pages.parts import finetune_words as words


def page() -> None:
    """Choose a run, bring images, read the answers."""
    explain.header("classify")
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        run = run_picker.pick(purpose="then its model can answer for new images", key="classify-run")
    if run is None:
        return
    with right:
        mirrored = classify_how.draw(run)
    way, tray, card = classify_input.draw()
    if way == "server":
        shown = classify_server.draw(run, card, mirrored=mirrored)
    else:
        shown = classify_model.answered_tray(run, tray, mirrored=mirrored) if tray.items else None
        if shown is None:
            st.caption(
                f"The model of this run knows {words.some(run.classes())}. "
                "What you bring is kept until you leave this page's tab, and then removed."
            )
    if shown is not None and shown.count:
        if shown.count == 1:
            classify_answer.draw(run, shown, [0])
        else:
            classify_answer.draw(run, shown, classify_table.draw(run, shown))
    classify_retrain.draw(run)
    classify_take.draw(run)


page()
