"""The training loop: epochs of steps, an evaluation after each, and callbacks to whoever watches.

It knows nothing of files: what it finds out goes to a `Listener`, which may stop it by raising.
"""

import contextlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import TrainingError
from core.model import network
from core.training import ahead, checkpoint, ema, evaluate, faults, feed, judging, losses, optim, tally, tasks
from core.training import device as devices
from core.training import ranks as processes

ALONE = processes.Ranks()
CHECK_EVERY = {"cuda": 16}
"""Steps between looks at a device's loss, where each look waits for it; elsewhere each step is looked at."""


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
        if state.scaler:
            self.scaler.load_state_dict(state.scaler)
        self.state.part = self.state.part or max(tasks.longest_batch(task), task.config.batch_size or 1)
        self.least = 2 if task.config.batch_norm == "train" else 1  # BatchNorm cannot be trained on one image
        self.batches: list[np.ndarray] = []  # of the epoch under way
        self.tally = tally.Tally(task.device)
        self.check_every = CHECK_EVERY.get(task.device.type, 1)
        self.leash = tally.Leash(task.device)
        self.average = average or ema.Average(model, None)
        self.core: nn.Module = model if core is None else core
        self.network: nn.Module = self.core
        self.set_rates = optim.set_rates
        self.feed = feed.Feed(task, state.epoch)
        self.counted = state.totals[2]  # images of the epoch whose losses have been read
        self.proven = 0  # images of the longest batch that fitted every process since the network was wrapped

    def fit(self) -> None:
        """Train to the last epoch, or until nothing better came for `early_stop` epochs."""
        with devices.tf32():
            while self.state.epoch < self.epochs and not self.state.stopped_early:
                self._epoch()

    def catch_up(self) -> None:
        """Read what the device has counted, so that `state` is fit to be saved; every process has to call it.

        Raises:
            TrainingError: loss or gradients stopped being numbers; the weights are those before that step.
        """
        loss, correct, bad = self.tally.read()
        if bad is not None:
            raise TrainingError(self._blame(bad))
        self.state.totals[0] += loss
        self.state.totals[1] += correct
        self.counted = self.state.totals[2]
        self.state.scaler = self.scaler.state_dict()

    def _epoch(self) -> None:
        head_only = self._prepare()
        self._train(head_only)
        scores, evaluation_seconds = self._validate(head_only)
        entry = judging.entry(
            self.state,
            scores,
            self.task.labels[self.task.validation],
            learning_rate=float(self.optimizer.param_groups[0]["lr"]),
            evaluation_seconds=evaluation_seconds,
        )
        improved = judging.judge(self.task.config, self.state, entry)
        self.state.epoch, self.state.step = self.state.epoch + 1, 0
        self.state.totals, self.counted = [0.0, 0.0, 0.0, 0.0], 0.0
        self.listener.on_epoch(entry, improved)

    def _prepare(self) -> bool:
        """Freeze what this epoch keeps as it is; returns whether only the head learns."""
        config = self.task.config
        self.feed = feed.Feed(self.task, self.state.epoch)
        head_only = self.state.epoch < (config.head_epochs or 0)
        frozen = optim.frozen_stages(self.model, config.freeze, head_only=head_only)
        optim.freeze(self.model, stages_frozen=frozen)
        optim.set_mode(self.model, batch_norm=config.batch_norm or "train")
        self._wrap()
        return head_only

    def _wrap(self) -> None:
        """Let the processes meet in the model as it is now: what learns, and how much fits, may be new."""
        self.network = self.model  # the earlier wrapping goes first
        self.network, self.proven = self.ranks.wrap(self.core, self.task.device), 0

    def _train(self, head_only: bool) -> None:
        state = self.state
        self.batches = tasks.batches(self.task, state.epoch)
        todo = self.batches[state.step :]
        with contextlib.closing(ahead.ahead(self._fetch, todo, self.task.device)) as fetched:
            while state.step < len(self.batches):
                start = time.perf_counter()
                batch = self.batches[state.step]
                self._step(batch, next(fetched))
                state.step += 1
                state.totals[2] += len(batch)
                if state.step % self.check_every == 0:
                    self.catch_up()
                seconds = time.perf_counter() - start
                state.totals[3] += seconds
                self._tell(len(batch), seconds, head_only)
        self.catch_up()

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
            size=self.feed.size,
            loss=self.state.totals[0] / self.counted if self.counted else None,
            seen=int(self.counted),
            rate=float(self.optimizer.param_groups[0]["lr"]),
        )
        self.listener.on_step(step)

    def _step(self, batch: np.ndarray, fetched: feed.Fetched) -> None:
        """One optimizer step on a batch of all processes, of which `fetched` is this one's share."""
        state = self.state
        number = state.epoch * self.steps + state.step
        self.set_rates(self.optimizer, number, self.epochs * self.steps, self.task.config.schedule)
        while (sums := self._gradients(batch, fetched)) is None:
            self.optimizer.zero_grad(set_to_none=True)
            shared = -(-len(batch) // self.ranks.size)
            state.part = faults.smaller_part(min(state.part, shared), self.least)
            self._wrap()
        self._update(self.ranks.total(sums))
        self.average.follow(number + 1)
        self.leash.step()

    def _gradients(self, batch: np.ndarray, fetched: feed.Fetched) -> Tensor | None:
        """Leave the gradients of the batch's mean loss in the model, averaged over the processes; returns
        this process's sums of loss and correct answers, or None where memory ran out on any of them.

        DDP averages within the backward pass, where a process that fails leaves the others waiting. So a
        batch that is longer than those before is computed apart, and they meet once it fitted them all.
        """
        apart = len(batch) > self.proven or not self.ranks.all_share(len(batch))
        sums: Tensor | None = None
        try:
            sums = self._backward(fetched, len(batch), meet=not apart)
            optim.reserve(self.optimizer)
        except RuntimeError as error:
            if not faults.is_out_of_memory(error):
                raise
            if not apart and self.ranks.size > 1:
                raise TrainingError(faults.OUT_OF_STEP) from error
            sums = None
        if apart:
            if self.ranks.any(sums is None):
                return None
            self.ranks.average_gradients(optim.trainable(self.model))
            self.proven = max(self.proven, len(batch))
        return sums

    def _update(self, sums: Tensor) -> None:
        """Step the optimizer and count the batch's `sums`; from the first step on whose loss or gradients
        are no numbers, the weights stay as they are.
        """
        bad, parameters = ~torch.isfinite(sums[0]), optim.trainable(self.model)
        if self.scaler.is_enabled():
            if self.task.config.clip is not None:
                self.scaler.unscale_(self.optimizer)
                optim.gradient_norm(parameters, self.task.config.clip)
            self.scaler.step(self.optimizer)  # leaves out what is no number by itself
            self.scaler.update()
            self.tally.add(sums, bad, self.state.step)
        else:
            bad = bad | ~torch.isfinite(optim.gradient_norm(parameters, self.task.config.clip))
            self.optimizer.found_inf = self.tally.add(sums, bad, self.state.step)  # type: ignore[attr-defined]
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.ranks.average(optim.moving_statistics(self.model) if self.ranks.size > 1 else [])

    def _fetch(self, batch: np.ndarray) -> feed.Fetched:
        return self.feed.fetch(batch, self.ranks.share(batch))

    def _backward(self, fetched: feed.Fetched, n_global: int, *, meet: bool) -> Tensor:
        """Add up the gradients of the batch's mean loss, part by part; returns sums of loss and correct
        answers.
        """
        sums = torch.zeros(2, device=self.task.device)
        self._seed(self.state.step)
        numbers = fetched.numbers
        count = faults.pieces(len(numbers), self.state.part, self.least) if len(numbers) else 0
        for place, some in enumerate(np.array_split(numbers, count) if count else [], 1):
            images, truth = self.feed.show(fetched, some)
            with self.ranks.gradients_meet(self.network, meet and place == count):
                with devices.autocast(self.task.device, self.task.precision):
                    scores = self.network(images)  # (n, n_classes)
                each = losses.of(scores.float(), truth, self.weights, self.task.config)
                # DDP averages over the processes: each counts its sum `size` times against the whole batch.
                self.scaler.scale(each.sum() * (self.ranks.size / n_global)).backward()
            # Reported is the plain loss, so that its curve compares with that of validation.
            plain = F.cross_entropy(scores.detach().float(), truth, reduction="sum")
            sums += torch.stack([plain, losses.correct(scores, truth)])
        return sums

    def _seed(self, step: int) -> None:
        """Dropout's chances are a function of seed, epoch, step and process."""
        torch.manual_seed(hash((self.task.config.seed, self.state.epoch, step, self.ranks.rank)))

    def _blame(self, step: int) -> str:
        """What a person should read about the step (from 0) of this epoch whose numbers were none."""
        fetched, found = self._fetch(self.batches[step]), ""
        if len(fetched.numbers):
            self._seed(step)
            images, _ = self.feed.show(fetched, fetched.numbers)
            found = faults.blame(self.model, images, devices.autocast(self.task.device, self.task.precision))
        where = next(filter(None, self.ranks.gather(found)), "in the loss or its gradients")
        return faults.NOT_A_NUMBER.format(epoch=self.state.epoch + 1, step=step + 1, where=where)

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
        scores = self.ranks.join(part, len(task.validation), task.n_classes, task.device)
        if not np.isfinite(scores).all():
            raise TrainingError(faults.NOT_FINITE.format(epoch=self.state.epoch + 1))
        return scores, time.perf_counter() - start
