"""A forecast: expected accuracy, a learning curve and the cost, with the test images sealed."""

import time

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.training import forecast, forecasts, jobs, manifests, tickets, worker


def test_a_forecast_says_what_to_expect(settings):
    config = settings(mode="full", backbone="resnet18", image_size=32)
    found = forecast.make(config)
    n = found["n_images"]
    table = manifests.make("tiny", "thirds")
    assert n == (table["subset"] != "test").sum()
    low, high = proportion_confint(round(found["accuracy"] * n), n, method="wilson")
    assert found["interval"] == pytest.approx([low, high])
    assert [point["fraction"] for point in found["learning_curve"]] == [0.25, 0.5, 0.75, 1.0]
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


def test_advice_follows_the_end_of_the_curve():
    assert "more images will help" in forecast.advise([0.6, 0.7, 0.8, 0.85])
    assert "hardly help" in forecast.advise([0.6, 0.8, 0.85, 0.85])


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
    from core.training import cost

    run = jobs.prepare(settings())
    with worker.held(run):
        tickets.take(run, "cpu")
        jobs.report.Status(run).set(state="running", seconds_left=42.0)
        assert cost.queue_seconds("cpu") == 42.0
    assert cost.queue_seconds("cpu") == 0.0
