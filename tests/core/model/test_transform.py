import io

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from core.errors import ConfigError
from core.model import augment
from core.model.transform import EvalTransform


def _photo(width=320, height=240, seed=0):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def test_it_is_torchvisions_resize_centre_crop_and_normalise():
    image = _photo(512, 512)
    transform = EvalTransform.for_size(224)
    steps = [v2.PILToTensor(), v2.Resize(256, antialias=True), v2.CenterCrop(224)]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(transform.mean, transform.std)]
    theirs = v2.Compose(steps)(image)
    ours = transform.batch(transform.pixels(image)[None])[0]
    assert (transform.resize, ours.shape, ours.dtype) == (256, (3, 224, 224), np.float32)
    assert np.abs(ours - theirs.numpy()).max() < 2.5 / 255 / 0.224  # two grey levels of rounding


def test_the_crop_of_the_square_is_the_pixels_exactly():
    transform = EvalTransform.for_size(128)
    image = _photo(301, 199)
    np.testing.assert_array_equal(transform.crop(transform.square(image)), transform.pixels(image))


def test_a_very_long_image_costs_no_memory():
    assert EvalTransform.for_size(32).pixels(Image.new("RGB", (60_000, 2))).shape == (32, 32, 3)


def test_one_pixel_is_enough():
    pixels = EvalTransform.for_size(64).pixels(Image.new("RGB", (1, 1), (9, 8, 7)))
    assert (pixels == (9, 8, 7)).all()


def test_a_file_and_its_bytes_are_read_alike(tmp_path):
    buffer = io.BytesIO()
    _photo(900, 700).save(buffer, "JPEG")
    path = tmp_path / "a.jpg"
    path.write_bytes(buffer.getvalue())
    transform = EvalTransform.for_size(96)
    np.testing.assert_array_equal(transform.read(path), transform.read(buffer.getvalue()))


def test_it_survives_json():
    transform = EvalTransform(image_size=96, resize=110, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))
    assert EvalTransform.from_dict(transform.to_dict()) == transform


@pytest.mark.parametrize("sizes", [(100, 90), (100, 101), (0, 2)])
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ConfigError):
        EvalTransform(image_size=sizes[0], resize=sizes[1])


def _squares(n, transform):
    return torch.from_numpy(np.stack([transform.square(_photo(seed=i)) for i in range(n)]))


def _augment(squares, transform, strength, **changes):
    chosen = {"seed": 1, "epoch": 1, "indices": range(len(squares))} | changes
    return augment.batch(squares, transform, strength, **chosen)


def test_no_augmentation_is_the_transform_of_evaluation():
    transform = EvalTransform.for_size(64)
    squares = _squares(3, transform)
    ours = _augment(squares, transform, "none").numpy()
    np.testing.assert_allclose(ours, transform.batch(transform.crop(squares.numpy())), atol=1e-6)


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_what_happens_to_an_image_does_not_depend_on_its_batch(strength):
    transform = EvalTransform.for_size(64)
    squares = _squares(6, transform)
    whole = _augment(squares, transform, strength)
    part = _augment(squares[[4, 2]], transform, strength, indices=[4, 2])
    torch.testing.assert_close(part, whole[[4, 2]], atol=1e-5, rtol=0)
    assert whole.shape == (6, 3, 64, 64)
    assert whole.isfinite().all()


def test_every_epoch_seed_and_image_is_changed_otherwise():
    drawn = [augment.draw(*key, [i]) for key in ((0, 1), (0, 2), (1, 1)) for i in (0, 1)]
    assert len({row.tobytes() for row in drawn}) == 6


def test_about_half_of_the_images_are_mirrored():
    transform = EvalTransform(image_size=32, resize=32)
    square = np.zeros((32, 32, 3), np.uint8)
    square[:, :16] = 255  # bright on the left
    n = 200
    images = _augment(torch.from_numpy(np.stack([square] * n)), transform, "light")
    brighter_right = (images[:, 0, :, -4:].mean((1, 2)) > images[:, 0, :, :4].mean((1, 2))).float().mean()
    assert 0.35 < brighter_right < 0.65


def test_strong_changes_more_than_light():
    transform = EvalTransform.for_size(64)
    squares = _squares(16, transform)
    plain = _augment(squares, transform, "none")
    light, strong = ((_augment(squares, transform, s) - plain).abs().mean() for s in ("light", "strong"))
    assert 0 < light < strong


def test_an_unknown_strength_is_refused():
    with pytest.raises(ConfigError, match="none, light, strong"):
        augment.check("wild")
