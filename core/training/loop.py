"""The training loop: epochs of steps, an evaluation after each, and callbacks to whoever watches.

It knows nothing of files: what it finds out goes to a `Listener`, which may stop it by raising.
"""

import time
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import TrainingError
from core.model import augment, mixing, network
from core.training import checkpoint, ema, evaluate, faults, losses, optim, order, progressive, tasks
from core.training import device as devices
from core.training import ranks as processes

ALONE = processes.Ranks()
CHECK_EVERY = 16
"""Steps between looks at a GPU's loss: each look waits for it."""


class Trainer:
    """Trains `model` on a task, from `state` on."""

    def __init__(
        self,
        model: network.Classifier,
        task: tasks.Task,
        optimizer: torch.optim.Optimizer,
        state: checkpoint.State,
        listener: tasks.Listener,
        ranks: processes.Ranks = ALONE,
        *,
        average: ema.Average | None = None,
        core: nn.Module | None = None,
    ) -> None:
        """`average` is what is judged (by default the model itself); `core` is `model`, perhaps compiled."""
        self.model, self.task, self.optimizer = model, task, optimizer
        self.state, self.listener, self.ranks = state, listener, ranks
        self.epochs = task.config.epochs or 1
        self.steps = tasks.steps_per_epoch(task)
        self.weights = tasks.class_weights(task).to(task.device)  # (n_classes,)
        self.scaler = torch.amp.GradScaler(task.device.type, enabled=task.precision == "fp16")
        self.state.part = state.part or (task.config.batch_size or 1)
        self.average = average or ema.Average(model, None)
        self.core: nn.Module = model if core is None else core
        self.network: nn.Module = self.core
        self.set_rates = optim.set_rates
        self.partners: dict[int, int] = {}

    def fit(self) -> None:
        """Train to the last epoch, or until nothing better came for `early_stop` epochs."""
        while self.state.epoch < self.epochs and not self.state.stopped_early:
            self._epoch()

    def _epoch(self) -> None:
        head_only = self._prepare()
        self._train(head_only)
        entry = self._entry(self._validate(head_only))
        improved = self._judge(entry)
        self.state.epoch, self.state.step = self.state.epoch + 1, 0
        self.state.totals = [0.0, 0.0, 0.0, 0.0]
        self.listener.on_epoch(entry, improved)

    def _prepare(self) -> bool:
        """Freeze what this epoch keeps as it is; returns whether only the head learns."""
        config = self.task.config
        head_only = self.state.epoch < (config.head_epochs or 0)
        frozen = optim.frozen_stages(self.model, config.freeze, head_only=head_only)
        optim.freeze(self.model, stages_frozen=frozen)
        optim.set_mode(self.model, batch_norm=config.batch_norm or "train")
        self.network = self.ranks.wrap(self.core, self.task.device)
        return head_only

    def _train(self, head_only: bool) -> None:
        config, state = self.task.config, self.state
        labels = self.task.labels[self.task.train]
        plan = order.of_epoch(labels, seed=config.seed, epoch=state.epoch, balance=config.balance or "none")
        todo = order.batches(plan, config.batch_size or 1)
        while state.step < len(todo):
            start = time.perf_counter()
            batch = todo[state.step]
            self._step(batch)
            state.step += 1
            seconds = time.perf_counter() - start
            state.totals[3] += seconds
            self._tell(len(batch), seconds, head_only)

    def _tell(self, images: int, seconds: float, head_only: bool, *, evaluating: bool = False) -> None:
        step = tasks.Step(
            epoch=self.state.epoch + 1,
            step=self.state.step,
            steps=self.steps,
            images=images,
            seconds=seconds,
            head_only=head_only,
            part=self.state.part,
            evaluating=evaluating,
            size=progressive.size(self.task.config, self.state.epoch),
            loss=self.state.totals[0] / self.state.totals[2] if self.state.totals[2] else None,
            seen=int(self.state.totals[2]),
            rate=float(self.optimizer.param_groups[0]["lr"]),
        )
        self.listener.on_step(step)

    def _step(self, batch: np.ndarray) -> None:
        """One optimizer step on the training images at `batch` (positions in `task.train`)."""
        config, state = self.task.config, self.state
        number = state.epoch * self.steps + state.step
        self.set_rates(self.optimizer, number, self.epochs * self.steps, config.schedule)
        torch.manual_seed(hash((config.seed, state.epoch, state.step, self.ranks.rank)))  # dropout's
        self.partners = mixing.partners(batch) if config.mix != "none" else {}
        images, labels = self._load(self.ranks.shard(batch))
        while True:
            try:
                sums = self._backward(images, labels, len(batch))
                break
            except RuntimeError as error:
                state.part = faults.smaller_part(error, state.part)
                self.optimizer.zero_grad(set_to_none=True)
        self._check(sums, images)
        if config.clip is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(optim.trainable(self.model), config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.follow(number + 1)
        self._count(sums, len(batch))

    def _load(self, positions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Augmented images (n, 3, S, S), channels-last, and their labels: (n,), or shares (n, n_classes)."""
        config = self.task.config
        if not self.partners:
            return self._look(positions)
        return mixing.blend(
            config.mix,
            positions,
            self.partners,
            self._look,
            n_classes=self.task.n_classes,
            seed=config.seed,
            epoch=self.state.epoch,
        )

    def _look(self, positions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Augmented images and their labels (n,)."""
        task, config = self.task, self.task.config
        squares = torch.from_numpy(task.pixels.take(task.train[positions])).to(task.device)  # (n, R, R, 3)
        transform = progressive.transform(task.transform, progressive.size(config, self.state.epoch))
        if transform is not task.transform:
            squares = augment.shrink(squares, transform.resize)
        images = augment.batch(
            squares,
            transform,
            config.augment or "none",
            seed=config.seed,
            epoch=self.state.epoch,
            indices=positions.tolist(),
        )
        labels = torch.from_numpy(task.labels[task.train[positions]]).to(task.device)
        return images.contiguous(memory_format=torch.channels_last), labels

    def _backward(self, images: Tensor, labels: Tensor, n_global: int) -> Tensor:
        """Add up the gradients of the batch's mean loss, part by part; returns sums of loss and correct
        answers.
        """
        sums = torch.zeros(2, device=images.device)
        for part, truth in zip(images.split(self.state.part), labels.split(self.state.part), strict=True):
            with devices.autocast(self.task.device, self.task.precision):
                scores = self.network(part)  # (n, n_classes)
            each = losses.of(scores.float(), truth, self.weights, self.task.config)
            # DDP averages over the processes, so each counts its sum `size` times against the whole batch.
            self.scaler.scale(each.sum() * (self.ranks.size / n_global)).backward()
            # Reported is the plain loss, so that its curve compares with that of validation.
            plain = F.cross_entropy(scores.detach().float(), truth, reduction="sum")
            sums += torch.stack([plain, losses.correct(scores, truth)])
        return sums

    def _check(self, sums: Tensor, images: Tensor) -> None:
        """Stop before weights are spoilt by a loss that is no number."""
        state = self.state
        if images.device.type == "cuda" and state.step % CHECK_EVERY:
            return
        if not torch.isfinite(sums[0]):
            raise TrainingError(faults.blame(self.model, images, state.epoch + 1, state.step + 1))

    def _count(self, sums: Tensor, images: int) -> None:
        loss, correct = self.ranks.total(sums).tolist()
        totals = self.state.totals
        totals[0], totals[1], totals[2] = totals[0] + loss, totals[1] + correct, totals[2] + images

    def _validate(self, head_only: bool) -> tuple[np.ndarray, float]:
        """The validation logits (n, n_classes), and the seconds that they took."""
        task, start = self.task, time.perf_counter()
        part = evaluate.logits(
            self.average.model,
            task.pixels,
            self.ranks.shard(task.validation),
            task.transform,
            device=task.device,
            precision=task.precision,
            on_batch=lambda done: self._tell(0, 0.0, head_only, evaluating=True),
        )
        scores = self.ranks.join(part, len(task.validation), task.device)
        if not np.isfinite(scores).all():
            raise TrainingError(faults.NOT_FINITE.format(epoch=self.state.epoch + 1))
        return scores, time.perf_counter() - start

    def _entry(self, validated: tuple[np.ndarray, float]) -> dict[str, Any]:
        """The line of history for this epoch."""
        scores, evaluation_seconds = validated
        loss, correct, images, seconds = self.state.totals
        found = evaluate.figures(scores, self.task.labels[self.task.validation])
        return {
            "epoch": self.state.epoch + 1,
            "train_loss": loss / images,
            "train_accuracy": correct / images,
            **{f"validation_{key}": value for key, value in found.items()},
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
            "seconds": round(seconds + evaluation_seconds, 3),
            "training_seconds": round(seconds, 3),
            "images_per_second": round(images / seconds, 2) if seconds else None,
            "scores": scores,
        }

    def _judge(self, entry: dict[str, Any]) -> bool:
        """Whether this epoch is the best so far; counts towards stopping early."""
        config, state = self.task.config, self.state
        metric = config.metric or "accuracy"
        value = float(entry[f"validation_{metric}"])
        improved = evaluate.better(metric, value, state.best_value)
        if improved:
            state.best_value, state.best_epoch, state.stale = value, state.epoch + 1, 0
        else:
            state.stale += 1
        state.stopped_early = config.early_stop is not None and state.stale >= config.early_stop
        return improved
