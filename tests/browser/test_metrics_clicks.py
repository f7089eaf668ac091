"""What only a real browser can do on the Metrics page: click a cell of the confusion matrix."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core import runs, workspace
from core.data import datasets
from core.training import config as configs

sync_api = pytest.importorskip("playwright.sync_api")

CLASSES = ["blue", "green", "red"]


@pytest.fixture
def run(server, monkeypatch, tmp_path) -> runs.Run:
    """A finished run in the server's workspace; one red image is taken for a blue one."""
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))
    for place, label in enumerate(CLASSES):
        folder = tmp_path / "colours" / label
        folder.mkdir(parents=True)
        for index in range(8):
            pixels = np.full((24, 24, 3), 9 * index, np.uint8)
            pixels[..., 2 - place] = 200
            Image.fromarray(pixels).save(folder / f"{index}.png")
    made_before = datasets.exists("colours")  # the server is that of the test before
    dataset = datasets.load("colours") if made_before else datasets.add("colours", tmp_path / "colours")
    table = dataset.table
    manifest = pd.DataFrame(
        {
            "path": table["path"],
            "file": table["path"].map(lambda path: str(tmp_path / "colours" / path)),
            "label": table["label"],
            "class_index": table["label"].map(CLASSES.index),
            "subset": "validation",
            "group": None,
            "sha256": table["sha256"],
        }
    )
    config = configs.TrainingConfig(dataset="colours", split="colours").to_dict()
    made = runs.create(config, manifest, name="Clicks")
    logits = np.eye(3)[manifest["class_index"]] * 4
    logits[-1] = [4, 0, 0]
    stored = manifest[["path", "subset"]].assign(true=manifest["class_index"], logits=list(logits))
    workspace.write_table(made.folder / "predictions.parquet", stored)
    workspace.write_json(made.folder / "status.json", {"state": "finished", "best_epoch": 1})
    return made


def test_a_click_on_a_cell_opens_its_images(page, server, run) -> None:
    page.set_default_timeout(90 * 1000)  # a busy machine draws slowly
    page.goto(f"{server.url}/metrics?run={run.id}")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.get_by_role("heading", name="All scores").wait_for()
    matrix = page.locator(".js-plotly-plot .nsewdrag").first
    matrix.wait_for()
    page.wait_for_timeout(1000)  # Plotly listens a moment after it has drawn
    box = matrix.bounding_box()
    row, column = CLASSES.index("red"), CLASSES.index("blue")
    place = {"x": box["width"] * (column + 0.5) / 3, "y": box["height"] * (row + 0.5) / 3}
    matrix.click(position=place)
    page.get_by_role("heading", name="Is red, called blue: 1").wait_for()
    pictures = page.get_by_role("option")
    pictures.first.wait_for()
    assert pictures.count() == 1
    pictures.first.click()
    page.get_by_role("button", name="It really is ambiguous").click()
    page.get_by_text("(ambiguous)").first.wait_for()
    page.get_by_role("button", name="Not ambiguous after all").click()
    page.get_by_role("button", name="It really is ambiguous").wait_for()
    assert page.get_by_text("(ambiguous)").count() == 0
    assert page.get_by_test_id("stException").count() == 0


def test_a_click_anywhere_in_a_row_of_the_list_opens_that_run(page, server, run) -> None:
    page.set_default_timeout(90 * 1000)
    table = workspace.read_table(run.folder / "manifest.parquet")
    other = runs.create(run.config() | {"created": None}, table, name="Another")
    workspace.write_json(other.folder / "status.json", {"state": "failed", "error": "Nothing was trained."})
    page.goto(f"{server.url}/finetune?run={run.id}")
    row = page.locator(f".st-key-finetune-row-{other.id}")
    row.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    box = row.bounding_box()
    for seconds in (10, 30, 90):  # on a busy machine a row may move, or be drawn again, under the click
        row.click(position={"x": box["width"] / 3, "y": box["height"] - 6})
        with contextlib.suppress(sync_api.TimeoutError):
            page.wait_for_url(f"**run={other.id}**", timeout=seconds * 1000)
            break
    page.get_by_role("heading", name="Another").wait_for()
