"""The look that charts share: colours by class, quiet axes, no tool bar."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

SUBSETS = ("train", "validation", "test")
GREYS = {
    "light": (("#475569", "#FFFFFF"), ("#94A3B8", "#111827"), ("#D5DCE6", "#111827")),
    "dark": (("#CBD5E1", "#0E1117"), ("#8291A7", "#0E1117"), ("#475569", "#FFFFFF")),
}
"""For each subset its colour and that of text on it; hues are left to the classes."""
MOST_CLASSES = 40  # bars in one chart; a table holds the rest


def palette() -> list[str]:
    """The theme's categorical colours, for the mode that this visitor sees."""
    return list(st.get_option(f"theme.{mode()}.chartCategoricalColors") or ["#4F46E5"])


def mode() -> str:
    """ "light" or "dark", as this visitor sees the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def class_colours(classes: list[str]) -> dict[str, str]:
    """A colour for each class: the n-th class (sorted) has the same colour on every page."""
    colours = palette()
    return {label: colours[index % len(colours)] for index, label in enumerate(classes)}


def draw(figure: go.Figure, *, key: str, alt: str, height: int = 260) -> None:
    """Show a figure in the shared look; `alt` says in words what it shows."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        bargap=0.35,
        dragmode=False,
        hoverlabel={"font_size": 13},
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    st.plotly_chart(figure, width="stretch", key=key, config={"displayModeBar": False}, alt=alt)


def class_bars(counts: dict[str, int], *, key: str, limit: int = MOST_CLASSES) -> None:
    """Images per class, the largest on top; beyond `limit` classes the smallest are left to the table."""
    colours = class_colours(sorted(counts))
    shown = sorted(counts, key=lambda label: (-counts[label], label))[:limit]
    shown.reverse()  # Plotly draws from the bottom
    figure = go.Figure(
        go.Bar(
            x=[counts[label] for label in shown],
            y=shown,
            orientation="h",
            text=[f"{counts[label]:,}" for label in shown],
            textposition="outside",
            cliponaxis=False,
            marker={"color": [colours[label] for label in shown], "cornerradius": 4},
            hovertemplate="%{y}: %{x:,} images<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max(counts.values()) * 1.12])
    figure.update_yaxes(type="category", ticksuffix="  ")
    words = ", ".join(f"{label} {counts[label]}" for label in reversed(shown[-5:]))
    draw(figure, key=key, alt=f"Images per class: {words}", height=max(220, 70 + 30 * len(shown)))


def subset_bars(counts: dict[str, dict[str, int]], classes: list[str], *, key: str) -> None:
    """Every class, divided into its subsets: one stacked bar each; `counts` is subset -> class -> images."""
    figure = go.Figure()
    shown = classes[:MOST_CLASSES][::-1]
    for subset, (colour, ink) in zip(SUBSETS, GREYS[mode()], strict=True):
        values = [counts.get(subset, {}).get(label, 0) for label in shown]
        figure.add_bar(
            x=values,
            y=shown,
            name=subset,
            orientation="h",
            marker={"color": colour, "cornerradius": 3},
            text=[value or "" for value in values],
            textposition="inside",
            textangle=0,
            insidetextfont={"color": ink},
            insidetextanchor="middle",
            hovertemplate="%{y}: %{x:,} " + subset + "<extra></extra>",
        )
    figure.update_layout(
        barmode="stack", legend_traceorder="normal", uniformtext={"minsize": 10, "mode": "hide"}
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(type="category", ticksuffix="  ")
    draw(figure, key=key, alt="Images of each class in each subset", height=90 + 32 * len(shown))


def sizes(widths: list[int], heights: list[int], *, key: str) -> None:
    """Width against height of the images, one point per distinct size, larger where more images share it."""
    counted: dict[tuple[int, int], int] = {}
    for size in zip(widths, heights, strict=True):
        counted[size] = counted.get(size, 0) + 1
    largest = max(counted.values())
    figure = go.Figure(
        go.Scatter(
            x=[size[0] for size in counted],
            y=[size[1] for size in counted],
            mode="markers",
            marker={
                "size": [8 + 22 * (count / largest) ** 0.5 for count in counted.values()],
                "opacity": 0.55,
                "color": palette()[0],
                "line": {"width": 0},
            },
            customdata=list(counted.values()),
            hovertemplate="%{x} × %{y} pixels: %{customdata:,} images<extra></extra>",
        )
    )
    figure.update_xaxes(title="Width (pixels)", rangemode="tozero", showgrid=True)
    figure.update_yaxes(title="Height (pixels)", rangemode="tozero")
    draw(figure, key=key, alt=f"Image sizes: {len(counted)} different ones", height=300)
