"""A tar is taken apart with the same distrust as a zip."""

import io
import tarfile
from pathlib import Path

import pytest

from core import workspace as workspace_module
from core.data import archives, datasets
from core.errors import ArchiveError


def packed(
    members: dict[str, bytes], mode: str = "w:gz", extra: list[tarfile.TarInfo] | None = None
) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in extra or []:
            archive.addfile(info)
    buffer.seek(0)
    return buffer


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("ending", "mode"), [(".tar", "w"), (".tar.gz", "w:gz"), (".tgz", "w:gz"), (".tar.xz", "w:xz")]
)
def test_a_tar_becomes_a_dataset(
    workspace: Path, tiny_folder: Path, tmp_path: Path, ending: str, mode: str
) -> None:
    file = tmp_path / f"tiny{ending}"
    with tarfile.open(file, mode) as archive:
        archive.add(tiny_folder, "tiny")
    assert datasets.add("tiny", file).counts == {"blue": 12, "green": 12, "red": 12}


def test_a_tar_of_loose_images_is_a_class_of_its_name(workspace: Path, tiny_folder: Path) -> None:
    images = {path.name: path.read_bytes() for path in (tiny_folder / "red").iterdir()}
    data = packed(images).getvalue()
    upload = datasets.Upload(name="scarlet.tar.gz", size=len(data), stream=io.BytesIO(data))
    assert datasets.add("reds", [upload]).counts == {"scarlet": 12}
    assert datasets.source_name(Path("scarlet.tar.gz")) == "scarlet"


def test_unsafe_members_are_refused(workspace: Path, tmp_path: Path) -> None:
    extra = [
        special("cat/link.png", tarfile.SYMTYPE, "/etc/passwd"),
        special("cat/hard.png", tarfile.LNKTYPE, "../../etc/passwd"),
        special("cat/pipe", tarfile.FIFOTYPE),
        special("cat/device", tarfile.CHRTYPE),
    ]
    source = packed({"../evil": b"x", "/etc/evil": b"x", "cat/in.zip": b"x", "cat/1.png": b"a"}, extra=extra)
    aside = dict(archives.unpack(source, tmp_path / "out", "images.tar.gz"))
    assert files(tmp_path) == {"out/cat/1.png"} and len(aside) == 7
    assert all("unsafe" in reason or "inside" in reason for reason in aside.values())


def test_a_bomb_is_refused_before_anything_is_written(workspace: Path, tmp_path: Path) -> None:
    source = packed({"cat/1.png": b"a", "cat/2.bmp": bytes(32 << 20)})
    with pytest.raises(ArchiveError, match="200 times its size"):
        archives.unpack(source, tmp_path / "out", "images.tgz")
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_is_refused_before_anything_is_written(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "free_bytes", lambda: archives.KEEP_FREE + 3)
    with pytest.raises(ArchiveError, match="disk can take"):
        archives.unpack(packed({"cat/1.png": b"aaaa"}), tmp_path / "out", "images.tar.gz")
    assert not (tmp_path / "out").exists()


def test_damage_is_explained(workspace: Path, tmp_path: Path) -> None:
    whole = packed({"cat/1.png": bytes(range(256)) * 400}).getvalue()
    for data in (b"nothing of the kind", whole[: len(whole) // 2]):
        with pytest.raises(ArchiveError, match=r"images\.tar\.gz is not a tar that can be read"):
            archives.unpack(io.BytesIO(data), tmp_path / "out", "images.tar.gz")


def test_hostile_tars_write_nothing_outside(workspace: Path, shared: Path, tmp_path: Path) -> None:
    found = [path for path in (shared / "data" / "hostile" / "archives").rglob("*") if path.is_file()]
    for number, file in enumerate(found):
        try:
            archives.unpack(file, tmp_path / "all" / str(number), f"{file.name}.tar")
        except ArchiveError as error:
            assert "tar" in str(error)
    assert len(found) > 3 and not list(tmp_path.rglob("evil.txt")) and not Path("/tmp/evil.txt").exists()
