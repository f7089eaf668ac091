"""The whole way in a real browser: sample, split, a small run, a reload in the middle, metrics, an answer."""

import re
from pathlib import Path

import pytest

from core import runs
from tests.browser.asking import predicted
from tests.browser.conftest import SECOND, Server

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
    _read_the_metrics(page)
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
    page.locator(".st-key-finetune-mode").get_by_text("Quick").click()
    press(page, "Start finetuning")
    page.wait_for_url(re.compile(r"run=\d{8}-\d{6}-"))
    run = runs.load(re.search(r"run=([^&]+)", page.url).group(1))
    page.reload()
    settled(page)
    assert run.id in page.url
    expect(page.get_by_text("Finished").first).to_be_visible(timeout=400 * SECOND)
    return run


def _read_the_metrics(page: Page) -> None:
    menu(page, "Metrics")
    expect(page.get_by_text(re.compile("accuracy", re.IGNORECASE)).first).to_be_visible()
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
