"""For people who were not there: whole images instead of percentages, at the prevalence of the real world."""

from __future__ import annotations

import html

import streamlit as st

from core.metrics import frequencies
from core.metrics import words as figures_in_words
from pages.parts import words
from pages.parts.metrics import data, judgement

KINDS = (
    ("found", "found", "found", "it is {0}, and the model says so"),
    ("missed", "missed", "missed", "it is {0}, and the model says something else"),
    ("positives_handed_on", "handed", "handed to a person", "it is {0}"),
    ("false_alarms", "alarm", "false alarms", "the model says {0}, and it is something else"),
    ("others_handed_on", "handed", "handed to a person", "it is not {0}"),
    ("cleared", "cleared", "rightly passed over", "it is not {0}, and the model does not say so"),
)


def draw(judged: judgement.Judged) -> None:
    """A class, how common it is out there, and 1,000 images as squares."""
    figures = judged.figures
    sizes = {label: one["support"] for label, one in figures["per_class"].items()}
    known = [
        label for label in sorted(sizes, key=sizes.__getitem__) if 0 < sizes[label] < figures["n_images"]
    ]
    if not known:
        st.info("Only one class has images here: there is nothing to miss and nothing to be alarmed by.")
        return
    left, right = st.columns([1, 2], gap="large", vertical_alignment="bottom")
    label = left.selectbox("Class", known, key="metrics-people-class")
    own = 100 * sizes[label] / figures["n_images"]
    prevalence = right.slider(
        "Of 100 images in the real world, so many show it",
        0.1,
        99.9,
        round(own, 1),
        0.1,
        format="%.1f %%",
        key=f"metrics-prevalence-{label}",
        help=f"In these images it is {own:.1f} %.",
    )
    found = frequencies.of_class(
        data.predictions(judged.run, judged.subset),
        judged.rule,
        label,
        prevalence=prevalence / 100,
        groups=data.groups(judged.run, judged.subset),
    )
    st.subheader(words.plain(found.sentence()), anchor=False)
    low, high = found.found_between
    trust = (
        "nothing is called so" if found.trust is None else f"{figures_in_words.percent(found.trust)} are one"
    )
    st.caption(
        f"Of the {found.positives} about {low} to {high} would be found (95 %). Of the images called "
        f"{words.plain(label)}, {trust}."
    )
    _squares(found)
    st.caption(
        "The rates are those of the images judged; only how common the class is was changed. A one-page "
        "summary to print is the first page of the report under *Take away*."
    )


def _squares(found: frequencies.Frequencies) -> None:
    squares, legend = [], []
    label = f"“{html.escape(found.label)}”"
    for name, kind, word, meaning in KINDS:
        count = getattr(found, name)
        if count:
            squares.append(f'<i class="{kind}"></i>' * count)
            told = meaning.format(label)
            legend.append(f'<span><i class="{kind}"></i><b>{count:,} {word}</b>: {told}</span>')
    alt = found.sentence().replace('"', "")
    st.html(
        f'<div class="fg-people-legend">{"".join(legend)}</div>'
        f'<div class="fg-people" role="img" aria-label="{_attribute(alt)}">{"".join(squares)}</div>{_STYLE}'
    )


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


_STYLE = """<style>
.fg-people { display: grid; grid-template-columns: repeat(auto-fill, minmax(11px, 1fr)); gap: 3px;
  max-width: 56rem; }
.fg-people i { aspect-ratio: 1; border-radius: 3px; display: block; }
.fg-people-legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .2rem 0 .8rem;
  font-size: .88rem; }
.fg-people-legend i { display: inline-block; width: .85rem; height: .85rem; border-radius: 3px;
  margin-right: .4rem; vertical-align: -1px; }
i.found { background: #0d9488; } i.missed { background: #dc2626; } i.alarm { background: #d97706; }
i.handed { background: #0284c7; } i.cleared { background: color-mix(in srgb, currentColor 16%, transparent); }
</style>"""
