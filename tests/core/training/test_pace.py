"""Time left is what is left of each kind of step, at the pace of recent ones, and what comes after them."""

import pytest

from core.training import config as configs
from core.training import pace, tasks

HEAD, FULL = pace.Kind(True, 64), pace.Kind(False, 64)


def step(seconds, *, head_only, size=64):
    return tasks.Step(
        epoch=1, step=1, steps=10, images=8, seconds=seconds, head_only=head_only, part=8, size=size
    )


@pytest.fixture
def pacing():
    return pace.Pace([HEAD, FULL, FULL], steps=10, evaluation_images=0)


def test_nothing_is_claimed_before_anything_is_known(pacing):
    assert pacing.seconds_left(1, 0) is None


def test_time_left_adds_up_the_steps_of_each_kind(pacing):
    pacing.hear(step(0.5, head_only=True))
    pacing.hear(step(2.0, head_only=False))
    assert pacing.seconds_left(1, 4) == pytest.approx(6 * 0.5 + 20 * 2.0)
    assert pacing.seconds_left(3, 9) == pytest.approx(2.0)


def test_while_only_the_head_learned_the_rest_is_guessed_until_it_is_measured(pacing):
    pacing.hear(step(1.0, head_only=True))
    assert pacing.seconds_left(1, 10) == pytest.approx(20 * pace.FULL_TO_HEAD)
    pacing.expect(head=0.1, full=0.5, size=64)
    assert pacing.seconds_left(1, 10) == pytest.approx(20 * 5.0), "the measured ratio, at the pace heard"


def test_what_was_measured_before_the_start_serves_until_the_first_step(pacing):
    pacing.expect(head=0.1, full=0.5, size=64, evaluation=2.0)
    assert pacing.seconds_left(1, 0) == pytest.approx(10 * 0.1 + 20 * 0.5 + 3 * 2.0)


def test_smaller_images_take_as_their_pixels():
    pacing = pace.Pace([pace.Kind(False, 32), FULL], steps=10, evaluation_images=0)
    pacing.hear(step(1.0, head_only=False, size=32))
    assert pacing.seconds_left(1, 10) == pytest.approx(10 * 4.0)
    pacing.hear(step(3.0, head_only=False, size=64))
    assert pacing.seconds_left(2, 0) == pytest.approx(10 * 3.0)


def test_evaluations_and_what_comes_after_the_last_epoch_count():
    pacing = pace.Pace([FULL, FULL], steps=10, evaluation_images=50, tail=12.0)
    pacing.hear(step(1.0, head_only=False))
    pacing.evaluated(4.0)
    assert pacing.seconds_left(1, 10) == pytest.approx(10 + 2 * 4.0 + 12.0)
    pacing.saved(1.5)
    assert pacing.seconds_left(1, 10) == pytest.approx(10 + 2 * (4.0 + 1.5) + 12.0)


def test_images_per_second_are_those_of_lately(pacing):
    for _ in range(20):
        pacing.hear(step(4.0, head_only=False))
    for _ in range(10):
        pacing.hear(step(2.0, head_only=False))
    assert pacing.images_per_second == pytest.approx(4.0)


def test_the_plan_knows_the_heads_epochs_and_the_sizes():
    config = configs.TrainingConfig(
        dataset="d", split="s", epochs=10, head_epochs=1, image_size=160, progressive="on"
    )
    sizes = [96, 96, 96, 128, 128, 128, 160, 160, 160, 160]
    assert pace.plan(config) == [pace.Kind(epoch < 1, size) for epoch, size in enumerate(sizes)]
    assert {kind.size for kind in pace.plan(config.but(progressive="off"))} == {160}
    assert all(kind.head_only for kind in pace.plan(config.but(freeze="all")))


@pytest.mark.parametrize(("epochs", "sizes"), [(1, [160]), (2, [96, 160]), (3, [96, 128, 160])])
def test_the_last_epoch_is_always_at_full_size(epochs, sizes):
    config = configs.TrainingConfig(
        dataset="d", split="s", epochs=epochs, head_epochs=0, image_size=160, progressive="on"
    )
    assert [kind.size for kind in pace.plan(config)] == sizes


def test_a_transformer_keeps_its_one_size():
    config = configs.TrainingConfig(
        dataset="d", split="s", epochs=4, image_size=224, progressive="on", backbone="vit_b_16"
    )
    assert {kind.size for kind in pace.plan(config)} == {224}
