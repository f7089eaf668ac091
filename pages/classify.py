"""Classify: upload -> answer, with its reasons."""

from __future__ import annotations

import streamlit as st

from pages.parts import explain, run_picker, words
from pages.parts.classify import answer, how, input, model, retrain, server, table, take


def page() -> None:
    """Choose a run, bring images, read the answers."""
    explain.header("classify")
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        run = run_picker.pick(purpose="then its model can answer for new images", key="classify-run")
    if run is None:
        return
    with right:
        mirrored = how.draw(run)
    way, tray, card = input.draw()
    if way == "server":
        shown = server.draw(run, card, mirrored=mirrored)
    else:
        shown = model.answered_tray(run, tray, mirrored=mirrored) if tray.items else None
        if shown is None:
            st.caption(
                f"The model of this run knows {words.some(run.classes())}. "
                "What you bring is kept until you leave this page's tab, and then removed."
            )
    if shown is not None and shown.count:
        if shown.count == 1:
            answer.draw(run, shown, [0])
        else:
            answer.draw(run, shown, table.draw(run, shown))
    retrain.draw(run)
    take.draw(run)


page()
