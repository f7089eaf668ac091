"""The lesson's numbers: from a person's own image and stored logits."""

from pathlib import Path

import numpy as np
import pytest
import scipy.special
from PIL import Image

from core import errors, lesson, runs
from core.model.transform import EvalTransform

TRANSFORM = EvalTransform(image_size=32, resize=36)


def predictions(true: list[int], logits: list[list[float]]) -> runs.Predictions:
    paths = [f"{place}.png" for place in range(len(true))]
    return runs.Predictions(
        classes=["bird", "cat", "dog"],
        paths=paths,
        true=np.array(true),
        logits=np.array(logits, dtype=np.float64),
        subset="validation",
    )


def test_an_image_becomes_the_tensor_that_the_network_takes(tmp_path: Path) -> None:
    pixels = np.full((48, 64, 3), 255, dtype=np.uint8)
    pixels[20:28, 30:38] = np.random.default_rng(0).integers(0, 256, (8, 8, 3))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = lesson.numbers(tmp_path / "a.png", TRANSFORM)
    assert found.shape == (3, 32, 32)
    assert found.pixels.shape == (32, 32, 3)
    white_in_blue = (1 - TRANSFORM.mean[2]) / TRANSFORM.std[2]
    assert found.highest == pytest.approx(white_in_blue, rel=1e-5)
    assert found.lowest < found.highest


def test_the_block_shown_is_the_one_where_something_happens(tmp_path: Path) -> None:
    pixels = np.full((36, 36, 3), 90, dtype=np.uint8)
    pixels[20:24, 12:16] = 250
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = lesson.numbers(tmp_path / "a.png", TRANSFORM, side=8)
    assert (found.row, found.column) == (16, 8)
    assert found.corner.shape == (8, 8, 3)
    assert np.array_equal(found.corner, found.pixels[16:24, 8:16])


def test_a_file_that_is_no_image_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(errors.ImageError):
        lesson.numbers(tmp_path / "a.png", TRANSFORM)


def test_the_examples_are_a_sure_answer_a_close_call_and_the_surest_mistake() -> None:
    logits = [[5.0, 0, 0], [0, 1.0, 0.9], [0, 2.0, 0], [0.0, 0, 3.0], [0.1, 0, 0]]
    found = lesson.examples(predictions([0, 1, 1, 0, 2], logits))
    assert {kind: example.path for kind, example in found.items()} == {
        "sure": "0.png",
        "close": "1.png",
        "mistake": "3.png",
    }
    assert (found["mistake"].true, found["mistake"].label) == ("bird", "dog")
    assert list(found["close"].probabilities.values()) == pytest.approx(scipy.special.softmax(logits[1]))


def test_a_run_without_mistakes_shows_none() -> None:
    assert set(lesson.examples(predictions([0], [[1.0, 0, 0]]))) == {"sure", "close"}


def test_the_head_of_the_lesson_has_1539_numbers() -> None:
    import torch

    linear = torch.nn.Linear(512, 3)
    assert lesson.head({"backbone": "resnet18"}, 3) == (512, sum(p.numel() for p in linear.parameters()))


def test_a_backbone_outside_the_catalogue_has_no_known_head() -> None:
    assert lesson.head({"backbone": "regnet_y_400mf"}, 3) is None
