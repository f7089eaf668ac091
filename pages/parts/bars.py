"""Every class's probability as a bar, in the colour that the class has on every page."""

from __future__ import annotations

import html

import streamlit as st

from pages.parts import charts, words

MAX_BARS = 12
_STYLE = """<style>
.fg-bars { display: grid; gap: .6rem; }
.fg-bars .head { display: flex; justify-content: space-between; gap: 1rem; }
.fg-bars .name { overflow-wrap: anywhere; }
.fg-bars .share { font-variant-numeric: tabular-nums; white-space: nowrap; }
.fg-bars .track { height: 8px; border-radius: 4px; overflow: hidden;
  background: color-mix(in srgb, currentColor 10%, transparent); }
.fg-bars .fill { height: 100%; border-radius: 4px; }
.fg-bars .top { font-weight: 650; }
.fg-bars .rest { opacity: .65; font-size: .85rem; }
</style>"""


def draw(probabilities: dict[str, float]) -> None:
    """The likeliest first; beyond twelve classes the rest are counted."""
    st.html(_STYLE + markup(probabilities, charts.class_colours(list(probabilities))))


def markup(probabilities: dict[str, float], colours: dict[str, str]) -> str:
    """The bars as HTML; labels are escaped."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    rows = [_bar(name, share, colours[name], place == 0) for place, (name, share) in enumerate(ranked)]
    rest = ranked[MAX_BARS:]
    if rest:
        most = words.percent(rest[0][1])
        rows = [*rows[:MAX_BARS], f'<div class="rest">and {len(rest)} more, none above {most}</div>']
    return f'<div class="fg-bars">{"".join(rows)}</div>'


def _bar(name: str, share: float, colour: str, top: bool) -> str:
    label, shown = html.escape(name), words.percent(share)
    return (
        f'<div role="img" aria-label="{label}: {shown}"><div class="head{" top" if top else ""}">'
        f'<span class="name">{label}</span><span class="share">{shown}</span></div>'
        f'<div class="track"><div class="fill" style="width:{share:.2%};background:{colour}"></div></div>'
        "</div>"
    )
