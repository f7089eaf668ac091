"""The preview shows what training really sees."""

from pathlib import Path

import numpy as np
import torch

from core.data import images
from core.model import augment, preview
from core.model.transform import EvalTransform


def test_without_augmentation_every_view_is_the_image_as_it_is_judged(tiny_folder: Path) -> None:
    files = sorted(tiny_folder.rglob("*.png"))[:2]
    found = preview.views(files, "none", image_size=24, count=3)
    for file, seen in zip(files, found, strict=True):
        expected = EvalTransform.for_size(24).read(file)
        assert seen.shape == (3, 24, 24, 3)
        assert all(np.array_equal(view, expected) for view in seen)


def test_each_view_is_the_tensor_that_the_epoch_trains_on(tiny_folder: Path) -> None:
    file = sorted(tiny_folder.rglob("*.png"))[0]
    transform = EvalTransform.for_size(24)
    seen = preview.views([file], "strong", image_size=24, count=2, seed=5)[0]
    square = transform.square(images.decode(file, short_side=transform.resize))
    trained = augment.batch(
        torch.from_numpy(square.copy())[None], transform, "strong", seed=5, epoch=2, indices=[0]
    )
    again = transform.batch(seen[1:2])  # (1, 3, S, S)
    # Bytes hold 1/255 of a channel; outside of them brightness was cut off.
    inside = (seen[1] > 0) & (seen[1] < 255)
    error = np.abs(again - trained.numpy()).transpose(0, 2, 3, 1)[0][inside]
    assert error.max() < 0.5 / 255 / min(transform.std) + 1e-6
    assert not np.array_equal(seen[0], seen[1])
