"""The lesson's plain loop, as one writes it after an afternoon with PyTorch: all speed is held against it.

`DataLoader(ImageFolder)` with two worker processes, PIL transforms, fp32, Adam, a ResNet18 at 224 pixels,
every weight trained. FOLDER holds `train/` and `validation/` with a folder for each class (and may hold
`test/`). Prints one JSON object.

    python -m benchmarks.lesson_baseline FOLDER --epochs 5
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from benchmarks import common

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class CNNModel(nn.Module):
    """The lesson's network: a pretrained backbone, flatten, one linear layer."""

    def __init__(self, n_classes: int, backbone: str = "resnet18", weights: Path | None = None) -> None:
        super().__init__()
        network = torchvision.models.get_model(backbone, weights=None)
        if weights is not None:
            network.load_state_dict(_backbone_only(read_weights(weights)), strict=False)
        head = network.fc if hasattr(network, "fc") else network.classifier[-1]
        pool = [] if hasattr(network, "fc") else [nn.AdaptiveAvgPool2d(1)]
        self.backbone = nn.Sequential(*list(network.children())[:-1], *pool)
        self.flatten = nn.Flatten(start_dim=1)
        self.classifier = nn.Linear(head.in_features, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) images -> (N, n_classes) logits."""
        return self.classifier(self.flatten(self.backbone(x)))


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """A state_dict, from .pth or .safetensors."""
    if path.suffix == ".safetensors":
        import safetensors.torch

        return safetensors.torch.load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _backbone_only(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {key: value for key, value in state.items() if not key.startswith(("fc.", "classifier."))}


def loader(folder: Path, image_size: int, batch_size: int, workers: int, *, train: bool) -> DataLoader:
    """Images of a folder as torchvision's examples prepare them."""
    random = [transforms.RandomResizedCrop(image_size, scale=(0.35, 1)), transforms.RandomHorizontalFlip()]
    middle = [transforms.Resize(round(image_size * 256 / 224)), transforms.CenterCrop(image_size)]
    steps = [*(random if train else middle), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    images = ImageFolder(str(folder), transforms.Compose(steps))
    return DataLoader(images, batch_size=batch_size, shuffle=train, num_workers=workers)


def train_epoch(model: nn.Module, images: DataLoader, optimizer: torch.optim.Optimizer) -> list[float]:
    """One pass over the training images; returns the times at which its steps ended."""
    model.train()
    stamps = []
    for x, y in images:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        stamps.append(time.perf_counter())
    return stamps


@torch.no_grad()
def evaluate(model: nn.Module, images: DataLoader) -> float:
    """The share of right answers."""
    model.eval()
    right = sum((model(x).argmax(1) == y).sum().item() for x, y in images)
    return right / len(images.dataset)


def train(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Train and evaluate; returns images per second of each epoch, accuracies, and all seconds.

    Where there is a `test/`, its accuracy is that of the epoch with the best validation accuracy.
    """
    torch.manual_seed(given.seed)
    start = time.perf_counter()
    subsets = [name for name in ("train", "validation", "test") if (folder / name).is_dir()]
    loaders = {
        name: loader(folder / name, given.image_size, given.batch_size, given.workers, train=name == "train")
        for name in subsets
    }
    model = CNNModel(len(loaders["train"].dataset.classes), given.backbone, given.weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=given.learning_rate)
    found: dict[str, list[float]] = {"images_per_second": [], "validation": [], "test": []}
    for _ in range(given.epochs):
        stamps = train_epoch(model, loaders["train"], optimizer)[:-1]  # the last batch is smaller
        found["images_per_second"].append(common.images_per_second(stamps, given.batch_size))
        found["validation"].append(evaluate(model, loaders["validation"]))
        best = found["validation"][-1] == max(found["validation"])
        if best and "test" in loaders:
            found["test"].append(evaluate(model, loaders["test"]))
    return found | {"seconds": time.perf_counter() - start}


def parser() -> argparse.ArgumentParser:
    """The arguments; other benchmarks pass them on."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("folder", type=Path)
    made.add_argument("--backbone", default="resnet18", choices=["resnet18", "mobilenet_v2"])
    made.add_argument("--weights", type=Path, help="a state_dict (default: random weights)")
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--batch-size", type=int, default=32)
    made.add_argument("--learning-rate", type=float, default=1e-4)
    made.add_argument("--image-size", type=int, default=224)
    made.add_argument("--workers", type=int, default=2, help="worker processes of the DataLoader")
    made.add_argument("--seed", type=int, default=0)
    return made


if __name__ == "__main__":
    arguments = parser().parse_args()
    print(json.dumps(train(arguments.folder, arguments)))
