"""Memory that runs out, and losses that are no numbers, as the loop and the evaluation meet them."""

import numpy as np
import pytest
import torch

from core.errors import TrainingError
from core.model import network
from core.model import transform as transforms
from core.training import checkpoint as checkpoints
from core.training import config as configs
from core.training import cost, evaluate, faults, feed, loop, losses, optim, tally, tasks
from core.training import device as devices

CPU = torch.device("cpu")
TRANSFORM = transforms.EvalTransform(image_size=32, resize=36)


def make_task(n=16, **changes):
    rates = {"learning_rate": 1e-3, "backbone_learning_rate": 1e-3, "layer_decay": 1.0, "head_epochs": 0}
    small = {"backbone": "resnet18", "epochs": 1, "batch_size": 4, "batch_norm": "frozen", "augment": "none"}
    config = configs.TrainingConfig(dataset="d", split="s", **(rates | small | changes))
    return tasks.Task(
        config=config,
        transform=TRANSFORM,
        pixels=cost.RandomPixels(n + 3, TRANSFORM.resize),
        paths=[""] * (n + 3),
        labels=np.arange(n + 3) % 3,
        train=np.arange(n),
        validation=np.arange(n, n + 3),
        n_classes=3,
        device=CPU,
        precision=config.precision if config.precision != "auto" else "fp32",
    )


class Silent:
    """Hears everything and keeps the steps."""

    def __init__(self):
        self.steps, self.entries = [], []

    def on_step(self, step):
        self.steps.append(step)

    def on_epoch(self, entry, improved):
        self.entries.append(entry)


def make_trainer(task, state=None):
    torch.manual_seed(0)
    model = network.Classifier(task.config.backbone, 3, 32).to(memory_format=torch.channels_last)
    optimizer = optim.build(model, task.config, head_steps=0)
    return loop.Trainer(model, task, optimizer, state or checkpoints.State(), Silent())


@pytest.mark.parametrize(
    ("n", "part", "least", "count"), [(8, 8, 1, 1), (9, 8, 1, 2), (9, 4, 1, 3), (3, 2, 2, 1), (5, 1, 1, 5)]
)
def test_batches_are_cut_evenly_and_none_smaller_than_allowed(n, part, least, count):
    assert faults.pieces(n, part, least) == count
    sizes = [len(piece) for piece in np.array_split(np.arange(n), count)]
    assert min(sizes) >= least and max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v3_small"])
def test_one_image_left_over_does_not_stand_alone_before_batch_norm(backbone):
    trainer = make_trainer(make_task(n=17, batch_size=8, batch_norm="train", backbone=backbone))
    trainer.fit()
    assert [step.images for step in trainer.listener.steps if not step.evaluating] == [8, 9]


