"""RandAugment's changes are those of torchvision, and depend on each image's own chances alone."""

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from core.model import augment, randaugment
from core.model.transform import EvalTransform

TRANSFORM = EvalTransform.for_size(32)


@pytest.fixture
def images() -> torch.Tensor:
    """Four images in [0, 1]: (4, 3, 24, 24)."""
    return torch.rand(4, 3, 24, 24, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("amount", [-1.0, 0.3, 1.0])
@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation", "sharpness"])
def test_changes_of_colour_are_torchvisions(images, name, amount):
    ours = randaugment.CHANGES[name](images, torch.full((4, 1, 1, 1), amount)).clamp(0, 1)
    theirs = getattr(reference, f"adjust_{name}")(images, 1 + amount * randaugment.MOST_LIGHT)
    assert torch.allclose(ours, theirs, atol=2e-6)


@pytest.mark.parametrize(("amount", "bits"), [(0.0, 8), (0.5, 6), (1.0, 4)])
def test_posterising_is_torchvisions(images, amount, bits):
    pixels = (images * 255).round().to(torch.uint8)
    ours = randaugment.posterise(pixels / 255, torch.full((4, 1, 1, 1), amount))
    assert torch.equal((ours * 255).round().to(torch.uint8), reference.posterize(pixels, bits))


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("turn", {"angle": -0.8 * randaugment.MOST_DEGREES}),
        ("shear x", {"shear": [float(np.degrees(np.arctan(0.8 * randaugment.MOST_SHEAR))), 0.0]}),
        ("shift y", {"translate": [0.0, -0.8 * randaugment.MOST_SHIFT * 24]}),
    ],
)
def test_changes_of_place_are_torchvisions(images, kind, asked):
    """Affine maps about the centre of an image that is kept whole; the edges are filled otherwise."""
    count = len(randaugment.KINDS)
    own, colour = (randaugment.KINDS.index(kind) + 0.5) / count, (count - 0.5) / count
    chances = torch.tensor([[own, 0.9, colour, 0.5]] * 4)  # the colour leaves the place as it is
    placement = torch.eye(3)[:2].expand(4, 2, 3)
    grid = torch.nn.functional.affine_grid(
        randaugment.place(placement, chances), [4, 3, 24, 24], align_corners=False
    )
    ours = torch.nn.functional.grid_sample(images, grid, align_corners=False)
    plain = {"angle": 0.0, "translate": [0.0, 0.0], "scale": 1.0, "shear": [0.0, 0.0]}
    theirs = reference.affine(images, **(plain | asked), interpolation=reference.InterpolationMode.BILINEAR)
    assert (ours - theirs)[..., 6:18, 6:18].abs().max() < 1e-2


def test_every_kind_is_drawn_about_equally_often():
    chances = torch.from_numpy(augment.draw(0, 0, range(4000)))[:, 9:13]
    counts = np.bincount(randaugment.kinds(chances).flatten().numpy(), minlength=10)
    assert len(counts) == 10
    assert abs(counts - 800).max() < 5 * 800**0.5


def test_what_happens_to_an_image_does_not_depend_on_its_batch():
    squares = torch.randint(0, 256, (12, TRANSFORM.resize, TRANSFORM.resize, 3), dtype=torch.uint8)
    whole = augment.batch(squares, TRANSFORM, "randaugment", seed=4, epoch=2, indices=range(12))
    some = augment.batch(squares[[7, 3]], TRANSFORM, "randaugment", seed=4, epoch=2, indices=[7, 3])
    assert torch.allclose(whole[[7, 3]], some, atol=1e-5)
    assert whole.shape == (12, 3, 32, 32)
    other = augment.batch(squares, TRANSFORM, "randaugment", seed=4, epoch=3, indices=range(12))
    assert not torch.allclose(whole, other)


def test_colours_stay_within_what_an_image_can_be():
    squares = torch.randint(0, 256, (60, TRANSFORM.resize, TRANSFORM.resize, 3), dtype=torch.uint8)
    seen = augment.batch(squares, TRANSFORM, "randaugment", seed=0, epoch=0, indices=range(60))
    mean, std = (torch.tensor(three).view(1, 3, 1, 1) for three in (TRANSFORM.mean, TRANSFORM.std))
    values = seen * std + mean
    assert values.min() > -1e-5 and values.max() < 1 + 1e-5


def test_a_square_is_shrunk_as_pillow_would():
    """Also smoothed: a pattern of single pixels becomes grey, not another pattern."""
    from PIL import Image

    random = np.random.default_rng(0)
    squares = random.integers(0, 256, (2, 60, 60, 3), dtype=np.uint8)
    ours = augment.shrink(torch.from_numpy(squares), 36).numpy().astype(int)
    theirs = [np.asarray(Image.fromarray(s).resize((36, 36), Image.Resampling.BILINEAR)) for s in squares]
    assert abs(ours - np.stack(theirs).astype(int)).max() <= 1
