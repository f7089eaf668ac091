"""A run with a model, made in a moment: random weights, real folder."""

import hashlib

import pandas as pd
import pytest
import safetensors.torch
import torch

from core import runs
from core import workspace as workspaces
from core.model import network
from core.model.transform import EvalTransform


def make_run(folder, backbone="resnet18", image_size=64, seed=0):
    """A finished run over the class folders in `folder`, with a random network."""
    files = sorted(folder.glob("*/*.png"))
    labels = sorted({path.parent.name for path in files})
    subsets = ["train", "train", "validation", "test"]
    table = pd.DataFrame(
        {
            "path": [path.relative_to(folder).as_posix() for path in files],
            "file": [str(path) for path in files],
            "label": [path.parent.name for path in files],
            "class_index": [labels.index(path.parent.name) for path in files],
            "subset": [subsets[i % 4] for i in range(len(files))],
            "group": None,
            "sha256": [hashlib.sha256(path.read_bytes()).hexdigest() for path in files],
        }
    )
    config = {"dataset": "tiny", "split": "tiny", "backbone": backbone, "weights": "none", "mode": "full"}
    run = runs.create(config, table)
    torch.manual_seed(seed)
    model = network.Classifier(backbone, len(labels), image_size).eval()
    safetensors.torch.save_file(model.state_dict(), run.folder / "model.safetensors")
    card = {
        "backbone": backbone,
        "classes": labels,
        "image_size": image_size,
        "transform": EvalTransform.for_size(image_size).to_dict(),
        "weights": {"kind": "none", "origin": "none", "file": None, "sha256": ""},
        "epoch": 1,
    }
    workspaces.write_json(run.folder / "model.json", card)
    workspaces.write_json(run.folder / "status.json", {"state": "finished"})
    return run


@pytest.fixture
def run(workspace, tiny_folder):
    return make_run(tiny_folder)


@pytest.fixture
def maker():
    return make_run
