"""Make starter weights: teach a ResNet-18 to answer as a larger, pretrained network does.

Knowledge distillation (Hinton et al. 2015) on images without labels: the student learns the teacher's answers
to random crops and to mixtures of two of them (MixUp; Beyer et al. 2022: it is varied inputs, the same for
both, that help), and, through a linear map that is thrown away, the teacher's features (FitNets, Romero et
al. 2015). Anyone with a teacher and a folder of images can run it; the folder is searched with all that lies
below it. `--start` goes on from weights that were made before.

    python tools/make_starter.py --teacher mobilenet_v2.pth --images photos/ --out starter.safetensors

Beside the weights a `.json` file records the arguments, the images' number and hash, the losses, and the
checksum. Never include images that will be used for evaluation, or whose licence does not allow it:
`--forbid FOLDER` leaves out every file that also lies in that folder, by content.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.data import images as images_module
from core.errors import ImageError
from core.model import network, weights, weights_files
from core.model.transform import MEAN, STD

HELD_OUT = 0.02
"""The share of the images that is kept back to measure agreement with the teacher."""


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Read the arguments, distil, write the weights and their record; return the record."""
    given = _parser().parse_args(arguments)
    torch.manual_seed(given.seed)
    files, skipped = find(given.images, given.forbid)
    if len(files) < 2:
        raise SystemExit(f"{given.images} holds {len(files)} usable images; at least 2 are needed.")
    kept_back = files[:: max(2, round(1 / HELD_OUT))]
    learnt_from = sorted(set(files) - set(kept_back))
    teacher = load_teacher(given.teacher, given.teacher_backbone, given.teacher_size)
    answers = teacher.classifier.out_features
    student = network.Classifier("resnet18", answers, given.size)
    if given.start:
        weights.load_backbone(student, weights.resolve(str(given.start), "resnet18"))
    losses = distil(student, teacher, learnt_from, given)
    agreement = agree(student, teacher, kept_back, given)
    return write(student, given, files, skipped, losses, agreement)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--teacher", type=Path, required=True, help="a torchvision state_dict with its head")
    parser.add_argument("--teacher-backbone", default="mobilenet_v2")
    parser.add_argument("--images", type=Path, required=True, help="a folder of photographs")
    parser.add_argument("--forbid", type=Path, nargs="*", default=[], help="folders of evaluation images")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    parser.add_argument("--teacher-size", type=int, default=160, help="pixels a side")
    parser.add_argument("--size", type=int, default=96, help="pixels a side that the student sees")
    parser.add_argument("--best-size", type=int, default=128, help="image size to recommend")
    parser.add_argument("--start", type=Path, help="weights of a student to go on from")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--features", type=float, default=10.0, help="weight of the features in the loss")
    parser.add_argument("--mixed", type=float, default=0.5, help="share of the batches that are mixtures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fp32", action="store_true", help="no bfloat16")
    return parser


def find(folder: Path, forbidden: Sequence[Path] = ()) -> tuple[list[Path], int]:
    """The image files below `folder`, sorted, and how many were left out: copies, or forbidden content."""
    banned = {_sha256(path) for other in forbidden for path in _files(other)}
    found: dict[str, Path] = {}
    total = 0
    for path in _files(folder):
        total += 1
        digest = _sha256(path)
        if digest not in banned:
            found.setdefault(digest, path)
    return sorted(found.values()), total - len(found)


def load_teacher(path: Path, backbone: str, size: int) -> network.Classifier:
    """The teacher with the head that its file holds, in evaluation mode."""
    state = weights.read(path)
    with torch.device("meta"):
        head = network.Classifier(backbone, 1, size).head_name
    model = network.Classifier(backbone, len(state[f"{head}.bias"]), size)
    chosen = weights_files.Weights(kind="file", origin=str(path), file=path)
    weights.load_backbone(model, chosen)
    model.classifier.load_state_dict({name: state[f"{head}.{name}"] for name in ("weight", "bias")})
    return model.requires_grad_(False).eval()


