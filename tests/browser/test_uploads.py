"""Images brought through the browser: a folder, a zip, pictures with a table; and the server's answers."""

import re
import shutil
import zipfile
from pathlib import Path

import httpx
import pytest

from core.data import datasets
from tests.browser.conftest import SECOND, Server

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect


@pytest.fixture(autouse=True)
def in_the_servers_workspace(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test reads is what the server wrote."""
    monkeypatch.setenv("FIELDGUIDE_HOME", str(server.home))


def bring(page: Page, server: Server, where: str, paths: str | list[str], name: str) -> None:
    """Upload and wait until the dataset of that name is open."""
    page.goto(f"{server.url}/dataset?view=Bring+more")
    page.locator(".st-key-bring-way").get_by_text("Upload", exact=True).click()
    page.locator(f".st-key-upload-{where}-0 input[type=file]").set_input_files(paths)
    box = page.get_by_label("Name", exact=True)
    expect(box).to_have_value(re.compile(r".+"))
    box.fill(name)
    box.press("Tab")
    page.get_by_role("button", name="Add these images").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=60 * SECOND)


def test_a_folder_of_class_folders(page: Page, server: Server, tiny_folder: Path) -> None:
    bring(page, server, "folder", str(tiny_folder), "from-folder")
    assert datasets.load("from-folder").counts == {"blue": 12, "green": 12, "red": 12}


def test_a_zip_with_train_and_test_folders(
    page: Page, server: Server, tiny_folder: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "pets.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for number, file in enumerate(sorted(tiny_folder.rglob("*.png"))):
            out.write(file, f"pets/{'test' if number % 4 == 0 else 'train'}/{file.parent.name}/{file.name}")
    bring(page, server, "files", str(archive), "from-zip")
    found = datasets.load("from-zip").table
    assert found["subset"].value_counts().to_dict() == {"train": 27, "test": 9}


def test_pictures_with_a_table(page: Page, server: Server, tiny_folder: Path, tmp_path: Path) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    lines = ["file_name,label"]
    for number, file in enumerate(sorted(tiny_folder.rglob("*.png"))):
        shutil.copy(file, loose / f"{number}.png")
        lines.append(f"{number}.png,{file.parent.name}")
    (loose / "metadata.csv").write_text("\n".join(lines))
    bring(page, server, "files", [str(path) for path in sorted(loose.iterdir())], "from-table")
    assert datasets.load("from-table").counts == {"blue": 12, "green": 12, "red": 12}


def test_answers_forbid_foreign_frames_and_guessed_types(server: Server) -> None:
    headers = httpx.get(server.url).headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"
