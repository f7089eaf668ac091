"""MixUp, RandAugment, averaged weights, growing images, compiling: each trains, and resumes exactly."""

import copy

import pytest
import safetensors.torch
import torch

from core.model import network
from core.training import compiling, ema, feed, jobs, progressive
from tests.core.training.trained import assert_same, stop_after, train

OPTIONS = {
    "mixup": {"mix": "mixup", "balance": "weights"},
    "cutmix": {"mix": "cutmix"},
    "randaugment": {"augment": "randaugment"},
    "ema": {"ema": 0.9},
    "progressive": {"progressive": "on", "image_size": 64},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_run_stopped_within_an_epoch_goes_on_as_if_it_never_stopped(settings, name):
    config = settings(**OPTIONS[name])
    unbroken = train(config)
    run = jobs.prepare(config)
    assert jobs.run_here(run, stop_after(run, "pause", "Epoch 2 of 2, step 1")) == "paused"
    jobs.resume(run.id, detach=False)
    assert run.state() == "finished", run.status()["error"]
    assert_same(unbroken, run)


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_a_blended_batch_in_parts_has_the_gradients_of_the_whole(settings, monkeypatch, name):
    options = {"epochs": 1, "backbone": "resnet18", "batch_norm": "frozen", "mix": name}
    whole = train(settings(**options))
    real = network.Classifier.forward

    def scarce(self, x):
        if self.training and len(x) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return real(self, x)

    monkeypatch.setattr(network.Classifier, "forward", scarce)
    run = train(settings(**options))
    assert run.history()[0]["train_loss"] == pytest.approx(whole.history()[0]["train_loss"], rel=1e-4)


def test_the_average_is_the_recursion_that_it_claims_to_be():
    """Against torch's own averaged model, given the same decay at each step."""
    torch.manual_seed(0)
    trained = network.Classifier("mobilenet_v3_small", 2, 32)
    average = ema.Average(trained, 0.9)
    decays = iter([0.0, *(min(0.9, (1 + step) / (10 + step)) for step in range(1, 30))])
    reference = torch.optim.swa_utils.AveragedModel(
        trained, avg_fn=lambda kept, now, _: kept + (1 - decay) * (now - kept), use_buffers=False
    )
    decay = next(decays)
    reference.update_parameters(trained)  # its first call copies
    for step in range(1, 20):
        with torch.no_grad():
            for parameter in trained.parameters():
                parameter.add_(torch.randn_like(parameter))
        decay = next(decays)
        average.follow(step)
        reference.update_parameters(trained)
    for ours, theirs in zip(average.model.parameters(), reference.module.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_the_average_is_what_is_judged_and_kept(settings, monkeypatch):
    kept = []
    real = ema.Average.follow

    def follow(self, steps):
        real(self, steps)
        kept.append((self.trained, self.model))

    monkeypatch.setattr(ema.Average, "follow", follow)
    run = train(settings(epochs=1, ema=0.9))
    trained, averaged = (dict(model.named_parameters()) for model in kept[-1])
    saved = safetensors.torch.load_file(run.folder / "model.safetensors")
    assert all(torch.equal(saved[name], value) for name, value in averaged.items())
    assert not all(torch.equal(saved[name], value) for name, value in trained.items())


def test_without_an_average_the_network_itself_is_kept():
    model = network.Classifier("mobilenet_v3_small", 2, 32)
    average = ema.Average(model, None)
    average.follow(1)
    assert average.model is model and average.parts() == {}


def test_early_epochs_really_see_smaller_images(settings, monkeypatch):
    sides = []
    real = feed.augment.batch

    def batch(squares, transform, *rest, **more):
        found = real(squares, transform, *rest, **more)
        sides.append((squares.shape[1], found.shape[-1]))
        return found

    monkeypatch.setattr(feed.augment, "batch", batch)
    run = train(settings(epochs=3, image_size=64, progressive="on", augment="none"))
    config = settings(epochs=3, image_size=64, progressive="on")
    sizes = [progressive.size(config, epoch) for epoch in range(3)]
    assert sizes == [32, 48, 64]
    assert list(dict.fromkeys(side for _, side in sides)) == sizes
    assert len({stored for stored, _ in sides}) == 3, "squares shrink with the images"
    assert run.predictions("validation").logits.shape[1] == 3


def test_a_network_that_cannot_be_compiled_is_trained_as_it_is(settings, monkeypatch):
    def broken(model, **_):
        raise RuntimeError("no C++ compiler found")

    plain = train(settings(epochs=1))
    monkeypatch.setattr(torch, "compile", broken)
    run = train(settings(epochs=1, compile="on"))
    assert_same(plain, run)
    (note,) = [said for said in run.status()["notes"] if "compiled" in said]
    assert "no C++ compiler found" in note and "goes on without" in note


class Compiled(torch.nn.Module):
    """As what torch.compile returns: it holds the network under another name, and calls it."""

    def __init__(self, model):
        super().__init__()
        self._orig_mod, self.calls = model, 0

    def forward(self, x):
        self.calls += 1
        return self._orig_mod(x)


def test_the_compiled_network_is_the_one_that_is_trained_and_no_name_changes(settings, monkeypatch):
    made = []
    monkeypatch.setattr(torch, "compile", lambda model: made.append(Compiled(model)) or made[-1])
    plain, run = train(settings(epochs=1)), train(settings(epochs=1, compile="on"))
    assert len(made) == 1 and made[0].calls > 2
    assert not [said for said in run.status()["notes"] if "compiled" in said]
    assert_same(plain, run)
    saved = safetensors.torch.load_file(run.folder / "model.safetensors")
    assert saved.keys() == network.Classifier("mobilenet_v3_small", 3, 32).state_dict().keys()


def test_a_trial_compilation_leaves_the_network_as_it_was(settings, monkeypatch):
    """With torch's own eager backend, so that no compiler is needed."""
    real = torch.compile
    monkeypatch.setattr(torch, "compile", lambda model: real(model, backend="eager"))
    model = network.Classifier("resnet18", 2, 32)
    before = copy.deepcopy(model.state_dict())
    core, trouble = compiling.compiled(model, settings(), torch.device("cpu"), 32)
    assert trouble == "" and core is not model
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