def weights_of(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def test_a_device_that_is_looked_at_seldom_keeps_its_weights_from_the_bad_step_on(monkeypatch):
    """As on a GPU: the second step goes bad, and the look comes after the fourth."""
    monkeypatch.setitem(loop.CHECK_EVERY, "cpu", 4)
    trainer = make_trainer(make_task())
    kept = []
    real = losses.of

    def spoilt(*given):
        kept.append(weights_of(trainer.model))
        return real(*given) * (float("nan") if trainer.state.step == 1 else 1.0)

    monkeypatch.setattr(losses, "of", spoilt)
    with pytest.raises(TrainingError, match="epoch 1, step 2: first seen in the loss or its gradients"):
        trainer.fit()
    assert len(kept) == 4
    for key, value in weights_of(trainer.model).items():
        assert torch.equal(value, kept[1][key]), key
    assert not torch.equal(kept[0]["classifier.weight"], kept[1]["classifier.weight"])


def test_what_is_counted_on_the_device_is_what_step_by_step_counting_gives(monkeypatch):
    often = make_trainer(make_task())
    often.fit()
    monkeypatch.setitem(loop.CHECK_EVERY, "cpu", 3)
    seldom = make_trainer(make_task())
    seldom.fit()
    for key in ("train_loss", "train_accuracy"):
        assert often.listener.entries[0][key] == seldom.listener.entries[0][key]


def test_gradients_that_are_no_numbers_do_not_reach_the_weights(monkeypatch):
    """The loss itself is fine: 0 times the gradient of a square root at 0."""
    trainer = make_trainer(make_task())
    real = losses.of
    monkeypatch.setattr(
        losses, "of", lambda s, *rest: real(s, *rest) + (s - s.detach()).abs().sqrt().sum() * 0
    )
    before = weights_of(trainer.model)
    with pytest.raises(TrainingError, match="epoch 1, step 1"):
        trainer.fit()
    assert all(torch.equal(value, before[key]) for key, value in weights_of(trainer.model).items())


def test_a_tally_counts_up_to_the_first_bad_step():
    counted = tally.Tally(CPU)
    good, bad = torch.tensor(False), torch.tensor(True)
    assert counted.add(torch.tensor([1.5, 2.0]), good, 7) == 0
    assert counted.add(torch.tensor([float("nan"), 2.0]), bad, 8) == 1
    assert counted.add(torch.tensor([1.0, 2.0]), good, 9) == 1
    assert counted.read() == (1.5, 2.0, 8)
    assert counted.read() == (0.0, 0.0, None)


@pytest.mark.parametrize("place", ["core.training.feed.augment.batch", "core.training.optim.reserve"])
def test_memory_that_runs_out_beside_the_network_halves_too(monkeypatch, place):
    module, _, name = place.rpartition(".")
    real = getattr(feed.augment if "augment" in module else optim, name)
    failed = []

    def scarce(first, *rest, **options):
        if not failed:
            failed.append(1)
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(first, *rest, **options)

    monkeypatch.setattr(place, scarce)
    trainer, whole = make_trainer(make_task()), make_trainer(make_task())
    trainer.fit()
    monkeypatch.undo()
    whole.fit()
    assert trainer.state.part == 2
    theirs = whole.listener.entries[0]["train_loss"]
    assert trainer.listener.entries[0]["train_loss"] == pytest.approx(theirs, rel=1e-4)


def test_memory_that_runs_out_while_answering_halves_what_is_answered_at_once(monkeypatch):
    model, pixels = network.Classifier("resnet18", 3, 32).eval(), cost.RandomPixels(20, TRANSFORM.resize)
    expected = evaluate.logits(model, pixels, np.arange(20), TRANSFORM, device=CPU, batch_size=16)
    sizes, real = [], network.Classifier.forward

    def scarce(self, x):
        sizes.append(len(x))
        if len(x) > 4:
            raise torch.OutOfMemoryError("out of memory")
        return real(self, x)

    monkeypatch.setattr(network.Classifier, "forward", scarce)
    found = evaluate.logits(model, pixels, np.arange(20), TRANSFORM, device=CPU, batch_size=16)
    assert sizes == [16, 8, 4, 4, 4, 4, 4]
    assert np.abs(found - expected).max() < 1e-4


def test_not_even_one_image_is_a_sentence():
    with pytest.raises(TrainingError, match="with a single image"):
        faults.smaller_part(1)
    with pytest.raises(TrainingError, match="with only 2 images"):
        faults.smaller_part(2, least=2)


def test_any_other_error_is_not_taken_for_lack_of_memory():
    assert faults.is_out_of_memory(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"))
    assert not faults.is_out_of_memory(RuntimeError("shapes do not match"))


def test_training_may_round_on_gpus_and_answers_may_not(monkeypatch):
    def allowed():
        return torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()

    seen, real = [], network.Classifier.forward
    monkeypatch.setattr(
        network.Classifier, "forward", lambda self, x: seen.append(allowed()) or real(self, x)
    )
    devices.exact_fp32()
    make_trainer(make_task(n=4)).fit()
    assert set(seen) == {(True, "high")}
    assert allowed() == (False, "highest")


def test_reserved_state_is_what_adamw_makes_itself():
    gradients = [torch.randn(3, 2), torch.randn(4)]
    found = []
    for reserve in (True, False):
        torch.manual_seed(0)
        parameters = [torch.nn.Parameter(torch.randn(3, 2)), torch.nn.Parameter(torch.randn(4))]
        optimizer = torch.optim.AdamW([{"params": [p]} for p in parameters], lr=0.1, fused=True)
        for _ in range(2):
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient.clone()
            if reserve:
                optim.reserve(optimizer)
            optimizer.step()
        found.append(parameters)
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
