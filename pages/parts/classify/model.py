"""A run's model and its answers: loaded once for everybody, asked once for each image."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import runs
from core.inference import answered, intake, share
from core.metrics import decisions
from pages.parts import caches, progress

if TYPE_CHECKING:  # torch takes seconds to import: no page may wait for it to be painted
    from core.inference.predictor import Predictor

MANY = 12


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The answers that the page shows: they lie in `folder`. `starts` says where each bringing began."""

    run: runs.Run
    folder: Path
    rule: answered.Rule
    mirrored: bool
    starts: tuple[int, ...] = (0,)

    @property
    def count(self) -> int:
        return answered.count(self.folder)

    @property
    def stamp(self) -> caches.Stamp:
        """What changes when the answers do: their number does not tell, as a folder can be filled anew."""
        return caches.stamp(*answered.parts(self.folder))

    def view(self) -> pd.DataFrame:
        """Every answer in one line, with the columns of `answered.VIEW`; nobody may change it."""
        return _view(self.stamp, self.rule, self.folder)

    def picked(self, places: Sequence[int]) -> list[Picked]:
        """Some answers in full, under the rule and share of today."""
        from core.inference import answering

        rows = answered.rows(self.folder, places)
        found = answering.recalled(predictor(self.run), rows)
        files = [Path(file) if isinstance(file, str) else None for file in rows["file"]]
        return [Picked(file=file, answer=answer) for file, answer in zip(files, found, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Picked:
    """One image (None where it was never taken) and its `predictor.Answer`."""

    file: Path | None
    answer: Any


def answered_tray(run: runs.Run, tray: intake.Tray, *, mirrored: bool) -> Shown:
    """Answers for everything in the tray; only images that are new are put to the model.

    Raises:
        InferenceError: the run's model cannot be loaded.
    """
    model = predictor(run)
    key = hashlib.sha256(repr((_weights(run), mirrored)).encode()).hexdigest()[:12]
    shown = _shown(run, tray.folder / f"answers-{key}", mirrored, tuple(tray.starts))
    if shown.count < len(tray.items):
        from core.inference import answering

        asked = model.looking_twice() if mirrored else model
        place = st.empty()
        with place:
            many = len(tray.items) - shown.count > MANY
            tell = progress.bar("Reading images") if many else None
        whole = len(tray.items)
        answering.answer(
            asked,
            tray.items,
            shown.folder,
            told=lambda done: tell(done, whole, "Answering") if tell else None,
        )
        place.empty()
    return shown


def answered_folder(run: runs.Run, folder: Path, *, mirrored: bool) -> Shown:
    """The answers that another process has left in `folder` so far."""
    return _shown(run, folder, mirrored, (0,))


def predictor(run: runs.Run) -> Predictor:
    """The loaded model of `run`, shared with every other visitor and with the HTTP routes.

    It turns away the share of known images that was chosen for the run.

    Raises:
        InferenceError: it cannot be loaded.
    """
    with st.spinner("Loading the model …", show_time=False):
        from core.inference import loaded

        model = loaded.get(run.id)
    if model.known is None:
        return model
    return replace(model, known=model.known.turning_away(share.load(run)))


def stamp(run: runs.Run) -> caches.Stamp:
    """What changes when the run's weights or its decision rule do (the default follows its predictions)."""
    files = ("model.safetensors", "predictions.parquet", "decision.json")
    return caches.stamp(*(run.folder / name for name in files))


def _weights(run: runs.Run) -> caches.Stamp:
    return caches.stamp(run.folder / "model.safetensors", run.folder / "known.npz")


def _shown(run: runs.Run, folder: Path, mirrored: bool, starts: tuple[int, ...]) -> Shown:
    known = predictor(run).known
    rule = answered.Rule(decision=decisions.load(run), cutoff=None if known is None else known.cutoff)
    return Shown(run=run, folder=folder, rule=rule, mirrored=mirrored, starts=starts)


@st.cache_resource(max_entries=12, show_spinner="Reading the answers …")
def _view(key: caches.Stamp, rule: answered.Rule, _folder: Path) -> pd.DataFrame:
    return answered.judged(_folder, rule)
