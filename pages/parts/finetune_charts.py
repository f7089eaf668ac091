"""The curves of one run, drawn from its history."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.parts import charts

MAX_WRITTEN = 20
"""With more classes than this a number in every cell is too small to read."""

History = list[dict[str, Any]]

_LINES = {
    "train_loss": ("Training", 7, "dot"),
    "train_accuracy": ("Training", 7, "dot"),
    "validation_loss": ("Validation", 0, "solid"),
    "validation_accuracy": ("Validation", 0, "solid"),
    "validation_macro_f1": ("Validation macro F1", 1, "solid"),
}
"""Title, place in the theme's colours, and dash: training always looks the same, and so does validation."""


def draw(
    history: History, *, best_epoch: int | None, metric: str = "macro_f1", key: str = "finetune"
) -> None:
    """Loss on the left, accuracy and the chosen metric on the right; one point per whole epoch."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss** :gray[· lower is better]")
        figure = curves(history, ["train_loss", "validation_loss"], best_epoch, falls=True)
        charts.draw(figure, key=f"{key}-loss", alt=_alt("Loss", history, "validation_loss"))
    with right:
        st.markdown("**Accuracy** :gray[· higher is better]")
        names = ["train_accuracy", "validation_accuracy"]
        figure = curves(
            history, [*names, "validation_macro_f1"] if metric == "macro_f1" else names, best_epoch
        )
        figure.update_yaxes(tickformat=".0%")
        charts.draw(figure, key=f"{key}-accuracy", alt=_alt("Accuracy", history, "validation_accuracy"))


def curves(history: History, names: list[str], best_epoch: int | None, *, falls: bool = False) -> go.Figure:
    """One line for each of `names`, and the best epoch marked out of the way of a line that `falls`."""
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
    if best_epoch in epochs:
        figure.add_vline(x=best_epoch, line_width=1, line_dash="dot", line_color="gray")
        figure.add_annotation(
            x=best_epoch,
            y=1 if falls else 0,
            yref="paper",
            yanchor="top" if falls else "bottom",
            xanchor="right",
            text="best epoch ",
            showarrow=False,
            font={"size": 11, "color": "gray"},
        )
    # Whole epochs only: a tick at 1.5 means nothing.
    figure.update_xaxes(title="Epoch", dtick=max(1, -(-len(epochs) // 10)), showgrid=False)
    figure.update_layout(hovermode="x unified")
    return figure


def _alt(what: str, history: History, name: str) -> str:
    values = [entry[name] for entry in history if entry.get(name) is not None]
    return (
        f"{what} over {len(history)} epochs; for validation from {values[0]:.3f} to {values[-1]:.3f}"
        if values
        else what
    )


def confusion(counts: list[list[int]], classes: list[str], *, key: str, alt: str) -> None:
    """What was taken for what: a heatmap with row = true, column = answer, coloured by share of the row."""
    shares = [[n / max(sum(row), 1) for n in row] for row in counts]
    heat = go.Heatmap(
        z=shares,
        x=classes,
        y=classes,
        text=counts,
        texttemplate="%{text}" if len(classes) <= MAX_WRITTEN else None,
        xgap=3,
        ygap=3,
        coloraxis="coloraxis",
        hovertemplate="is <b>%{y}</b>, called <b>%{x}</b>: %{text}<extra></extra>",
    )
    figure = go.Figure(heat)
    figure.update_layout(coloraxis={"showscale": False, "cmin": 0, "cmax": 1})
    figure.update_xaxes(title="Answer", type="category", showgrid=False)
    figure.update_yaxes(title="True class", type="category", showgrid=False, autorange="reversed")
    charts.draw(figure, key=key, alt=alt, height=min(640, 140 + 40 * len(classes)))
