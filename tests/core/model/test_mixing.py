"""MixUp and CutMix blend images and labels alike, however a batch is cut up."""

import numpy as np
import pytest
import torch
from scipy import stats

from core.model import mixing

IMAGES = torch.rand(10, 3, 16, 16, generator=torch.Generator().manual_seed(1))
LABELS = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])


def load(numbers):
    return IMAGES[numbers], LABELS[numbers]


def blend(kind, numbers, batch):
    partners = mixing.partners(np.array(batch))
    return mixing.blend(kind, np.array(numbers), partners, load, n_classes=3, seed=3, epoch=1)


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_parts_and_processes_see_what_the_whole_batch_sees(kind):
    batch = [4, 9, 0, 7, 2, 5]
    images, shares = blend(kind, batch, batch)
    for some in (batch[:2], batch[2:], batch[1::2]):
        mine, truth = blend(kind, some, batch)
        rows = [batch.index(number) for number in some]
        assert torch.equal(mine, images[rows]) and torch.equal(truth, shares[rows])


def test_mixup_is_the_weighted_mean_of_two_images_and_of_their_labels():
    batch = [3, 8]
    images, shares = blend("mixup", batch, batch)
    keep, _ = mixing.draw("mixup", 3, 1, batch, 16)
    assert torch.allclose(images[0], keep[0] * IMAGES[3] + (1 - keep[0]) * IMAGES[8], atol=1e-6)
    assert shares[0].tolist() == pytest.approx([keep[0], 0, 1 - keep[0]])


def test_cutmix_labels_go_by_the_pixels_of_each_image():
    batch = list(range(10))
    images, shares = blend("cutmix", batch, batch)
    for i in batch:
        j = (i + 1) % 10
        assert torch.all((images[i] == IMAGES[i]) | (images[i] == IMAGES[j]))
        own = (images[i] == IMAGES[i]).all(0).float().mean()
        expected = torch.zeros(3)
        expected[LABELS[i]] += own
        expected[LABELS[j]] += 1 - own
        assert torch.allclose(shares[i], expected, atol=1e-6)


def test_mixups_shares_follow_their_distribution():
    keep, _ = mixing.draw("mixup", 0, 0, range(2000), 224)
    alpha = mixing.ALPHA["mixup"]
    assert stats.kstest(keep, stats.beta(alpha, alpha).cdf).pvalue > 0.01


def test_cutmixs_boxes_stay_within_the_image_and_keep_more_than_half_of_it_on_average():
    keep, boxes = mixing.draw("cutmix", 0, 0, range(2000), 224)
    top, bottom, left, right = boxes.T
    assert boxes.min() >= 0 and boxes.max() <= 224
    assert keep == pytest.approx(1 - (bottom - top) * (right - left) / 224**2, abs=1e-6)
    assert 0.6 < keep.mean() < 0.8  # 0.5, and what is cut off at the edges


def test_every_epoch_blends_otherwise():
    keep, _ = mixing.draw("mixup", 0, 0, range(5), 16)
    again, _ = mixing.draw("mixup", 0, 0, range(5), 16)
    other, _ = mixing.draw("mixup", 0, 1, range(5), 16)
    assert np.array_equal(keep, again) and not np.array_equal(keep, other)
