"""Fixtures for every room: a workspace of one's own, small images, and the shared real ones."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Two cores serve several test processes; one thread each is faster than two that fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, named by FIELDGUIDE_HOME."""
    home = tmp_path / "workspace"
    home.mkdir()
    monkeypatch.setenv("FIELDGUIDE_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real images and weights beside the checkout; skips where there is none."""
    folder = Path(os.environ.get("FIELDGUIDE_SHARED", CHECKOUT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"needs the real images in {folder}")
    return folder


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """Three class folders, red, green and blue, of 12 noisy 40x32 PNG images each."""
    random = np.random.default_rng(0)
    for channel, label in enumerate(["red", "green", "blue"]):
        folder = tmp_path / "tiny" / label
        folder.mkdir(parents=True)
        for index in range(12):
            pixels = random.integers(0, 120, (32, 40, 3), dtype=np.uint8)
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(folder / f"{index:02d}.png")
    return tmp_path / "tiny"
