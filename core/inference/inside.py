"""What lies between an image and its scores: the lesson's path, looked at from inside."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.features import reading
from core.inference import predictor


@dataclass(frozen=True, kw_only=True)
class Inside:
    """One image on its way: `pixels` (S, S, 3) uint8, what the network is given; `tensor` (3, S, S), the same
    normalised; `features` (n_features,), what the backbone makes of it; `logits` (n_classes,)."""

    pixels: NDArray[np.uint8]
    tensor: NDArray[np.float32]
    features: NDArray[np.float32]
    logits: NDArray[np.float32]


def look(model: predictor.Predictor, source: reading.Source) -> Inside:
    """Every station of one image through the run's own network.

    Raises:
        ImageError: it cannot be read.
    """
    pixels = model.transform.read(source)
    batch = model.transform.batch(pixels[None])  # (1, 3, S, S)
    with torch.inference_mode():
        features = model.fast.features(torch.from_numpy(batch))  # (1, F)
        logits = model.fast.classifier(features)  # (1, n_classes)
    return Inside(pixels=pixels, tensor=batch[0], features=features[0].numpy(), logits=logits[0].numpy())
