"""Folders on the server are answered by a process of its own; originals are copied where they do no harm."""

import zipfile
from pathlib import Path

import pytest

from core import runs
from core.inference import detached, detached_worker
from tests.pages.classify.bringing import bring, picture, the_table
from tests.pages.conftest import Open, words


def test_a_folder_on_the_server_is_answered_elsewhere_and_shown_like_uploads(
    open_page: Open, run: runs.Run, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_folder / "broken.png").write_bytes(b"broken")
    monkeypatch.setattr("core.asked.spawn", lambda *given, **options: None)  # the test plays the process
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-way").set_value("server").run()
    at.text_input(key="classify-server").set_value(str(tiny_folder)).run()
    at.button(key="classify-server-go").click().run()
    (batch,) = detached.known(run)
    assert "classify-folder-stop" in [button.key for button in at.button]
    detached_worker.carry_out(batch)
    at = open_page("classify", run=run.id)  # another tab: the folder is still there
    at.segmented_control(key="classify-way").set_value("server").run()
    assert "Answered] 37 images" in words(at)
    table = the_table(at)
    assert table["name"].tolist()[:2] == ["broken.png", "blue/00.png"] and len(table) == 37
    assert table["image"].str.startswith("data:image/jpeg").sum() == 36
    at.button(key="classify-zip").click().run()
    assert not at.exception
    with zipfile.ZipFile(batch.folder / "sorted.zip") as archive:
        assert len(archive.namelist()) == 36
    at.button(key="classify-folder-forget").click().run()
    assert not batch.folder.exists() and not at.dataframe


def test_originals_are_copied_into_a_folder_that_is_new(
    open_page: Open, run: runs.Run, tmp_path: Path
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    at.text_input(key="classify-sort-into").set_value(str(tmp_path / "sorted")).run()
    at.button(key="classify-sort-go").click().run()
    assert sorted(path.name for path in (tmp_path / "sorted").rglob("*.png")) == [
        "picture1.png",
        "picture2.png",
    ]
    at.button(key="classify-sort-go").click().run()
    assert any("holds something already" in error.value for error in at.error)


def test_a_folder_that_is_not_there_is_a_sentence(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-way").set_value("server").run()
    at.text_input(key="classify-server").set_value("/no/such/folder").run()
    at.button(key="classify-server-go").click().run()
    assert [e.value for e in at.error] == ["There is no /no/such/folder on the server. Check the path."]
