"""Light, softness and grain over a finished picture. The same choices for every class."""

import numpy as np
from PIL import Image, ImageFilter

from core.data.samples.drawn.dice import Dice

LIGHTS = ("plain", "plain", "plain", "warm", "cool", "dim", "bright", "bright", "side")
_TINTS = {
    "plain": (1.0, 1.0, 1.0),
    "warm": (1.04, 0.99, 0.91),
    "cool": (0.94, 0.99, 1.05),
    "dim": (0.86, 0.87, 0.92),
    "bright": (1.12, 1.12, 1.08),
    "side": (1.0, 0.99, 0.97),
}


def finish(image: Image.Image, light: str, dice: Dice) -> Image.Image:
    """Return the picture under one of LIGHTS, with some grain and now and then a little out of focus."""
    if dice.chance(0.12):
        image = image.filter(ImageFilter.GaussianBlur(dice.between(0.5, 1.0)))
    wide, high = image.size
    across, down = (
        np.linspace(-1, 1, wide, dtype=np.float32)[None, :],
        np.linspace(-1, 1, high, dtype=np.float32)[:, None],
    )
    edge = np.float32(dice.between(0.02, 0.1))
    field = 1 - edge * (across * across + down * down) / 2
    if light == "side":
        field = field * (1 + np.float32(0.22 * dice.sign()) * across)
    grain = _grain(wide * high, dice.between(0.8, 1.8) if dice.chance(0.85) else 3.5, dice).reshape(
        high, wide
    )
    pixels = (
        np.asarray(image, dtype=np.float32) * field[:, :, None] * np.array(_TINTS[light], dtype=np.float32)
    )
    return Image.fromarray(np.clip(np.rint(pixels + grain[:, :, None]), 0, 255).astype(np.uint8))


def _grain(count: int, strength: float, dice: Dice) -> np.ndarray:
    """Return noise with about this standard deviation, from raw random bits (the same everywhere)."""
    seed = dice.whole(0, 2**32 - 1)
    raw = np.random.PCG64(seed).random_raw(count // 4 + 1).view(np.uint8)[: 2 * count].astype(np.float32)
    pairs = np.concatenate([raw, raw[: 2 * count - len(raw)]]).reshape(2, count).sum(axis=0)
    return (pairs - 255) * np.float32(strength / 104)
