"""Rates and groups: smaller for earlier stages, no decay for norms and biases, a head that goes first."""

import pytest
import torch
from torch import nn

from core.model import network
from core.training import config as configs
from core.training import optim
from core.training import schedule as schedule_


@pytest.fixture(scope="module")
def model() -> network.Classifier:
    return network.Classifier("resnet18", 3, 32)


def make(**changes):
    rates = {"learning_rate": 0.1, "backbone_learning_rate": 0.01, "layer_decay": 0.5}
    return configs.TrainingConfig(dataset="d", split="s", **(rates | changes))


def test_every_weight_is_in_one_group(model):
    optimizer = optim.build(model, make(), head_steps=0)
    listed = [id(p) for group in optimizer.param_groups for p in group["params"]]
    assert sorted(listed) == sorted(id(p) for p in model.parameters())


def test_norms_and_biases_are_not_decayed(model):
    optimizer = optim.build(model, make(weight_decay=0.1), head_steps=0)
    for group in optimizer.param_groups:
        assert {p.ndim > 1 for p in group["params"]} == {group["weight_decay"] > 0}


def test_earlier_stages_move_slower(model):
    optimizer = optim.build(model, make(), head_steps=0)
    peaks = list(dict.fromkeys(group["peak"] for group in optimizer.param_groups))
    assert peaks == pytest.approx([0.1, 0.01, 0.005, 0.0025, 0.00125, 0.000625])


def test_the_backbone_waits_for_the_head(model):
    optimizer = optim.build(model, make(), head_steps=10)
    optim.set_rates(optimizer, 5, 40, "one-cycle")
    assert optimizer.param_groups[0]["lr"] > 0
    assert all(group["lr"] == 0 for group in optimizer.param_groups if group["start"] == 10)
    optim.set_rates(optimizer, 10, 40, "one-cycle")
    assert all(group["lr"] > 0 for group in optimizer.param_groups)


@pytest.mark.parametrize("schedule", ["one-cycle", "cosine", "constant"])
def test_a_schedule_warms_up_to_its_peak_and_stays_above_zero(schedule):
    factors = [schedule_.factor(i / 200, schedule) for i in range(201)]
    assert factors[0] == pytest.approx(0.04)
    assert max(factors) == pytest.approx(1.0)
    assert min(factors) > 0
    assert factors[-1] == pytest.approx(1.0 if schedule == "constant" else 0.01)


def test_one_cycle_is_the_one_of_pytorch():
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=101, pct_start=26 / 101, div_factor=25, final_div_factor=4,
        cycle_momentum=False,
    )  # fmt: skip
    theirs = []
    for _ in range(101):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(theirs) < 101:
            reference.step()
    ours = [schedule_.factor(i / 100, "one-cycle") for i in range(101)]
    assert ours == pytest.approx(theirs)


def test_freezing_the_stem_keeps_the_first_stages(model):
    optim.freeze(model, stages_frozen=optim.frozen_stages(model, "stem", head_only=False))
    learning = [any(p.requires_grad for p in stage) for stage in network.stages(model)]
    assert learning == [False, False, True, True, True, True]
    optim.freeze(model, stages_frozen=0)


def test_frozen_batch_norm_keeps_its_statistics(model):
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    optim.set_mode(model, batch_norm="frozen")
    assert not any(norm.training for norm in norms)
    optim.set_mode(model, batch_norm="train")
    assert all(norm.training for norm in norms)
    optim.freeze(model, stages_frozen=5)
    optim.set_mode(model, batch_norm="train")
    assert not any(norm.training for norm in norms)
    optim.freeze(model, stages_frozen=0)
