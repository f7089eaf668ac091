"""Datasets: taken in whole or not at all, indexed again without reading twice, edited without a trace in
the person's files."""

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import workspace as workspace_module
from core.data import datasets, edits, indexing, thumbnails
from core.data.uploads import Upload
from core.errors import ArchiveError, DatasetError, NotFoundError, WorkspaceError
from core.split import store
from core.split.config import SplitConfig


def zipped(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return file


def upload(name: str, data: bytes) -> Upload:
    return Upload(name=name, size=len(data), stream=io.BytesIO(data))


def test_a_folder_is_linked_and_never_changed(workspace: Path, tiny_folder: Path) -> None:
    (tiny_folder / "red" / "broken.png").write_bytes(b"not an image")
    before = {path: path.stat().st_mtime_ns for path in tiny_folder.rglob("*")}
    dataset = datasets.add("tiny", tiny_folder)
    assert dataset.classes == ["blue", "green", "red"] and dataset.counts["red"] == 12
    assert dataset.table["path"].is_monotonic_increasing and dataset.table["path"].is_unique
    assert dataset.file("red/00.png") == tiny_folder / "red" / "00.png"
    assert dataset.set_aside["path"].tolist() == ["red/broken.png"]
    assert not (workspace / "datasets" / "tiny" / "images").exists()
    assert {path: path.stat().st_mtime_ns for path in tiny_folder.rglob("*")} == before


def test_a_zip_is_kept_in_the_workspace(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    file = zipped(tiny_folder, tmp_path / "colours.zip")
    dataset = datasets.add("colours", file)
    file.unlink()
    assert dataset.counts == {"blue": 12, "green": 12, "red": 12}
    assert dataset.file("red/00.png").is_relative_to(workspace) and dataset.file("red/00.png").is_file()


def test_several_uploads_are_brought_together(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """A zip of loose images is a class of that name; a zip of folders and a folder's files keep theirs."""
    loose = zipped(tiny_folder / "red", tmp_path / "scarlet.zip").read_bytes()
    shutil.rmtree(tiny_folder / "red")
    folders = zipped(
        tiny_folder.parent, tmp_path / "more.zip"
    )  # holds tiny/green, tiny/blue and the other zips
    with zipfile.ZipFile(folders) as archive:
        assert "tiny/green/00.png" in archive.namelist()
    picture = (tiny_folder / "green" / "00.png").read_bytes()
    received = [
        upload("scarlet.zip", loose),
        upload("more.zip", folders.read_bytes()),
        upload("shots/violet/1.png", picture),
        upload("../../evil.png", picture),
        upload("shots/.DS_Store", b"x"),
    ]
    dataset = datasets.add("mixed", received)
    assert dataset.counts["scarlet"] == 12
    assert not (workspace.parent / "evil.png").exists() and not (workspace / "evil.png").exists()
    assert any("unsafe" in reason for reason in dataset.set_aside["reason"])


def test_a_failed_add_leaves_nothing(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(b"broken")
    with pytest.raises(DatasetError, match=r"None of the files.*cat/1\.png"):
        datasets.add("bad", tmp_path / "cat" / "..")
    with pytest.raises(DatasetError, match="no file or folder"):
        datasets.add("bad", tmp_path / "gone.zip")
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with pytest.raises(ArchiveError, match="not a zip"):
        datasets.add("bad", tmp_path / "bad.zip")
    assert datasets.names() == [] and [p.name for p in (workspace / "datasets").iterdir()] == [".locks"]


def test_names_are_checked_and_taken_once(workspace: Path, tiny_folder: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot name"):
        datasets.add("../evil", tiny_folder)
    datasets.add("tiny", tiny_folder)
    with pytest.raises(DatasetError, match="already"):
        datasets.add("tiny", tiny_folder)
    with pytest.raises(NotFoundError, match="There are: tiny"):
        datasets.load("other")


def test_refresh_reads_only_what_changed(
    workspace: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_folder / "red" / "broken.png").write_bytes(b"not an image")
    first = datasets.add("tiny", tiny_folder)
    seen: list[Path] = []
    index = indexing.index

    def recorded(files: list[Path], **options: object) -> list[dict]:
        seen.extend(files)
        return index(files, **options)

    monkeypatch.setattr(indexing, "index", recorded)
    same = datasets.refresh("tiny")
    assert seen == [] and same.version == first.version and len(same.set_aside) == 1
    Image.new("RGB", (9, 9), "red").save(tiny_folder / "red" / "00.png")
    (tiny_folder / "red" / "01.png").unlink()
    changed = datasets.refresh("tiny")
    assert seen == [tiny_folder / "red" / "00.png"]
    assert changed.version == first.version + 1 and changed.counts["red"] == 11
    row = changed.table.set_index("path").loc["red/00.png"]
    assert (row["width"], row["height"]) == (9, 9)
    assert (
        first.table.set_index("path")
        .loc["blue/05.png"]
        .equals(changed.table.set_index("path").loc["blue/05.png"])
    )


def test_adding_to_a_dataset_makes_a_new_version(workspace: Path, tiny_folder: Path) -> None:
    first = datasets.add("tiny", tiny_folder)
    picture = (tiny_folder / "red" / "00.png").read_bytes()
    more = [upload("red/00.png", picture), upload("violet/1.png", picture), upload("violet/2.png", picture)]
    second = datasets.extend("tiny", more)
    assert second.version > first.version == datasets.version("tiny") - 1
    assert second.counts == {"blue": 12, "green": 12, "red": 13, "violet": 2}
    assert second.file("added-2/red/00.png").read_bytes() == picture
    assert second.file("red/00.png") == tiny_folder / "red" / "00.png"
    with pytest.raises(ArchiveError):
        datasets.extend("tiny", [upload("x.zip", b"broken")])
    assert datasets.load("tiny").version == second.version


def test_edits_are_undone_survive_reindexing_and_are_exported(workspace: Path, tiny_folder: Path) -> None:
    before = datasets.add("tiny", tiny_folder)
    edits.exclude("tiny", ["red/00.png"])
    edits.relabel("tiny", ["red/01.png", "red/02.png"], "green")
    edits.rename_class("tiny", "blue", "green")
    edited = datasets.load("tiny")
    assert edited.counts == {"green": 26, "red": 9} and edited.version == before.version + 3
    assert edited.excluded["path"].tolist() == ["red/00.png"]
    Image.new("RGB", (9, 9), "red").save(tiny_folder / "red" / "extra.png")
    assert datasets.refresh("tiny").counts == {"green": 26, "red": 10}
    exported = edits.table("tiny").set_index("path")
    assert exported.loc["red/01.png"].tolist() == ["red", "green"]
    assert exported.loc["red/00.png", "after"] is None and len(exported) == 15
    edits.undo("tiny")
    assert datasets.load("tiny").counts == {"blue": 12, "green": 14, "red": 10}
    first = edits.standing(edits.log(edited.folder))[0]
    edits.undo("tiny", first["id"])
    edits.undo("tiny")
    assert datasets.load("tiny").counts == {"blue": 12, "green": 12, "red": 13}
    with pytest.raises(DatasetError, match="no edit"):
        edits.undo("tiny")


def test_edits_name_what_is_wrong_with_them(workspace: Path, tiny_folder: Path) -> None:
    dataset = datasets.add("tiny", tiny_folder)
    with pytest.raises(DatasetError, match=r"'nope\.png' is not"):
        edits.exclude("tiny", ["nope.png"])
    with pytest.raises(DatasetError, match="every image"):
        edits.exclude("tiny", dataset.table["path"].tolist())
    with pytest.raises(DatasetError, match="cannot be a label"):
        edits.relabel("tiny", ["red/00.png"], " ")
    with pytest.raises(DatasetError, match="no class 'pink'"):
        edits.rename_class("tiny", "pink", "red")
    assert edits.log(dataset.folder) == []


def test_of_copies_the_largest_is_kept(workspace: Path, tiny_folder: Path) -> None:
    with Image.open(tiny_folder / "red" / "00.png") as image:
        image.resize((80, 64)).save(tiny_folder / "red" / "large.png")
    datasets.add("tiny", tiny_folder)
    edits.keep_one("tiny", ["red/00.png", "red/large.png"])
    assert datasets.load("tiny").excluded["path"].tolist() == ["red/00.png"]


def test_a_moved_folder_is_relinked(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    datasets.add("tiny", tiny_folder)
    edits.exclude("tiny", ["red/00.png"])
    moved = tiny_folder.rename(tmp_path / "moved")
    with pytest.raises(DatasetError, match="relink"):
        datasets.refresh("tiny")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="none of the dataset's 36 images"):
        datasets.relink("tiny", tmp_path / "empty")
    dataset = datasets.relink("tiny", moved)
    assert dataset.file("red/01.png") == moved / "red" / "01.png" and dataset.counts["red"] == 11


def test_rename_and_delete_take_the_splits_along(workspace: Path, tiny_folder: Path) -> None:
    dataset = datasets.add("tiny", tiny_folder)
    store.make("s", dataset, SplitConfig())
    datasets.rename("tiny", "small")
    assert datasets.names() == ["small"] and store.load("s").dataset == "small"
    datasets.delete("small")
    assert datasets.names() == [] and store.names() == [] and (tiny_folder / "red").is_dir()


def test_only_one_may_change_a_dataset_at_a_time(workspace: Path, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    with (
        workspace_module.lock(workspace / "datasets" / ".locks" / "tiny.lock", timeout=0),
        pytest.raises(DatasetError, match="someone else"),
    ):
        datasets.refresh("tiny")


def test_thumbnails_are_small_made_once_and_follow_the_file(workspace: Path, tmp_path: Path) -> None:
    for number, label in enumerate(["cat", "dog"]):
        (tmp_path / "in" / label).mkdir(parents=True)
        pixels = np.full((600, 900, 3), 90 * number, dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / label / "1.jpg")
    dataset = datasets.add("big", tmp_path / "in")
    first = thumbnails.thumbnail(dataset, "cat/1.jpg")
    with Image.open(first) as image:
        assert image.size == (256, 171)
    stamp = first.stat().st_mtime_ns
    assert thumbnails.thumbnail(dataset, "cat/1.jpg").stat().st_mtime_ns == stamp
    Image.new("RGB", (600, 600), "white").save(tmp_path / "in" / "cat" / "1.jpg")
    assert thumbnails.thumbnail(dataset, "cat/1.jpg") != first
