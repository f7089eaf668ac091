"""The whole way in a real browser: sample, split, a small run, a reload in the middle, metrics, an answer."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import runs
from core.data import datasets
from core.split import config as split_config
from core.split import store as splits
from core.training import config as configs
from core.training import jobs
from tests.browser.asking import predicted
from tests.browser.conftest import SECOND, Server, started

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect


def settled(page: Page) -> None:
    """The script has run and nothing is being drawn any more."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60 * SECOND)


def menu(page: Page, name: str) -> None:
    """Go to a page by the menu, as a person does."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def press(page: Page, label: str) -> None:
    """Press a button when the page has settled."""
    settled(page)
    page.get_by_role("button", name=label, exact=True).first.click()


def test_from_the_sample_to_an_answer(page: Page, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Teach a model to tell your images apart")).to_be_visible()
    _bring_the_sample(page)
    _split(page)
    run = _train_with_a_reload_in_the_middle(page)
    _read_the_metrics(page, run)
    _ask(page, server.home / "datasets" / "drawn-animals" / "images", run)
    _home_says_done(page, server)
    assert run.state() == "finished"
    assert "Traceback" not in server.log.read_text()


def _bring_the_sample(page: Page) -> None:
    menu(page, "Dataset")
    page.locator(".st-key-sample-drawn-animals button").click()
    expect(page.get_by_text("Images per class", exact=True)).to_be_visible(timeout=180 * SECOND)
    expect(page.get_by_test_id("stMetric").filter(has_text="Images")).to_contain_text("420")
    page.get_by_role("radio", name="Images", exact=True).or_(
        page.get_by_role("button", name="Images", exact=True)
    ).click()
    thumbnail = page.locator("[role=option] img").first
    expect(thumbnail).to_be_visible()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=thumbnail.element_handle()
    )


def _split(page: Page) -> None:
    press(page, "Next: split these images")
    expect(page.get_by_text("So it would be")).to_be_visible()
    press(page, "Make this split")
    expect(page.get_by_role("heading", name="drawn-animals-70-15-15")).to_be_visible()
    sizes = [
        page.get_by_test_id("stMetric").filter(has_text=name) for name in ("Train", "Validation", "Test")
    ]
    counts = [int(re.search(r"\n(\d+)\n", size.inner_text()).group(1)) for size in sizes]
    assert sum(counts) == 420
    assert counts[0] > counts[1] > 0 < counts[2]


def _train_with_a_reload_in_the_middle(page: Page) -> runs.Run:
    press(page, "Next: train on this split")
    settled(page)
    press(page, "Start finetuning")
    page.wait_for_url(re.compile(r"run=\d{8}-\d{6}-"))
    run = runs.load(re.search(r"run=([^&]+)", page.url).group(1))
    expect(page.get_by_text(re.compile(r"Epoch \d of 5, step \d+ of \d+")).first).to_be_visible(
        timeout=200 * SECOND
    )
    page.reload()
    settled(page)
    assert run.id in page.url
    assert run.state() == "running"
    expect(page.get_by_text(re.compile(r"Epoch \d of 5.* left"))).to_be_visible()
    expect(page.get_by_text("Finished").first).to_be_visible(timeout=400 * SECOND)
    expect(page.locator("[data-testid=stMetric]").filter(has_text="Validation accuracy")).to_contain_text(
        _percent(_best(run)["validation_accuracy"])
    )
    return run


def _best(run: runs.Run) -> dict[str, float]:
    """The history's line of the best epoch."""
    best = run.status()["best_epoch"]
    return next(line for line in run.history() if line["epoch"] == best)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _read_the_metrics(page: Page, run: runs.Run) -> None:
    menu(page, "Metrics")
    stored = run.predictions("validation")
    accuracy = (stored.logits.argmax(axis=1) == stored.true).mean()
    tile = page.get_by_test_id("stMetric").filter(has_text=re.compile("^Accuracy"))
    expect(tile.first).to_contain_text(_percent(accuracy))
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def _ask(page: Page, images: Path, run: runs.Run) -> None:
    menu(page, "Classify")
    settled(page)
    picture = sorted((images / "cat").iterdir())[0]
    page.locator(".st-key-classify-files input[type=file]").set_input_files([str(picture)])
    said = page.locator(".st-key-classify-answer h2")
    expect(said).to_be_visible(timeout=120 * SECOND)
    expected = predicted(run, picture)
    share = f"{100 * expected['probability']:.1f} %"
    assert said.inner_text() == ("I don't know" if expected["unknown"] else f"{expected['label']} {share}")
    expect(page.get_by_role("img", name=f"{expected['label']}: {share}")).to_be_visible()


def _home_says_done(page: Page, server: Server) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Home", exact=True).click()
    settled(page)
    expect(page.get_by_text("5 · Done")).to_be_visible()


def test_a_deep_link_to_nothing_known_opens_the_page(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/metrics?run=20200101-000000-dead")
    settled(page)
    expect(page.get_by_role("heading", name="Metrics", exact=True)).to_be_visible()


def test_a_thumbnail_is_not_given_without_its_signature(page: Page, server: Server) -> None:
    response = page.request.get(f"{server.url}/thumbs/drawn-animals/x/cat/cat_001.jpg?k=guess")
    assert response.status == 404


def test_a_restart_of_the_server_changes_nothing_for_a_run(
    page: Page, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIELDGUIDE_HOME", str(tmp_path))
    rng = np.random.default_rng(0)
    for label in ("dark", "light"):
        for number in range(12):
            place = tmp_path / "images" / label / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            shade = rng.integers(0, 90, (48, 48, 3)) + (150 if label == "light" else 0)
            Image.fromarray(shade.astype(np.uint8)).save(place)
    splits.make("s", datasets.add("d", tmp_path / "images"), split_config.SplitConfig(group_by="none"))
    settings = {"backbone": "mobilenet_v3_small", "weights": "none", "image_size": 32, "precision": "fp32"}
    port = int(server.url.rpartition(":")[2]) + 1
    with started(tmp_path, port) as first:
        page.goto(f"{first.url}/finetune")
        settled(page)
        run = jobs.launch(configs.TrainingConfig(dataset="d", split="s", epochs=400, **settings))
        page.goto(f"{first.url}/finetune?run={run.id}")
        expect(page.get_by_text("Running").first).to_be_visible(timeout=60 * SECOND)
    assert run.state() in ("queued", "running")
    with started(tmp_path, port) as second:
        page.goto(f"{second.url}/finetune?run={run.id}")
        expect(page.get_by_text("Running").first).to_be_visible(timeout=60 * SECOND)
        press(page, "Cancel")
        expect(page.get_by_text("Cancelled").first).to_be_visible(timeout=60 * SECOND)
    assert run.state() == "cancelled"
