import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "tools" / "compose_images.py"


def _run(*given: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, given)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def composer():
    spec = importlib.util.spec_from_file_location("compose_images", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _coloured(side: int, seed: int) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Objects: a cut-out, a letter, an icon, an opaque picture. Grounds: a photograph, one with a hole."""
    objects, grounds = tmp_path / "objects", tmp_path / "grounds"
    objects.mkdir()
    grounds.mkdir()
    round_ = Image.new("L", (100, 100))
    ImageDraw.Draw(round_).ellipse((20, 10, 90, 80), fill=255)
    for name, picture, alpha in (
        ("cutout", _coloured(100, 0), round_),
        ("letter", Image.new("RGB", (100, 100), "navy"), round_),
        ("icon", _coloured(32, 1), round_.resize((32, 32))),
        ("opaque", _coloured(100, 2), Image.new("L", (100, 100), 255)),
    ):
        picture.putalpha(alpha)
        picture.save(objects / f"{name}.png")
    (objects / "broken.png").write_bytes(b"no picture")
    _coloured(300, 3).save(grounds / "photo.jpg")
    hole = _coloured(300, 4)
    hole.putalpha(round_.resize((300, 300)))
    hole.save(grounds / "hole.png")
    return objects, grounds


def test_only_cut_outs_and_whole_photographs_are_taken(composer, folders) -> None:
    objects, grounds = folders
    (cutout,) = composer.cutouts(objects)
    assert cutout.size == (71, 71)  # what is visible of it
    (photograph,) = composer.photographs(grounds)
    assert photograph.size == (300, 300)


def test_pictures_depend_on_seed_and_number_alone(composer, folders, tmp_path: Path) -> None:
    objects, grounds = folders
    made = {}
    for workers, seed in ((1, 0), (2, 0), (1, 5)):
        out = tmp_path / f"{workers}-{seed}"
        given = ("--objects", objects, "--grounds", grounds, "--out", out, "--count", 6, "--seed", seed)
        done = _run(*given, "--workers", workers)
        assert done.returncode == 0, done.stderr
        made[workers, seed] = [path.read_bytes() for path in sorted(out.rglob("*.jpg"))]
        record = json.loads((out / "composed.json").read_text())
        assert record == {
            "seed": seed, "count": 6, "objects": ["objects"], "grounds": ["grounds"], "n_objects": [1],
            "n_grounds": [1],
        }  # fmt: skip
    assert made[1, 0] == made[2, 0] != made[1, 5]
    assert len(set(made[1, 0])) == 6
    with Image.open(tmp_path / "1-0" / "000" / "000000.jpg") as picture:
        assert picture.size == (composer.SIDE, composer.SIDE)


def test_folders_with_nothing_to_use_are_a_sentence(folders, tmp_path: Path) -> None:
    _, grounds = folders
    given = ("--objects", grounds / "photo.jpg", "--grounds", grounds, "--out", tmp_path / "out")
    done = _run(*given, "--count", 1, "--workers", 1)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("must hold a cut-out, and those of grounds a photograph.")
