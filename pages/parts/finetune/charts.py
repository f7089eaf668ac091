"""The curves of one run, drawn from its history."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.training import schedule
from pages.parts import charts, percents, states

History = list[dict[str, Any]]
POINTS = 120

_TRAINING, _VALIDATION = ("Training", 7, "dot"), ("Validation", 0, "solid")
_LINES = {
    "train_loss": _TRAINING,
    "train_accuracy": _TRAINING,
    "validation_loss": _VALIDATION,
    "validation_accuracy": _VALIDATION,
    "validation_macro_f1": ("Validation macro F1", 1, "solid"),
    "validation_balanced_accuracy": ("Validation balanced accuracy", 1, "solid"),
}
"""Title, place in the theme's colours, and dash: training always looks the same, and so does validation."""


def draw(
    history: History, *, best_epoch: int | None, metric: str = "macro_f1", key: str = "finetune"
) -> None:
    """Loss on the left, accuracy and the chosen metric on the right; one point per whole epoch."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss** :gray[· lower is better]")
        figure = curves(history, ["train_loss", "validation_loss"], best_epoch)
        charts.draw(figure, key=f"{key}-loss", alt=_alt("Loss", history, "validation_loss"))
    with right:
        st.markdown("**Accuracy** :gray[· higher is better]")
        names = ["train_accuracy", "validation_accuracy"]
        chosen = f"validation_{metric}"
        more = [chosen] if metric in ("macro_f1", "balanced_accuracy") and chosen in history[-1] else []
        figure = curves(history, [*names, *more], best_epoch, by=chosen)
        shares = [entry[name] for entry in history for name in (*names, *more) if entry.get(name) is not None]
        figure.update_yaxes(**percents.axis(min(shares, default=0.0) - 0.1, max(shares, default=1.0) + 0.1))
        charts.draw(figure, key=f"{key}-accuracy", alt=_alt("Accuracy", history, "validation_accuracy"))


def curves(history: History, names: list[str], best_epoch: int | None, *, by: str | None = None) -> go.Figure:
    """One line for each of `names`, and a ring at the best epoch on line `by` (by default the last one)."""
    figure = go.Figure()
    epochs = [entry["epoch"] for entry in history]
    colours = charts.palette()
    for name in names:
        title, place, dash = _LINES[name]
        figure.add_scatter(
            x=epochs,
            y=[entry.get(name) for entry in history],
            name=title,
            mode="lines+markers",
            line={"dash": dash, "width": 2.25, "color": colours[place % len(colours)]},
            marker={"size": 5},
            hovertemplate="%{y:.3f}",
        )
    marked = by if by in names else names[-1]
    if best_epoch in epochs:
        figure.add_scatter(
            x=[best_epoch],
            y=[history[epochs.index(best_epoch)].get(marked)],
            name="Best epoch",
            mode="markers",
            marker={"size": 14, "symbol": "circle-open", "line": {"width": 2}, "color": "gray"},
            hoverinfo="skip",
        )
    # Whole epochs only: a tick at 1.5 means nothing.
    figure.update_xaxes(title="Epoch", dtick=max(1, -(-len(epochs) // 10)), showgrid=False)
    figure.update_layout(hovermode="x unified")
    return figure


def rates(config: dict[str, Any], status: dict[str, Any]) -> None:
    """The learning rates of head and backbone over the whole run, and where it is now."""
    epochs, head = config.get("epochs"), config.get("learning_rate")
    if not epochs or head is None:
        return
    st.markdown("**Learning rate** :gray[· as planned; earlier stages of the backbone learn slower still]")
    charts.draw(
        planned(config, now=_now(config, status)),
        key="finetune-rates-planned",
        alt=f"Learning rate over {epochs} epochs, at most {head:g}",
        height=200,
    )


def planned(config: dict[str, Any], *, now: float | None = None) -> go.Figure:
    """One line each for head and last stage of the backbone, over epochs; a dotted one at `now`."""
    epochs, first = float(config["epochs"]), float(config.get("head_epochs") or 0)
    places = [epochs * i / POINTS for i in range(POINTS + 1)]
    lines = {"Head": (config["learning_rate"], 0.0), "Backbone": (config["backbone_learning_rate"], first)}
    if config.get("freeze") == "all":
        del lines["Backbone"]
    figure = go.Figure()
    for (name, (peak, start)), colour in zip(lines.items(), charts.palette(), strict=False):
        span = max(epochs - start, 1e-9)
        values = [peak * schedule.factor((place - start) / span, config["schedule"]) for place in places]
        figure.add_scatter(
            x=places,
            y=[value or None for value in values],
            name=name,
            mode="lines",
            line={"width": 2.25, "color": colour},
            hovertemplate="%{y:.1e}",
        )
    if now is not None:
        figure.add_vline(x=now, line_width=1, line_dash="dot", line_color="gray")
    figure.update_xaxes(title="Epochs done", showgrid=False)
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    figure.update_layout(hovermode="x unified")
    return figure


def _now(config: dict[str, Any], status: dict[str, Any]) -> float | None:
    """How many epochs are done, parts of one included; None once the run has ended."""
    if status["state"] in states.ALIVE and status.get("epoch") and status.get("steps"):
        return status["epoch"] - 1 + (status.get("step") or 0) / status["steps"]
    return None


def _alt(what: str, history: History, name: str) -> str:
    values = [entry[name] for entry in history if entry.get(name) is not None]
    return (
        f"{what} over {len(history)} epochs; for validation from {values[0]:.3f} to {values[-1]:.3f}"
        if values
        else what
    )
