"""Time left is what is left of each kind of step, at the pace of recent ones."""

import pytest

from core.training import pace, tasks


def step(seconds, *, head_only):
    return tasks.Step(epoch=1, step=1, steps=10, images=8, seconds=seconds, head_only=head_only, part=8)


@pytest.fixture
def pacing():
    return pace.Pace(epochs=3, steps=10, head_epochs=1, evaluation_images=0, final_images=0)


def test_nothing_is_claimed_before_anything_is_known(pacing):
    assert pacing.seconds_left(1, 0) is None


def test_time_left_adds_up_the_steps_of_each_kind(pacing):
    pacing.hear(step(0.5, head_only=True))
    pacing.hear(step(2.0, head_only=False))
    assert pacing.seconds_left(1, 4) == pytest.approx(6 * 0.5 + 20 * 2.0)
    assert pacing.seconds_left(3, 9) == pytest.approx(2.0)


def test_while_only_the_head_learned_the_rest_is_estimated(pacing):
    pacing.hear(step(1.0, head_only=True))
    assert pacing.seconds_left(1, 10) == pytest.approx(20 * pace.FULL_TO_HEAD)


def test_evaluations_and_the_last_look_count():
    pacing = pace.Pace(epochs=2, steps=10, head_epochs=0, evaluation_images=50, final_images=100)
    pacing.hear(step(1.0, head_only=False))
    pacing.evaluated(4.0)
    assert pacing.seconds_left(1, 10) == pytest.approx(10 + 2 * 4.0 + 1.5 * 8.0)


def test_images_per_second_are_those_of_lately(pacing):
    for _ in range(20):
        pacing.hear(step(4.0, head_only=False))
    for _ in range(10):
        pacing.hear(step(2.0, head_only=False))
    assert pacing.images_per_second == pytest.approx(4.0)
