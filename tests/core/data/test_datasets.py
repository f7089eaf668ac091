"""Datasets: taken in whole or not at all, indexed again without reading twice, edited without a trace in
the person's files."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core import workspace as workspace_module
from core.data import datasets, indexing, near
from core.data.uploads import Upload
from core.errors import ArchiveError, DatasetError, NotFoundError, WorkspaceError


def zipped(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return file


def files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


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
    searches: list[int] = []
    clusters = near.clusters
    monkeypatch.setattr(near, "clusters", lambda table: searches.append(len(table)) or clusters(table))
    same = datasets.refresh("tiny")
    assert searches == [] and same.table["cluster"].tolist() == first.table["cluster"].tolist()
    assert seen == [] and same.version == first.version and len(same.set_aside) == 1
    Image.new("RGB", (9, 9), "red").save(tiny_folder / "red" / "00.png")
    (tiny_folder / "red" / "01.png").unlink()
    changed = datasets.refresh("tiny")
    assert seen == [tiny_folder / "red" / "00.png"] and searches == [35]
    assert changed.version == first.version + 1 and changed.counts["red"] == 11
    row = changed.table.set_index("path").loc["red/00.png"]
    assert (row["width"], row["height"]) == (9, 9)
    assert (
        first.table.set_index("path")
        .loc["blue/05.png"]
        .equals(changed.table.set_index("path").loc["blue/05.png"])
    )


def test_a_file_that_could_not_be_read_for_the_moment_is_read_again(
    workspace: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = indexing.index
    reason = "the file cannot be opened: Input/output error"

    def failing(files: list[Path], **options: object) -> list[dict]:
        rows = index(files, **options)
        failed = {"reason": reason, "passing": True}
        return [failed if file.name == "03.png" else row for file, row in zip(files, rows, strict=True)]

    monkeypatch.setattr(indexing, "index", failing)
    first = datasets.add("tiny", tiny_folder)
    assert first.counts == {"blue": 11, "green": 11, "red": 11} and set(first.set_aside["reason"]) == {reason}
    monkeypatch.setattr(indexing, "index", index)
    again = datasets.refresh("tiny")
    assert again.counts == {"blue": 12, "green": 12, "red": 12} and len(again.set_aside) == 0


def test_what_was_passed_over_is_counted(workspace: Path, tiny_folder: Path, tmp_path: Path) -> None:
    for name in ("red/.hidden.png", "red/Thumbs.db", "README.md", "__MACOSX/x.png"):
        (tiny_folder / name).parent.mkdir(exist_ok=True)
        (tiny_folder / name).write_bytes(b"x")
    assert datasets.add("linked", tiny_folder).ignored == 4
    assert datasets.add("zipped", zipped(tiny_folder, tmp_path / "tiny.zip")).ignored == 4
    uploads = [
        upload(f"set/{path.relative_to(tiny_folder)}", path.read_bytes()) for path in files_in(tiny_folder)
    ]
    assert datasets.add("uploaded", uploads).ignored == 4
    assert datasets.refresh("zipped").ignored == 4


def test_errors_name_an_upload_as_the_person_does(workspace: Path, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "PNG")
    loose = [upload("1.png", picture.getvalue()), upload("2.png", picture.getvalue())]
    with pytest.raises(DatasetError, match=r"found in 1\.png and 1 more \(2 images lie there") as raised:
        datasets.add("new", loose)
    assert str(workspace) not in str(raised.value) and ".new-" not in str(raised.value)
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("a/notes.txt", "x")
        archive.writestr("b/notes.txt", "x")
    with pytest.raises(DatasetError, match=r"None of the files could be read|found in notes\.zip") as raised:
        datasets.add("new", tmp_path / "notes.zip")
    assert str(workspace) not in str(raised.value)


@pytest.mark.parametrize(("name", "kind"), [("pets.rar", "a RAR archive"), ("pets.7z", "a 7-Zip archive")])
def test_archives_of_other_kinds_are_named(
    workspace: Path, tmp_path: Path, tiny_folder: Path, name: str, kind: str
) -> None:
    (tmp_path / name).write_bytes(b"Rar!")
    for source in (tmp_path / name, [upload(name, b"Rar!")]):
        with pytest.raises(DatasetError, match=f"{kind}, which is not unpacked here"):
            datasets.add("pets", source)
    pictures = [upload(f"pets/red/{path.name}", path.read_bytes()) for path in files_in(tiny_folder / "red")]
    dataset = datasets.add("pets", [upload(name, b"Rar!"), *pictures])
    assert dataset.set_aside["path"].tolist() == [name] and kind in dataset.set_aside["reason"][0]


def test_uploads_of_nothing_that_can_be_taken_say_so(workspace: Path) -> None:
    with pytest.raises(DatasetError, match="Only hidden files"):
        datasets.add("new", [upload(".DS_Store", b"x")])
    with pytest.raises(DatasetError, match=r"No file can be taken \(\.\./1\.png: .*unsafe"):
        datasets.add("new", [upload("../1.png", b"x")])


def test_a_file_with_the_name_of_an_uploaded_folder_costs_nothing_else(
    workspace: Path, tiny_folder: Path
) -> None:
    pictures = [upload(f"red/{path.name}", path.read_bytes()) for path in files_in(tiny_folder / "red")]
    dataset = datasets.add(
        "new", [pictures[0], upload("red", b"x"), upload("red/00.png/1.png", b"x"), *pictures[1:]]
    )
    assert dataset.counts == {"red": 12} and sorted(dataset.set_aside["path"]) == ["red", "red/00.png/1.png"]


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


def test_only_one_may_change_a_dataset_at_a_time(workspace: Path, tiny_folder: Path) -> None:
    datasets.add("tiny", tiny_folder)
    with (
        workspace_module.lock(workspace / "datasets" / ".locks" / "tiny.lock", timeout=0),
        pytest.raises(DatasetError, match="someone else"),
    ):
        datasets.refresh("tiny")


def test_a_train_and_a_test_zip_together_keep_their_subsets(
    workspace: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    uploads = []
    for subset in ("train", "test"):
        (tmp_path / subset).mkdir()
        shutil.copytree(tiny_folder, tmp_path / subset / subset)
        data = zipped(tmp_path / subset, tmp_path / f"{subset}.zip").read_bytes()
        uploads.append(upload(f"{subset}.zip", data))
    dataset = datasets.add("pair", uploads)
    assert dataset.table["subset"].value_counts().to_dict() == {"train": 36, "test": 36}
    assert dataset.set_aside.empty


def test_what_a_killed_addition_left_behind_stays_out(
    workspace: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    dataset = datasets.add("tiny", tiny_folder)
    left = dataset.folder / "images-2" / "red"
    left.mkdir(parents=True)
    shutil.copy(tiny_folder / "red" / "00.png", left / "stray.png")
    (tmp_path / "more" / "violet").mkdir(parents=True)
    shutil.copy(tiny_folder / "red" / "01.png", tmp_path / "more" / "violet")
    data = zipped(tmp_path / "more", tmp_path / "more.zip").read_bytes()
    grown = datasets.extend("tiny", [upload("more.zip", data)])
    assert len(grown.table) == 37 and not any("stray" in path for path in grown.table["path"])


def test_what_killed_processes_left_of_datasets_goes_with_the_next_one(
    workspace: Path, tiny_folder: Path
) -> None:
    parent = workspace / "datasets"
    for name in (".locks", ".new-dead", ".deleted-dead", ".new-alive"):
        (parent / name).mkdir(parents=True)
    with workspace_module.lock(parent / ".locks" / "new-alive.lock"):
        datasets.add("tiny", tiny_folder)
        assert sorted(path.name for path in parent.glob(".[nd]e*")) == [".new-alive"]


def test_a_tars_names_that_are_no_text_are_set_aside_with_their_reason(
    workspace: Path, tiny_folder: Path
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for label in ("Äpfel", "Birnen"):
            for file in sorted(tiny_folder.glob("red/*.png")):
                archive.add(file, f"{label}/{file.name}")
    dataset = datasets.add("fruit", [upload("fruit.tar", stream.getvalue())])
    assert dataset.counts == {"Birnen": 12} and len(dataset.set_aside) == 1  # the folder
    assert dataset.set_aside["reason"].str.contains("text").all()


@pytest.mark.parametrize("source", ["x" * 300, "~nobody-of-that-name/x"])
def test_a_path_that_cannot_be_looked_at_is_a_sentence(workspace: Path, source: str) -> None:
    with pytest.raises(DatasetError, match="There is no file or folder"):
        datasets.add("tiny", Path(source))
    assert datasets.source_name(Path(source))
