"""A forecast: expected accuracy, a learning curve and the cost, with the test images sealed."""

import time

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.training import estimates, forecast, forecasts, jobs, manifests, tickets, waiting, worker


def test_a_forecast_says_what_to_expect(settings):
    config = settings(mode="full", backbone="resnet18", image_size=32)
    found = forecast.make(config)
    n = found["n_images"]
    table = manifests.make("tiny", "thirds")
    assert n == (table["subset"] != "test").sum()
    low, high = proportion_confint(round(found["accuracy"] * n), n, method="wilson")
    assert found["interval"] == pytest.approx([low, high])
    assert [point["fraction"] for point in found["learning_curve"]] == [0.25, 0.5, 0.75, 1.0]
    for point in found["learning_curve"]:
        low, high = proportion_confint(round(point["accuracy"] * n), n, method="wilson")
        assert point["interval"] == pytest.approx([low, high])
    assert found["seconds_full"] > 0
    assert found["cost"]["memory_bytes"] > 1e8
    assert forecasts.read(config) == found


def test_the_same_question_is_answered_from_the_cache(settings, monkeypatch):
    config = settings(mode="quick")
    found = forecast.make(config)
    monkeypatch.setattr("core.training.quick.see", lambda *_: pytest.fail("computed again"))
    assert forecast.make(config.but(note="another note")) == found


def test_test_images_are_never_looked_at(settings, monkeypatch):
    seen = []
    real = forecast.quick.see
    monkeypatch.setattr(
        "core.training.quick.see", lambda table, *rest: seen.append(table) or real(table, *rest)
    )
    forecast.make(settings(mode="quick"))
    assert set(seen[0]["subset"]) == {"train", "validation"}


def test_thinning_keeps_every_class_and_grows(settings):
    labels = np.array([0] * 20 + [1] * 3)
    few, more = (forecast._thinned(np.arange(23), labels, share) for share in (0.25, 0.5))
    assert np.bincount(labels[few]).tolist() == [5, 1]
    assert set(few) <= set(more)


def parted(n, fixed, broken):
    """The same `n` images before and after: `fixed` became right, `broken` wrong."""
    before, after = np.zeros(n, bool), np.zeros(n, bool)
    after[:fixed] = True
    before[fixed : fixed + broken] = True
    return before, after


def test_the_gain_of_the_last_quarter_is_compared_image_by_image():
    """Worked by hand: n = 98, 9 fixed, 1 broken; p = 0.1 and 0.02, half = 1.96 sqrt(0.1136 / 100)."""
    gain, (low, high) = forecast.gained(*parted(98, 9, 1))
    assert gain == pytest.approx(8 / 98)
    assert (low, high) == pytest.approx((0.08 - 0.066062, 0.08 + 0.066062), abs=1e-5)


@pytest.mark.parametrize(
    ("n", "fixed", "broken", "said"),
    [
        (400, 30, 4, "more images will help"),
        (1000, 3, 2, "hardly help"),
        (60, 3, 1, "cannot be told yet"),
        (100, 1, 4, "cannot be told yet"),
        (1000, 5, 60, "hardly help"),
    ],
)
def test_advice_claims_only_what_is_beyond_chance(n, fixed, broken, said):
    assert said in forecast.advise(*forecast.gained(*parted(n, fixed, broken)), n)


def test_noise_alone_is_seldom_called_a_gain():
    """Two models that are right equally often: in about 2.5 of 100 comparisons a gain is claimed."""
    random = np.random.default_rng(0)
    claimed = 0
    for _ in range(400):
        before, after = random.random((2, 120)) < 0.8
        claimed += "will help" in forecast.advise(*forecast.gained(before, after), 120)
    assert claimed / 400 < 0.06


def test_a_forecast_can_be_asked_for_and_looked_up(settings):
    config = settings(mode="quick")
    assert forecasts.state(config)["state"] == "none"
    forecasts.ask(config)
    while forecasts.state(config)["state"] == "working":
        time.sleep(0.1)
    assert forecasts.state(config)["state"] == "ready"
    assert 0 <= forecasts.read(config)["accuracy"] <= 1


def test_a_forecast_that_cannot_be_made_says_why(settings, tiny_folder):
    config = settings(mode="quick")
    for file in tiny_folder.glob("red/*.png"):
        file.write_bytes(b"")
    forecasts.ask(config)
    while forecasts.state(config)["state"] == "working":
        time.sleep(0.1)
    said = forecasts.state(config)
    assert said["state"] == "failed"
    assert ".png" in said["message"]


def test_the_queue_is_counted_in(settings):
    run = jobs.prepare(settings())
    with worker.held(run):
        tickets.take(run, "cpu")
        jobs.report.Status(run).set(state="running", seconds_left=42.0)
        assert waiting.seconds("cpu") == 42.0
    assert waiting.seconds("cpu") == 0.0


def test_the_queue_is_that_of_now_whenever_a_forecast_is_shown(settings):
    config = settings(mode="full", epochs=1)
    assert forecast.make(config)["cost"]["queue_seconds"] == 0.0
    run = jobs.prepare(settings(epochs=2))
    with worker.held(run):
        tickets.take(run, "cpu")
        jobs.report.Status(run).set(state="running", seconds_left=42.0)
        assert forecasts.read(config)["cost"]["queue_seconds"] == 42.0
        assert forecast.make(config)["cost"]["queue_seconds"] == 42.0
    assert forecasts.read(config)["cost"]["queue_seconds"] == 0.0


def test_a_queued_run_counts_with_what_it_is_expected_to_take(settings):
    """As the forecast of like settings says, else as the latest run like it took, by images and epochs."""
    config = settings(mode="full", epochs=2)
    known = forecast.make(config)
    run = jobs.prepare(config.but(name="another name"))
    assert run.config()["expected_seconds"] == pytest.approx(known["seconds_full"])
    with worker.held(run):
        tickets.take(run, "cpu")
        jobs.report.Status(run).set(state="queued")
        assert waiting.seconds("cpu") == pytest.approx(known["seconds_full"])
    other = config.but(label_smoothing=0.1)
    done = jobs.prepare(other)
    assert "expected_seconds" not in done.config()
    jobs.report.Status(done).set(state="finished", seconds=10.0, peak_bytes=5)
    found = estimates.of(other.but(epochs=6), done.manifest())
    assert (found.seconds, found.memory_bytes, found.by) == (30.0, 5, "run")
    half = done.manifest()
    half = half.drop(half.index[half["subset"] == "train"][::2])
    assert estimates.of(other, half).seconds == pytest.approx(5.0)
    assert estimates.of(other.but(image_size=64), done.manifest()) is None


def test_a_cost_that_was_measured_while_another_run_was_at_work_says_so(settings):
    run = jobs.prepare(settings())
    with worker.held(run):
        tickets.take(run, "cpu")
        assert forecast.make(settings(mode="quick"))["cost"]["contended"] is True
    assert forecast.make(settings(mode="full"))["cost"]["contended"] is False
