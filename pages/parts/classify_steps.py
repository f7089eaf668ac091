"""The lesson's path in numbers: image tensor, features, logits, softmax, and what the rule makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import errors, runs
from core.inference import steps
from core.metrics import decisions
from pages.parts import caches, classify_inside, classify_model, problems
from pages.parts import finetune_words as words


def draw(run: runs.Run, one: classify_model.Picked, *, why: str, mirrored: bool) -> None:
    """From the image to the answer, step by step; `why` says what decides beyond the likeliest class."""
    image = caches.stamp(*([one.file] if one.file else []))
    try:
        inside = _inside(run.id, classify_model.stamp(run), image, one.file)
    except errors.FieldguideError as error:
        problems.show(error)
        return
    temperature = decisions.load(run).temperature
    answer = one.answer
    found, classes = steps.softmax(answer.logits, temperature), list(answer.probabilities)
    classify_inside.tensor(inside)
    classify_inside.features(inside, words.backbone(run.config()["backbone"]))
    st.markdown(
        f"**3 · {len(classes)} logits.** The last layer weighs the features into one score *z* for each "
        "class" + (", here the mean of the image and its mirror image" if mirrored else "") + ". "
        "Softmax makes probabilities of them, which add up to 1:"
    )
    st.dataframe(_table(classes, found), hide_index=True, column_config=_columns(found))
    st.latex(_formula(classes, found))
    if temperature != 1:
        st.caption(
            f"The scores are divided by {temperature:.3g} first: the temperature that makes this run's "
            "probabilities honest, fitted on its validation images."
        )
    said = "I don't know" if answer.unknown else words.plain(answer.label)
    plain = why or "The likeliest class is the answer."
    st.markdown(f"**4 · The answer: {said}.** {plain}")


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


@st.cache_resource(max_entries=8, show_spinner="Following the image …")
def _inside(run_id: str, key: caches.Stamp, image: caches.Stamp, _file: Path) -> Any:
    from core.inference import inside

    return inside.look(classify_model.predictor(runs.load(run_id)), _file)
