"""The learning-rate finder (Smith, 2017): a short training whose rate rises until the loss runs away.

Every rate of the run's own settings rises together, so that the backbone keeps its distance from the head.
It trains a network of its own, which is thrown away. The suggestion is the rate at which the smoothed loss
falls most steeply.
"""

import math
import sys
from typing import Any

import numpy as np
import torch

from core import progress as progresses
from core import workspace
from core.errors import TrainingError
from core.training import answers, checkpoint, loop, manifests, optim, pixels, settings, tasks, worker
from core.training import config as configs
from core.training import device as devices

STEPS = 80
LOWEST, HIGHEST = 1e-3, 1e3
"""From and to how many times the rate that the settings have now."""
SMOOTHING = 0.85
RUNS_AWAY = 3.0
"""The search ends when the smoothed loss is this many times the lowest."""
FEWEST = 10


class _Ramp:
    """Raises the rates, hears the loss of each step, and stops when it runs away."""

    def __init__(self, progress: progresses.Progress) -> None:
        self.progress = progress
        self.rates: list[float] = []
        self.losses: list[float] = []
        self._sum, self._seen = 0.0, 0  # of the epoch so far

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int, total: int, schedule: str) -> float:
        """As `optim.set_rates`: every group at the same multiple of its peak."""
        times = multiple(step)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * times
        return float(optimizer.param_groups[0]["lr"])

    def on_step(self, step: tasks.Step) -> None:
        if step.evaluating:
            return
        total = (step.loss or 0.0) * step.seen
        self.losses.append((total - self._sum) / max(step.seen - self._seen, 1))
        self.rates.append(step.rate)
        self._sum, self._seen = (0.0, 0) if step.step == step.steps else (total, step.seen)
        done = len(self.rates)
        self.progress(done, STEPS, "Trying learning rates")
        smoothed = smooth(self.losses)
        away = not math.isfinite(smoothed[-1]) or smoothed[-1] > RUNS_AWAY * min(smoothed)
        if done >= STEPS or (away and done >= FEWEST):
            raise StopIteration

    def on_epoch(self, entry: dict[str, Any], improved: bool) -> None:
        pass


def find(config: configs.TrainingConfig, progress: progresses.Progress = progresses.silent) -> dict[str, Any]:
    """Try learning rates on the training images with the settings of `config`; kept in the cache.

    Returns rates (of the head), losses (smoothed), raw_losses, the suggested rate and the backbone's beside
    it (None where the loss never falls), and what the settings would use otherwise (current).

    Raises:
        FieldguideError: as `manifests.make`; or the weights cannot be had.
    """
    kept = answers.RATES.read(config)
    if kept is not None:
        return kept
    table = manifests.make(config.dataset, config.split)
    table = table[table["subset"] == "train"].reset_index(drop=True)
    classes = sorted(table["label"].unique())
    device = devices.pick(config.device)
    torch.set_num_threads(devices.threads(config.threads))
    setting = settings.choose(config.but(mode="full"), table, classes, device, progress)
    store = pixels.prepare(table, setting.transform, threads=setting.config.threads or 1, progress=progress)
    answer = ramp(setting, store, table["class_index"].to_numpy(np.int64), len(classes), progress)
    workspace.write_json(answers.RATES.file(config), answer)
    return answer


def ramp(
    setting: settings.Setting,
    store: pixels.Pixels,
    labels: np.ndarray,
    n_classes: int,
    progress: progresses.Progress,
) -> dict[str, Any]:
    """Train `setting.model` on the images of `store` with labels (n_images,) at rising rates."""
    task = _task(setting, store, labels, n_classes)
    optimizer = optim.build(setting.model, task.config, head_steps=0)
    listener = _Ramp(progress)
    trainer = loop.Trainer(setting.model, task, optimizer, checkpoint.State(), listener)
    trainer.set_rates, trainer.check_every = listener.set_rates, 1
    try:
        trainer.fit()
    except StopIteration:
        pass
    except TrainingError:  # the loss is no number any more: that is the end of the ramp, too
        if len(listener.losses) < FEWEST:
            raise
    return judge(listener.rates, listener.losses, setting.config)


def judge(rates: list[float], losses: list[float], config: configs.TrainingConfig) -> dict[str, Any]:
    """What a ramp showed, as JSON."""
    finite = [i for i, loss in enumerate(losses) if math.isfinite(loss)]
    rates, losses = [rates[i] for i in finite], [losses[i] for i in finite]
    smoothed = smooth(losses)
    suggested = steepest(rates, smoothed)
    head, backbone = config.learning_rate or 1.0, config.backbone_learning_rate or 0.0
    return {
        "rates": rates,
        "losses": smoothed,
        "raw_losses": losses,
        "suggested": suggested,
        "suggested_backbone": None if suggested is None else suggested * backbone / head,
        "current": {"learning_rate": head, "backbone_learning_rate": backbone},
    }


def multiple(step: int) -> float:
    """How many times its peak each rate is at `step` (from 0): an exponential ramp."""
    return float(LOWEST * (HIGHEST / LOWEST) ** (min(step, STEPS - 1) / (STEPS - 1)))


def smooth(losses: list[float]) -> list[float]:
    """The exponential average of the losses, its slow start corrected (as Adam corrects its own)."""
    found, average = [], 0.0
    for count, loss in enumerate(losses, 1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        found.append(average / (1 - SMOOTHING**count))
    return found


def steepest(rates: list[float], losses: list[float]) -> float | None:
    """The rate at which the loss falls most for each tenfold of the rate, before its lowest point.

    None where it hardly falls: by less than 2 % in all.
    """
    if len(rates) < FEWEST:
        return None
    lowest = int(np.argmin(losses))
    if lowest < 2 or losses[lowest] > 0.98 * losses[0]:
        return None
    slopes = np.gradient(np.array(losses), np.log10(np.array(rates)))
    return float(rates[int(np.argmin(slopes[: lowest + 1]))])


def _task(setting: settings.Setting, store: pixels.Pixels, labels: np.ndarray, n_classes: int) -> tasks.Task:
    """As many epochs as the ramp needs, with one image to be looked at after each."""
    steps = -(-len(labels) // (setting.config.batch_size or 1))
    config = setting.config.but(
        epochs=-(-STEPS // steps) + 1,
        head_epochs=0,
        early_stop=None,
        progressive="off",
        compile="off",
        ema=None,
    )
    return tasks.Task(
        config=config,
        transform=setting.transform,
        pixels=store,
        paths=[""] * len(labels),
        labels=labels,
        train=np.arange(len(labels)),
        validation=np.arange(1),
        n_classes=n_classes,
        device=setting.device,
        precision=config.precision,
    )


def main(arguments: list[str]) -> int:
    """Find the rates for the configuration given as JSON, telling others how far it is."""
    return answers.RATES.work_out(arguments, find, worker.sentence)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
