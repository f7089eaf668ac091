"""An explanation of one answer, in the form that pages and the command line show."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.errors import InferenceError
from core.features import reading
from core.inference import predictor
from core.inference.explain import gradcam, occlusion


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where one class lies in one image.

    `heat` (h, w) is 0 to 1, rows from the top, of the square that the network saw; all 0 where nothing
    speaks for the class. `method` is "Grad-CAM" or "occlusion". `pixels` (S, S, 3) is that square.
    """

    label: str
    method: str
    heat: NDArray[np.float32]
    pixels: NDArray[np.uint8]

    def record(self) -> dict[str, Any]:
        """As JSON: label, method, and the heat as rows of numbers."""
        return {"label": self.label, "method": self.method, "heat": np.round(self.heat, 4).tolist()}

    def overlay(self, opacity: float = 0.5) -> Image.Image:
        """The heat laid over the image, blue to red; `opacity` 0 to 1 of the heat where it is greatest."""
        size = self.pixels.shape[0]
        heat = Image.fromarray(self.heat).resize((size, size), Image.Resampling.BICUBIC)
        level = np.clip(np.asarray(heat, np.float32), 0, 1)[..., None]  # (S, S, 1)
        colour = np.concatenate([_ramp(level - 0.5), _ramp(level - 0.25), _ramp(level)], axis=-1) * 255
        mixed = self.pixels * (1 - opacity * level) + colour * opacity * level
        return Image.fromarray(mixed.round().astype(np.uint8))


def explain(model: predictor.Predictor, source: reading.Source, label: str | None = None) -> Explanation:
    """Why `source`, a file or its bytes, was or would be taken for `label` (None: the answer).

    Raises:
        ImageError: it cannot be read.
        InferenceError: there is no such class.
    """
    pixels = model.transform.read(source)
    chosen = label if label is not None else model.answer_pixels(pixels[None])[0].label
    if chosen not in model.classes:
        raise InferenceError(
            f"There is no class {chosen!r} in run {model.run_id}: {', '.join(model.classes)}."
        )
    return of_pixels(model, pixels, chosen)


def of_pixels(model: predictor.Predictor, pixels: NDArray[np.uint8], label: str) -> Explanation:
    x = torch.from_numpy(model.transform.batch(pixels[None]))  # (1, 3, S, S)
    place = model.classes.index(label)
    spatial = gradcam.target_path(model.fast) is not None
    found = gradcam.maps(model.fast, x, place)[0] if spatial else occlusion.map_(model.fast, x, place)
    heat = found.detach().numpy().astype(np.float32)
    heat = heat / max(float(heat.max()), 1e-12)
    return Explanation(label=label, method="Grad-CAM" if spatial else "occlusion", heat=heat, pixels=pixels)


def added(answer: predictor.Answer, explanation: Explanation) -> predictor.Answer:
    """The answer, with its explanation as JSON."""
    return dataclasses.replace(answer, explanation=explanation.record())


def _ramp(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """One channel of the colour scale from blue over green to red."""
    return np.clip(1.5 - np.abs(4 * level - 1.0), 0, 1)
