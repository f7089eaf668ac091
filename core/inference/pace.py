"""How long an answer takes on this machine: asked once, and asked of the mirror image too."""

import dataclasses
import time
from dataclasses import dataclass

import numpy as np

from core.inference import predictor

IMAGES, ROUNDS = 8, 3


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Milliseconds an image, reading it not included: looking `once`, and `twice`."""

    once: float
    twice: float


def measure(model: predictor.Predictor) -> Pace:
    """Time a batch of 8 noisy images, the best of three rounds each; a second or two on a laptop."""
    size = model.transform.image_size
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, size, size, 3), dtype=np.uint8)
    once = dataclasses.replace(model, mirrored=False)
    return Pace(once=_milliseconds(once, pixels), twice=_milliseconds(once.looking_twice(), pixels))


def _milliseconds(model: predictor.Predictor, pixels: np.ndarray) -> float:
    model.answer_pixels(pixels)  # the first one warms up
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        model.answer_pixels(pixels)
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken) / len(pixels)
