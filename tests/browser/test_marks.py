"""What only a real browser can do in a gallery: marks that outlast turning the page."""

import numpy as np
import pytest
from PIL import Image

from core.data import datasets


@pytest.fixture
def colours(server, monkeypatch, tmp_path) -> str:
    """Two classes of 20 images: a page of 36 and one of 4."""
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))
    for place, label in enumerate(("green", "red")):
        folder = tmp_path / "colours" / label
        folder.mkdir(parents=True)
        for index in range(20):
            pixels = np.full((24, 24, 3), 9 * index, np.uint8)
            pixels[..., place] = 200
            Image.fromarray(pixels).save(folder / f"{index:02d}.png")
    return datasets.add("colours", tmp_path / "colours").name


def test_marks_of_several_pages_are_left_out_together_and_come_back_by_undo(page, server, colours) -> None:
    page.set_default_timeout(90 * 1000)  # a busy machine draws slowly
    page.goto(f"{server.url}/dataset?dataset={colours}&view=Images")
    pictures, marked = page.get_by_role("option"), page.locator('[role=option][aria-selected="true"]')
    pictures.nth(1).click()
    pictures.nth(4).click(modifiers=["Shift"])
    page.get_by_text("4 marked", exact=True).wait_for()
    pages = page.get_by_test_id("stPagination")  # above the pictures and below
    pages.first.get_by_text("2", exact=True).click()
    page.get_by_role("button", name="Mark all 4 on this page").click()
    page.get_by_text("8 marked", exact=True).wait_for()
    assert marked.count() == 4
    marked.first.click()
    page.get_by_text("7 marked", exact=True).wait_for()
    pages.last.get_by_text("1", exact=True).click()
    page.get_by_text("4 of 7 marked are on this page").wait_for()
    assert marked.count() == 4
    page.get_by_role("button", name="Leave out").click()
    page.get_by_role("button", name="Undo: 7 images left out").wait_for()
    assert len(datasets.load(colours).table) == 33 and marked.count() == 0
    page.get_by_role("button", name="Undo: 7 images left out").click()
    page.get_by_text("All (40)").wait_for()
    assert page.get_by_test_id("stException").count() == 0
