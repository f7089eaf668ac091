"""What the network is shown does not depend on how a batch is shared and cut."""

import numpy as np
import pytest
import torch

from core.model import transform as transforms
from core.training import config as configs
from core.training import cost, feed, tasks

SIDE = 32


def made(**settings) -> feed.Feed:
    config = configs.TrainingConfig(
        dataset="d", split="s", epochs=4, image_size=SIDE, batch_size=8, **settings
    )
    transform = transforms.EvalTransform.for_size(SIDE)
    task = tasks.Task(
        config=config,
        transform=transform,
        pixels=cost.RandomPixels(12, transform.resize),
        paths=[""] * 12,
        labels=np.arange(12) % 3,
        train=np.arange(10),
        validation=np.arange(10, 12),
        n_classes=3,
        device=torch.device("cpu"),
        precision="fp32",
    )
    return feed.Feed(task, 0)


@pytest.mark.parametrize("mix", ["none", "mixup", "cutmix"])
def test_shares_and_parts_show_what_the_whole_batch_shows(mix):
    shown = made(mix=mix, augment="light")
    batch = np.array([3, 8, 1, 0, 9, 13, 6, 2])  # 13: image 3, for the second time
    images, labels = shown.show(shown.fetch(batch, batch), batch)
    for mine in (batch[:3], batch[3:]):
        fetched = shown.fetch(batch, mine)
        for part in np.array_split(mine, 2):
            places = [batch.tolist().index(number) for number in part]
            some, truth = shown.show(fetched, part)
            torch.testing.assert_close(some, images[places])
            torch.testing.assert_close(truth, labels[places])


def test_a_blend_fetches_its_partners_from_the_other_processes_and_nothing_else():
    batch, mine = np.array([3, 8, 1, 0]), np.array([3, 8])
    assert len(made(mix="none").fetch(batch, mine).squares) == 2
    fetched = made(mix="mixup").fetch(batch, mine)
    assert fetched.places == {3: 0, 8: 1, 1: 2}  # 8 is blended with 1
    assert len(made(mix="mixup").fetch(batch, mine[:0]).squares) == 0


def test_labels_are_the_images_also_where_they_come_again():
    shown = made(augment="light")
    numbers = np.array([4, 14])
    images, labels = shown.show(shown.fetch(numbers, numbers), numbers)
    assert labels.tolist() == [1, 1]
    assert not torch.equal(images[0], images[1])
    assert images.is_contiguous(memory_format=torch.channels_last)
