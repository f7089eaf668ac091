"""The sample Drawn animals: the same pixels everywhere, and nothing but the animal tells a class."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from core.data.samples.drawn import picture

# The first 16 digits of the SHA-256 of size and decoded pixels, before JPEG: encoders differ.
FINGERPRINTS = {
    ("bird", 0): "c533a74990a53f45",
    ("bird", 71): "78daf0c28a22c495",
    ("cat", 3): "73ab82ca0b30b366",
    ("cat", 99): "b68233407b975681",
    ("dog", 5): "68ff7ba61c22ae25",
    ("dog", 139): "769b473ac16fd4f7",
}


def fingerprint(label: str, index: int) -> str:
    image = picture.draw(label, index)
    return hashlib.sha256(str(image.size).encode() + image.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize(("label", "index"), sorted(FINGERPRINTS))
def test_a_picture_has_the_same_pixels_on_every_machine(label: str, index: int) -> None:
    assert fingerprint(label, index) == FINGERPRINTS[label, index]


def test_another_seed_draws_other_pictures() -> None:
    assert picture.draw("cat", 0, seed=1).tobytes() != picture.draw("cat", 0).tobytes()


@pytest.mark.parametrize(
    "field",
    ["scene", "pose", "size", "base", "pattern", "share", "line", "support", "cover", "light", "mirrored"],
)
def test_every_class_is_dealt_the_same_cards(field: str) -> None:
    dealt = [Counter(getattr(plan, field) for plan in picture.plans(label, 0)) for label in picture.CLASSES]
    assert dealt[0] == dealt[1] == dealt[2]
    assert len(dealt[0]) > 1


def test_there_are_at_least_140_pictures_of_each_class() -> None:
    assert [len(picture.plans(label, 0)) >= 140 for label in picture.CLASSES] == [True] * 3


def test_pictures_are_rgb_of_240_to_320_pixels_and_all_differ() -> None:
    images = [picture.draw(label, index) for label in picture.CLASSES for index in range(4)]
    assert {image.mode for image in images} == {"RGB"}
    assert all(240 <= side <= 320 for image in images for side in image.size)
    assert len({image.tobytes() for image in images}) == len(images)


@pytest.mark.parametrize("pose", sorted(set(picture.POSES)))
@pytest.mark.parametrize("label", picture.CLASSES)
def test_the_animal_fills_a_visible_share_of_the_picture(label: str, pose: str) -> None:
    from core.data.samples.drawn import drawing as drawings
    from core.data.samples.drawn.dice import Dice

    index, plan = next((i, p) for i, p in enumerate(picture.plans(label, 0)) if p.pose == pose)
    wide, high = plan.size
    figure = picture.animal(label, plan, Dice(0, label, index, "animal"))
    left, top, right, bottom = drawings.box(picture.place(figure, plan, 0.9 * high, Dice(index)))
    seen = (min(right, wide) - max(left, 0)) * (min(bottom, high) - max(top, 0)) / (wide * high)
    assert 0.15 < seen <= 1.0


def test_brightness_alone_does_not_tell_the_class() -> None:
    levels = {
        label: [np.asarray(picture.draw(label, index)).mean() for index in range(30)]
        for label in picture.CLASSES
    }
    middles = [np.mean(found) for found in levels.values()]
    assert max(middles) - min(middles) < np.mean([np.std(found) for found in levels.values()])
