"""What a run leaves behind: the best weights, how to use them, and what they answer."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import safetensors.torch
import torch

from core import runs, workspace
from core.errors import TrainingError
from core.model import network
from core.model import transform as transforms


def save_model(
    run: runs.Run,
    model: network.Classifier,
    transform: transforms.EvalTransform,
    weights: dict[str, Any],
    epoch: int,
) -> None:
    """Write model.safetensors (fp32) and model.json: what inference needs to answer as validation did."""
    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    with workspace.replacing(run.folder / "model.safetensors") as temporary:
        temporary.write_bytes(safetensors.torch.save(state, metadata=_metadata(transform, weights, epoch)))
    card = {
        "backbone": model.backbone_name,
        "classes": run.classes(),
        "image_size": model.image_size,
        "transform": transform.to_dict(),
        "weights": weights,
        "epoch": epoch,
    }
    workspace.write_json(run.folder / "model.json", card)


def _metadata(transform: transforms.EvalTransform, weights: dict[str, Any], epoch: int) -> dict[str, str]:
    """What suits these weights wherever the file is taken, as `weights_files.from_file` reads it."""
    threes = {"mean": transform.mean, "std": transform.std}
    said = {"epoch": epoch, "image_size": transform.image_size, **(weights.get("defaults") or {})}
    return {key: str(value) for key, value in said.items()} | {
        key: ",".join(map(str, three)) for key, three in threes.items()
    }


def load_model(run: runs.Run) -> network.Classifier:
    """The run's best network, on the CPU.

    Raises:
        TrainingError: it has none yet, or its file is damaged.
    """
    card, path = run.model_card(), run.folder / "model.safetensors"
    model = network.Classifier(card["backbone"], len(card["classes"]), card["image_size"])
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
    except Exception as error:  # a damaged file may raise anything
        raise TrainingError(f"The model of run {run.id} is damaged ({error}). Train the run anew.") from error
    return model.eval()


def save_predictions(run: runs.Run, table: pd.DataFrame, logits: np.ndarray) -> None:
    """Write predictions.parquet: rows of the manifest with their logits (n, n_classes)."""
    frame = pd.DataFrame(
        {
            "path": table["path"].to_numpy(),
            "subset": table["subset"].to_numpy(),
            "true": table["class_index"].to_numpy(np.int64),
            "logits": list(logits.astype(np.float32)),
        }
    )
    workspace.write_table(run.folder / "predictions.parquet", frame)


def trim_history(run: runs.Run, epoch: int) -> None:
    """Drop the lines beyond the checkpoint's last whole epoch: they will be written again, alike."""
    lines = run.history()
    kept = {line["epoch"]: line for line in lines if line["epoch"] <= epoch}
    if len(kept) != len(lines):
        text = "".join(json.dumps(kept[number], ensure_ascii=False) + "\n" for number in sorted(kept))
        workspace.write_bytes(run.folder / "history.jsonl", text.encode())


def remove(path: Path) -> None:
    """Delete a file that may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def environment() -> dict[str, Any]:
    """Versions, processor and threads, for the run's record."""
    import platform

    import torchvision

    from core.training import device as devices

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "numpy": np.__version__,
        "processor": devices.processor(),
        "system": platform.system(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
