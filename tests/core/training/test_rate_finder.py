"""The learning-rate finder: an exponential ramp, a smoothed loss, the steepest descent; nothing is kept."""

import math

import numpy as np
import pytest

from core import runs
from core.training import answers, rate_finder


def test_rates_rise_exponentially():
    multiples = [rate_finder.multiple(step) for step in range(rate_finder.STEPS)]
    expected = np.geomspace(rate_finder.LOWEST, rate_finder.HIGHEST, rate_finder.STEPS)
    assert multiples == pytest.approx(expected)


def test_smoothing_is_the_corrected_exponential_average_of_pandas():
    import pandas as pd

    losses = np.random.default_rng(0).random(30).tolist()
    reference = pd.Series(losses).ewm(alpha=1 - rate_finder.SMOOTHING, adjust=True).mean()
    assert rate_finder.smooth(losses) == pytest.approx(reference.tolist())


def test_the_suggestion_is_where_the_loss_falls_most_steeply():
    """A loss whose slope over log10 of the rate is known: a logistic fall, steepest at 1e-3."""
    rates = np.geomspace(1e-5, 1e-1, 81)
    losses = 2 - 1 / (1 + np.exp(-4 * (np.log10(rates) + 3)))
    losses[-8:] = [1.2, 1.6, 2.2, 3.0, 4.2, 6.0, 9.0, 14.0]
    assert rate_finder.steepest(rates.tolist(), losses.tolist()) == pytest.approx(1e-3, rel=0.15)


@pytest.mark.parametrize("losses", [np.full(40, 1.0), np.linspace(1, 3, 40)])
def test_a_loss_that_never_falls_suggests_nothing(losses):
    rates = np.geomspace(1e-5, 1, 40).tolist()
    assert rate_finder.steepest(rates, losses.tolist()) is None


def test_a_search_on_real_images_learns_and_then_runs_away(settings, monkeypatch):
    monkeypatch.setattr(rate_finder, "STEPS", 40)
    config = settings(backbone="resnet18", learning_rate=1e-3, backbone_learning_rate=1e-4)
    heard = []
    found = rate_finder.find(config, lambda done, total, message: heard.append(message))
    assert len(found["rates"]) == len(found["losses"]) >= rate_finder.FEWEST
    assert found["rates"] == pytest.approx(
        [1e-3 * rate_finder.multiple(step) for step in range(len(found["rates"]))]
    )
    assert all(math.isfinite(loss) for loss in found["losses"])
    assert min(found["losses"]) < found["losses"][0]
    assert 1e-6 <= found["suggested"] < found["rates"][int(np.argmin(found["losses"]))] * 1.001
    assert found["suggested_backbone"] == pytest.approx(found["suggested"] / 10)
    assert "Trying learning rates" in heard
    assert runs.all_runs() == []
    assert rate_finder.find(config) == found == answers.RATES.read(config), "kept, and not searched again"
