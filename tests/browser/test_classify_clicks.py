"""Classify in a real browser: the command line's answers, reasons, a zip, paste, corrections, downloads."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core import runs
from core.data import datasets
from core.split import config as split_config
from core.split import store as splits
from core.training import config as configs
from core.training import jobs
from tests.browser.asking import predicted
from tests.browser.conftest import SECOND, Server

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect
LABELS = ["blue", "green", "red"]
UPLOAD = ".st-key-classify-files input[type=file]"


def drawn(label: str, seed: int) -> Image.Image:
    """A noisy picture in which one colour prevails."""
    pixels = np.random.default_rng(seed).integers(0, 120, (40, 50, 3), dtype=np.uint8)
    pixels[..., 2 - LABELS.index(label)] += 110
    return Image.fromarray(pixels)


@pytest.fixture(scope="module")
def run(server: Server, tmp_path_factory: pytest.TempPathFactory) -> runs.Run:
    """One quick run, trained once for all tests of this file, in the server's workspace."""
    folder = tmp_path_factory.mktemp("colours")
    for label in LABELS:
        (folder / label).mkdir()
        for seed in range(12):
            drawn(label, seed).save(folder / label / f"{seed}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIELDGUIDE_HOME", str(server.home))
        splits.make("colours", datasets.add("colours", folder), split_config.SplitConfig())
        config = configs.TrainingConfig(dataset="colours", split="colours", mode="quick", image_size=64)
        made = jobs.prepare(config)
        assert jobs.run_here(made) == "finished"
    return made


@pytest.fixture(autouse=True)
def in_the_servers_workspace(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test reads is what the server wrote."""
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    drawn("red", 99).save(tmp_path / "mine.png")
    return tmp_path / "mine.png"


def opened(page: Page, server: Server, run: runs.Run) -> None:
    page.goto(f"{server.url}/classify?run={run.id}")
    settled(page)


def settled(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60 * SECOND)


def look(page: Page, view: str) -> None:
    page.locator(".st-key-classify-view").get_by_text(view).click()


def test_the_answer_is_the_command_lines_and_has_its_reasons(
    page: Page, server: Server, run: runs.Run, picture: Path
) -> None:
    opened(page, server, run)
    page.locator(UPLOAD).set_input_files(str(picture))
    said = page.locator(".st-key-classify-answer h2")
    expect(said).to_be_visible(timeout=120 * SECOND)
    expected = predicted(run, picture)
    share = f"{100 * expected['probability']:.1f} %"
    assert said.inner_text() == ("I don't know" if expected["unknown"] else f"{expected['label']} {share}")
    expect(page.get_by_role("img", name=f"{expected['label']}: {share}")).to_be_visible()
    look(page, "Where it looked")
    expect(page.get_by_role("img", name="Regions that speak for")).to_have_count(2, timeout=60 * SECOND)
    look(page, "Similar training images")
    thumbnail = page.locator(".fg-gallery img").first
    expect(thumbnail).to_be_visible(timeout=60 * SECOND)
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=thumbnail.element_handle()
    )
    expect(page.locator(".fg-gallery figcaption").first).to_contain_text(
        re.compile(r"\w+ · (very near|near|far)")
    )
    look(page, "From image to answer")
    expect(page.get_by_role("img", name=re.compile(r"512 features from"))).to_be_visible(timeout=60 * SECOND)
    assert "Traceback" not in server.log.read_text()


def test_a_zip_with_bad_members_is_answered_whole_and_taken_away(
    page: Page, server: Server, run: runs.Run, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "mixed.zip", "w") as archive:
        for seed, label in enumerate(LABELS):
            stream = io.BytesIO()
            drawn(label, 100 + seed).save(stream, "PNG")
            archive.writestr(f"{label}/a.png", stream.getvalue())
        archive.writestr("broken/bad.jpg", b"no image")
        archive.writestr("../../escape.png", b"no image")
    opened(page, server, run)
    page.locator(UPLOAD).set_input_files(str(tmp_path / "mixed.zip"))
    expect(page.get_by_text("no answer · 2")).to_be_visible(timeout=120 * SECOND)
    expect(page.get_by_text("5 files")).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("button", name="CSV", exact=True).click()
    table = pd.read_csv(caught.value.path()).set_index("path")
    assert sorted(table.index) == [
        "../../escape.png",
        "blue/a.png",
        "broken/bad.jpg",
        "green/a.png",
        "red/a.png",
    ]
    assert table["error"].notna().sum() == 2 and "outside" in table.loc["../../escape.png", "error"]
    assert table.loc["red/a.png", [f"p({label})" for label in LABELS]].sum() == pytest.approx(1, abs=1e-5)
    page.locator(".st-key-classify-sort").get_by_role("button", name="Sorted originals").click()
    page.get_by_role("button", name="Make a zip").click()
    link = page.get_by_role("link", name="Download the zip")
    expect(link).to_be_visible(timeout=60 * SECOND)
    with page.expect_download() as caught:
        link.click()
    with zipfile.ZipFile(caught.value.path()) as archive:
        assert len(archive.namelist()) == 3


def test_a_pasted_image_is_answered(page: Page, server: Server, run: runs.Run) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, server, run)
    page.evaluate(
        """async () => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 60;
            canvas.getContext("2d").fillRect(5, 5, 40, 40);
            const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }"""
    )
    page.locator(".st-key-classify-files").get_by_role("button").first.focus()
    page.keyboard.press("Control+V")
    expect(page.locator(".st-key-classify-answer h2")).to_be_visible(timeout=120 * SECOND)


def test_a_typed_label_corrects_the_image_and_offers_to_train_again(
    page: Page, server: Server, run: runs.Run, picture: Path
) -> None:
    before = datasets.load("colours")
    opened(page, server, run)
    page.locator(UPLOAD).set_input_files(str(picture))
    expect(page.locator(".st-key-classify-answer h2")).to_be_visible(timeout=120 * SECOND)
    look(page, "Wrong? Correct it")
    box = page.locator(".st-key-classify-right").get_by_role("combobox")
    box.fill("a/b")
    box.press("Enter")
    settled(page)
    page.get_by_role("button", name="Add to the dataset").click()
    expect(page.get_by_text("Added to colours as a/b")).to_be_visible(timeout=60 * SECOND)
    after = datasets.load("colours")
    assert after.counts == {"a/b": 1, **before.counts} and after.version > before.version
    expect(page.get_by_role("button", name="Split anew and train again")).to_be_visible()
    expect(page.locator(".st-key-classify-retrain")).to_contain_text("1 new")
