"""What augmentation makes of some training images, before anything is trained."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.split import store as splits
from core.training import config as configs
from pages.parts import caches

IMAGES, VIEWS = 3, 5


def draw(split: splits.Split, config: configs.TrainingConfig) -> None:
    """A few training images beside what the first epochs would see of them."""
    if not st.toggle("Preview augmented images", key="finetune-preview", persist_state="session"):
        return
    rows = split.table[split.table["subset"] == "train"].groupby("label").head(1).head(IMAGES)
    dataset = caches.dataset(split.dataset)
    files = tuple(str(dataset.file(path)) for path in rows["path"])
    augment, size = config.augment or "light", config.image_size or 224
    for seen, label in zip(_views(files, augment, size, config.seed), rows["label"], strict=True):
        columns = st.columns(VIEWS + 1, wrap=False, gap="xsmall")
        for place, (column, picture) in enumerate(zip(columns, seen, strict=True)):
            column.image(picture, width="stretch", alt=f"{label}, view {place}")
    st.caption(f"Left: {size} × {size} pixels, as judged. Right: as the first {VIEWS} epochs would see it.")


@st.cache_data(max_entries=16, show_spinner="Altering images …")
def _views(files: tuple[str, ...], augment: str, size: int, seed: int) -> list[list[Any]]:
    """Of each file, the image as it is judged and then its views."""
    from pathlib import Path

    from core.model import preview

    paths = [Path(file) for file in files]
    plain = preview.views(paths, "none", image_size=size, count=1)
    altered = preview.views(paths, augment, image_size=size, count=VIEWS, seed=seed)
    return [[*first, *others] for first, others in zip(plain, altered, strict=True)]