def distil(
    student: network.Classifier, teacher: network.Classifier, files: Sequence[Path], given: argparse.Namespace
) -> list[float]:
    """Train the student; returns the mean loss of each hundredth of the steps."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    student.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    teacher.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    translate = nn.Linear(student.classifier.in_features, teacher.classifier.in_features).to(device)
    learnt = [*student.parameters(), *translate.parameters()]
    optimizer = torch.optim.AdamW(learnt, lr=given.learning_rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, given.learning_rate, total_steps=given.steps)
    random = np.random.default_rng(given.seed)
    losses: list[float] = []
    start = time.monotonic()
    crops = batches(files, given.teacher_size, given.batch_size, given.seed)
    for step, pixels in zip(range(given.steps), crops, strict=False):
        x = pixels.to(device)  # (N, 3, teacher_size, teacher_size)
        x = mixed(x, random) if random.random() < given.mixed else x
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=not given.fp32):
            with torch.inference_mode():
                seen = teacher.features(x)
                target = teacher.classifier(seen)
            own = student.features(_smaller(x, given.size))
            answers, translated = student.classifier(own), translate(own)
        alike = distance(translated, seen.clone())
        loss = divergence(answers, target.clone(), given.temperature) + given.features * alike
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if step % 50 == 0:
            spent = time.monotonic() - start
            said = f"step {step} loss {losses[-1]:.3f}, of the features {float(alike.detach()):.3f}"
            print(f"{said}, {spent:.0f} s", file=sys.stderr)
    part = max(1, len(losses) // 100)
    return [float(np.mean(losses[i : i + part])) for i in range(0, len(losses), part)]


def mixed(x: Tensor, random: np.random.Generator) -> Tensor:
    """Each image of a batch laid over another one, in a random proportion: (N, 3, S, S) as before."""
    share = (
        torch.from_numpy(random.uniform(0.5, 1.0, len(x)).astype(np.float32)).to(x.device).view(-1, 1, 1, 1)
    )
    return (share * x + (1 - share) * x.roll(len(x) // 2, 0)).contiguous(memory_format=torch.channels_last)


def distance(translated: Tensor, features: Tensor) -> Tensor:
    """Mean squared difference of (N, F) features from the teacher's, in units of their spread there."""
    features = features.float()
    mean, spread = features.mean(0), features.std(0) + 1e-3
    return F.mse_loss(translated.float(), (features - mean) / spread)


def divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the teacher's answers from the student's, (N, n_classes) logits each."""
    log_p = F.log_softmax(student.float() / temperature, dim=1)
    log_q = F.log_softmax(teacher.float() / temperature, dim=1)
    return F.kl_div(log_p, log_q, log_target=True, reduction="batchmean") * temperature**2


def batches(files: Sequence[Path], size: int, batch_size: int, seed: int) -> Iterator[Tensor]:
    """Random crops without end, two of each image in a row: (N, 3, size, size), normalised."""
    random = np.random.default_rng(seed)
    waiting: list[np.ndarray] = []
    while True:
        for place in random.permutation(len(files)):
            try:
                image = images_module.decode(files[place], short_side=size)
            except ImageError:
                continue
            waiting += [crop(image, size, random) for _ in range(2)]
            if len(waiting) >= batch_size:
                yield normalised(np.stack(waiting[:batch_size]))
                waiting = waiting[batch_size:]


def crop(image: Image.Image, size: int, random: np.random.Generator) -> np.ndarray:
    """A random part of at least a quarter of the image, mirrored half of the time: (size, size, 3) uint8."""
    width, height = image.size
    area = width * height * random.uniform(0.25, 1.0)
    aspect = np.exp(random.uniform(np.log(3 / 4), np.log(4 / 3)))
    wide, high = min(width, np.sqrt(area * aspect)), min(height, np.sqrt(area / aspect))
    left, top = random.uniform(0, width - wide), random.uniform(0, height - high)
    box = (left, top, left + wide, top + high)
    pixels = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))
    return pixels[:, ::-1] if random.random() < 0.5 else pixels


def normalised(pixels: np.ndarray) -> Tensor:
    """(N, S, S, 3) uint8 -> (N, 3, S, S) float32, channels last in memory."""
    values = (pixels.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    return torch.from_numpy(values).permute(0, 3, 1, 2)


@torch.inference_mode()
def agree(
    student: network.Classifier, teacher: nn.Module, files: Sequence[Path], given: argparse.Namespace
) -> float:
    """The share of held-out images for which student and teacher prefer the same class."""
    student.eval()
    device = next(student.parameters()).device
    same, total = 0, 0
    for path in files:
        try:
            image = images_module.decode(path, short_side=given.teacher_size)
        except ImageError:
            continue
        side = (given.teacher_size, given.teacher_size)
        x = normalised(np.asarray(image.resize(side, Image.Resampling.BILINEAR))[None]).to(device)
        same += int(teacher(x).argmax() == student(_smaller(x, given.size)).argmax())
        total += 1
    return same / max(1, total)


def write(
    student: network.Classifier,
    given: argparse.Namespace,
    files: Sequence[Path],
    skipped: int,
    losses: Sequence[float],
    agreement: float,
) -> dict[str, Any]:
    """Write the backbone in half precision, and its record beside it."""
    state = {
        key: value.detach().cpu().half().contiguous()
        for key, value in student.backbone.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    numbers = {"mean": ",".join(map(str, MEAN)), "std": ",".join(map(str, STD))}
    metadata = {"image_size": str(given.best_size)} | numbers
    given.out.parent.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(state, given.out, metadata=metadata)
    record = {
        "file": given.out.name,
        "sha256": _sha256(given.out),
        "arguments": {key: _plain(value) for key, value in vars(given).items()},
        "n_images": len(files),
        "left_out": skipped,
        "images_sha256": hashlib.sha256("\n".join(sorted(map(_sha256, files))).encode()).hexdigest(),
        "losses": list(losses),
        "agreement_with_teacher": agreement,
        "transform": {"image_size": given.best_size, "mean": MEAN, "std": STD},
        "torch": torch.__version__,
    }
    given.out.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def _smaller(x: Tensor, size: int) -> Tensor:
    return F.interpolate(x, size=(size, size), mode="bilinear", antialias=True, align_corners=False)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in images_module.ENDINGS)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name  # no path of the machine that made it
    return [_plain(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
