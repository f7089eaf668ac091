"""fastai's `vision_learner.fine_tune` and Lightning on the same photos, as their own guides write them.

Runs in an environment of its own, not a dependency of Fieldguide:

    python -m venv ../peers && ../peers/bin/pip install fastai lightning torchvision
    ../peers/bin/python -m benchmarks.peers FOLDER fastai --epochs 1
    python -m benchmarks.training_speed PHOTOS --peers-python ../peers/bin/python     (side by side)

FOLDER holds `train/` and `validation/` with a folder for each class. Prints one JSON object, last.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks import common


def fastai(given: argparse.Namespace) -> dict[str, Any]:
    """`vision_learner.fine_tune`: first an epoch of the head alone, then `epochs` of everything.

    Only the epochs of everything are counted.
    """
    from fastai.vision.all import (
        Callback,
        ImageDataLoaders,
        Resize,
        accuracy,
        aug_transforms,
        resnet18,
        vision_learner,
    )

    class Clock(Callback):
        """Notes when each step ends."""

        def before_train(self) -> None:
            epochs.append([])

        def after_batch(self) -> None:
            if self.training:
                epochs[-1].append(time.perf_counter())

    epochs: list[list[float]] = []
    images = ImageDataLoaders.from_folder(
        given.folder,
        train="train",
        valid="validation",
        item_tfms=Resize(round(given.image_size * 256 / 224)),
        batch_tfms=aug_transforms(size=given.image_size),
        bs=given.batch_size,
        num_workers=given.workers,
    )
    learner = vision_learner(images, resnet18, pretrained=False, metrics=accuracy, cbs=Clock())
    if given.bf16:
        learner = learner.to_bf16()
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(given.epochs)
    return _speeds(epochs[-given.epochs :], given.batch_size)


def lightning(given: argparse.Namespace) -> dict[str, Any]:
    """A LightningModule around the lesson's network, with the lesson's loader."""
    import lightning as pl
    import torch

    from benchmarks import lesson_baseline

    class Module(pl.LightningModule):
        """Cross-entropy and Adam."""

        def __init__(self, n_classes: int) -> None:
            super().__init__()
            self.model = lesson_baseline.CNNModel(n_classes)

        def training_step(self, batch: Any, _: int) -> torch.Tensor:
            return torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-4)

    class Clock(pl.Callback):
        """Notes when each step ends."""

        def on_train_epoch_start(self, *_: Any) -> None:
            epochs.append([])

        def on_train_batch_end(self, *_: Any) -> None:
            epochs[-1].append(time.perf_counter())

    epochs: list[list[float]] = []
    images = lesson_baseline.loader(
        given.folder / "train", given.image_size, given.batch_size, given.workers, train=True
    )
    trainer = pl.Trainer(
        max_epochs=given.epochs,
        accelerator="cpu",
        precision="bf16-mixed" if given.bf16 else "32-true",
        callbacks=[Clock()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )
    trainer.fit(Module(len(images.dataset.classes)), images)
    return _speeds(epochs, given.batch_size)


def _speeds(epochs: list[list[float]], batch_size: int) -> dict[str, Any]:
    """Images per second of each epoch; its last batch is smaller."""
    return {"images_per_second": [common.images_per_second(steps[:-1], batch_size) for steps in epochs]}


def main() -> None:
    """Read the arguments, train, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("peer", choices=["fastai", "lightning"])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bf16", action="store_true", help="mixed precision instead of the default fp32")
    given = parser.parse_args()
    print(json.dumps({"fastai": fastai, "lightning": lightning}[given.peer](given)))


if __name__ == "__main__":
    main()
