"""Figures as the report and the page write them: numbers, intervals, tables."""

import html
from typing import Any

from core.metrics import adviser, views, words

NOTE = "What it says"


def number(metric: str, value: float | None, *, digits: int = 3) -> str:
    """A score as a person reads it: shares as percentages, others with three digits."""
    if value is None:
        return "undefined"
    return f"{value:,.{digits}f}" if metric in adviser.PLAIN else words.percent(value)


def span(metric: str, between: list[float] | None, *, digits: int = 3) -> str:
    """An interval in the score's own unit."""
    if between is None:
        return "too few images"
    if metric not in adviser.PLAIN:
        return words.between(between)
    return f"{between[0]:,.{digits}f} to {between[1]:,.{digits}f}"


def table(head: list[str], rows: list[list[str]], *, texts: int = 1) -> str:
    """An HTML table; the first `texts` columns are words, the others numbers, one may hold a note."""
    kinds = ["text" if k < texts else "note" if cell == NOTE else "" for k, cell in enumerate(head)]
    top = "".join(
        f'<th class="{kind}">{html.escape(cell)}</th>' for kind, cell in zip(kinds, head, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{k}">{_cell(c)}</td>' for k, c in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str) -> str:
    """A cell's text; what follows a line break is written small, below."""
    first, *rest = text.split("\n")
    return html.escape(first) + "".join(f"<small>{html.escape(line)}</small>" for line in rest)


def with_interval(one: dict[str, Any], name: str) -> str:
    """A class's score, and below it (second line) its interval."""
    return f"{number(name, one[name])}\n{views.between(one['intervals'][name])}".rstrip()
