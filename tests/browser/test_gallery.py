"""What only a real browser can do in a gallery and with dialogs: look closely, think better of a deletion."""

from collections.abc import Iterator

import pytest

from core import upkeep
from core.data import datasets
from core.split import config as split_config
from core.split import store as splits


@pytest.fixture
def tiny(server, monkeypatch, tiny_folder) -> Iterator[datasets.Dataset]:
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))
    yield datasets.add("tiny", tiny_folder)
    upkeep.delete_dataset("tiny")


def test_a_picture_is_enlarged_and_the_arrows_lead_on(page, server, tiny) -> None:
    page.set_default_timeout(90 * 1000)  # a busy machine draws slowly
    page.goto(f"{server.url}/dataset?dataset=tiny&view=Images")
    page.get_by_role("option").first.hover()
    page.get_by_role("button", name="Enlarge blue/00.png").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("blue/00.png · blue · 40 × 32 pixels").wait_for()
    picture = dialog.get_by_role("img")
    assert "large=1" in picture.get_attribute("src")
    page.wait_for_function("image => image.naturalWidth === 40", arg=picture.element_handle())
    page.keyboard.press("ArrowRight")
    dialog.get_by_text("blue/01.png · blue · 40 × 32 pixels").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.locator('[role=option][aria-selected="true"]').count() == 0


def test_a_split_is_deleted_after_a_yes_and_stays_after_a_cancel(page, server, tiny) -> None:
    page.set_default_timeout(90 * 1000)
    splits.make("mine", tiny, split_config.SplitConfig())
    page.goto(f"{server.url}/split?dataset=tiny&split=mine")
    page.get_by_role("button", name="Delete this split").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    assert splits.exists("mine")
    page.get_by_role("button", name="Delete this split").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Make this split").wait_for()
    assert not splits.exists("mine")
