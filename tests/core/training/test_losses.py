"""The loss of a blend is torch's cross-entropy with shares, and the blend of two plain losses."""

import pytest
import torch
import torch.nn.functional as F

from core.training import config as configs
from core.training import losses

SCORES = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
TRUTH = torch.tensor([0, 1, 2, 3, 0, 1])
ONES = torch.ones(4)


def config(**changes):
    return configs.TrainingConfig(dataset="d", split="s", **changes)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_shares_are_torchs_soft_targets(smoothing):
    shares = torch.softmax(torch.randn(6, 4, generator=torch.Generator().manual_seed(1)), 1)
    ours = losses.of(SCORES, shares, ONES, config(label_smoothing=smoothing))
    theirs = F.cross_entropy(SCORES, shares, reduction="none", label_smoothing=smoothing)
    assert torch.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("balance", ["none", "weights", "focal"])
def test_a_blend_loses_as_its_two_classes_would(balance):
    weights = torch.tensor([0.5, 2.0, 1.0, 1.0])
    other = TRUTH.roll(1)
    shares = 0.3 * F.one_hot(TRUTH, 4) + 0.7 * F.one_hot(other, 4)
    settings = config(balance=balance, label_smoothing=0.1)
    one, two = (losses.of(SCORES, truth, weights, settings) for truth in (TRUTH, other))
    assert torch.allclose(losses.of(SCORES, shares, weights, settings), 0.3 * one + 0.7 * two, atol=1e-6)


def test_an_answer_is_correct_when_it_is_the_stronger_class():
    shares = torch.tensor([[0.6, 0.4, 0, 0], [0.2, 0.8, 0, 0]])
    scores = torch.tensor([[3.0, 1, 0, 0], [3.0, 1, 0, 0]])
    assert losses.correct(scores, shares) == 1
    assert losses.correct(scores, torch.tensor([0, 0])) == 2
