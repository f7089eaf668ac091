"""How the model's answers change while it learns: a few validation images, and the confusion matrix."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import streamlit as st

from core import runs
from core.training import confusions
from pages.parts import matrix, thumbs, words

VIEWS = {
    "curves": ":material/show_chart: Curves",
    "samples": ":material/photo_library: Some answers",
    "confusion": ":material/grid_on: Confusion matrix",
}
_STYLE = """<style>
.fg-samples { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); }
.fg-samples img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; display: block;
  background: color-mix(in srgb, currentColor 7%, transparent); }
.fg-samples .said { font-size: .85rem; margin-top: 4px; overflow-wrap: anywhere; }
.fg-samples .right { box-shadow: 0 0 0 3px #16a34a; }
.fg-samples .wrong { box-shadow: 0 0 0 3px #dc2626; }
.fg-samples .was { opacity: .7; }
</style>"""


def has(view: str, history: list[dict[str, Any]], config: dict[str, Any]) -> bool:
    """Whether a run has something to show under `view`; a quick run has no epochs to draw a curve of."""
    if view == "curves":
        return config["mode"] == "full" or len(history) > 1
    if view == "confusion":
        return any(entry.get(name) for entry in history for name in (confusions.WHOLE, confusions.CELLS))
    return any(entry.get("samples") for entry in history)


def samples(run: runs.Run, history: list[dict[str, Any]]) -> None:
    """The same few validation images after each epoch, with the answer of then."""
    shown = [entry for entry in history if entry.get("samples")]
    entry = shown[-1]
    if len(shown) > 1:
        epochs = [one["epoch"] for one in shown]
        epoch = st.select_slider("After epoch", epochs, value=epochs[-1], key=f"finetune-sample-{run.id}")
        entry = next(one for one in shown if one["epoch"] == epoch)
    dataset = run.dataset()
    hashes = run.manifest().set_index("path")["sha256"] if dataset else {}
    st.html(_STYLE + markup(entry["samples"], {p: thumbs.url(str(dataset), p, h) for p, h in hashes.items()}))


def markup(shown: list[dict[str, Any]], addresses: dict[str, str]) -> str:
    """The images with a green or red frame, the answer with its probability, and the truth; HTML."""
    cells = []
    for one in shown:
        right = one["answer"] == one["label"]
        answer, label = html.escape(one["answer"]), html.escape(one["label"])
        source = html.escape(addresses.get(one["path"], ""))
        cells.append(
            f'<div><img class="{"right" if right else "wrong"}" src="{source}" loading="lazy" '
            f'alt="{label}, called {answer}"><div class="said"><b>{answer}</b> '
            f'{words.percent(one["probability"])}</div><div class="said was">is {label}</div></div>'
        )
    return f'<div class="fg-samples">{"".join(cells)}</div>'


def confusion(run: runs.Run, history: list[dict[str, Any]]) -> None:
    """The confusion matrix on validation images after the last epoch, as Metrics draws it."""
    last, classes = history[-1], run.classes()
    counts = np.array(confusions.of(last, classes))
    after = "" if len(history) == 1 else f" :gray[· after epoch {last['epoch']}]"
    st.markdown(f"**Confusion matrix of the {counts.sum():,} validation images**{after}")
    st.caption("Each row is what the image **is**, each column what the model **said**.")
    st.plotly_chart(
        matrix.figure(counts, classes, kind="counts"),
        width="stretch",
        key=f"finetune-confusion-{len(history)}",
        alt=f"Confusion matrix over {len(classes)} classes after epoch {last['epoch']}",
        config={"displayModeBar": False},
    )
