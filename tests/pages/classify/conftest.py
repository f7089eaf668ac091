"""A finished run with a real network, for the Classify page."""

import hashlib
from pathlib import Path

import pytest

from core import runs
from core import workspace as workspaces
from core.data import datasets
from core.inference import unknown
from core.model import network, transform
from core.training import outcome
from tests.pages import made


@pytest.fixture
def before(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    """The dataset of the run, as it is before anything is corrected; asked for before `run`, as in life."""
    return datasets.add(made.DATASET, tiny_folder)


@pytest.fixture
def run(workspace: Path) -> runs.Run:
    """A finished run with a real, untrained network."""
    made_run = made.run("finished", name="Colours")
    network_ = network.Classifier("resnet18", len(made.CLASSES), 32)
    eval_transform = transform.EvalTransform.for_size(32)
    outcome.save_model(made_run, network_, eval_transform, {"kind": "none", "origin": "none"}, 1)
    return made_run


@pytest.fixture
def knowing(run: runs.Run, tiny_folder: Path) -> runs.Run:
    """The same, and it knows the images of its dataset."""
    table = run.manifest()
    table["file"] = [str(tiny_folder / file) for file in table["file"]]
    table["sha256"] = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in table["file"]]
    workspaces.write_table(run.folder / "manifest.parquet", table)
    unknown.fit(run)
    return run
