"""The lesson's path in numbers: image tensor, features, logits, softmax."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import runs
from core.inference import steps
from core.model import catalog
from pages.parts import words


def draw(run: runs.Run, answer: Any, *, temperature: float) -> None:
    """From the image to the answer, step by step, with the numbers of this image."""
    st.markdown(_path(run, len(answer.probabilities)))
    scores(list(answer.probabilities), answer.logits, temperature=temperature)


def scores(classes: list[str], logits: list[float], *, temperature: float) -> None:
    """From scores to probabilities: every number in a table, and the likeliest class's as a formula."""
    found = steps.softmax(logits, temperature)
    st.dataframe(_table(classes, found), hide_index=True, column_config=_columns(found))
    st.latex(_formula(classes, found))
    if temperature != 1:
        st.caption(
            f"The scores are divided by {temperature:.3g} first: the temperature that makes this run's "
            "probabilities honest, fitted on its validation images."
        )


def _path(run: runs.Run, n_classes: int) -> str:
    config = run.config()
    size = config.get("image_size") or "…"
    info = catalog.BACKBONES.get(config["backbone"])
    n_features = f"{info.n_features:,}" if info else "…"
    return (
        f"The image becomes a tensor of shape `(3, {size}, {size})`. {words.backbone(config['backbone'])} "
        f"turns it into **{n_features} features**, and the last layer into **{n_classes} logits** *z*, one "
        "for each class. Softmax makes probabilities of them:"
    )


def _formula(classes: list[str], found: steps.Softmax) -> str:
    """The likeliest class's probability as a fraction, in LaTeX."""
    place = found.probabilities.index(max(found.probabilities))
    power = "z" if found.temperature == 1 else f"z / {found.temperature:.3g}"
    top, total = found.exponentials[place], rf"\sum e^{{{power}}}"
    share = found.probabilities[place]
    return (
        rf"p(\text{{{_tex(classes[place])}}}) = \frac{{e^{{{power}}}}}{{{total}}}"
        rf" = \frac{{{top:.4g}}}{{{found.total:.4g}}} = {share:.4f}"
    )


def _table(classes: list[str], found: steps.Softmax) -> pd.DataFrame:
    columns = {"class": classes, "logit": found.logits}
    if found.temperature != 1:
        columns["scaled"] = found.scaled
    columns |= {"exponential": found.exponentials, "probability": found.probabilities}
    return pd.DataFrame(columns).sort_values("logit", ascending=False)


def _columns(found: steps.Softmax) -> dict[str, Any]:
    scaled = "z" if found.temperature == 1 else "z / T"
    return {
        "class": st.column_config.TextColumn("Class"),
        "logit": st.column_config.NumberColumn("Logit z", format="%.3f"),
        "scaled": st.column_config.NumberColumn(f"z / T, T = {found.temperature:.3g}", format="%.3f"),
        "exponential": st.column_config.NumberColumn(f"e^({scaled})", format="%.4g"),
        "probability": st.column_config.NumberColumn(f"÷ {found.total:.4g} = probability", format="%.4f"),
    }


def _tex(text: str) -> str:
    """A class name inside a formula."""
    return "".join(char if char.isalnum() or char in " .-" else " " for char in text)
