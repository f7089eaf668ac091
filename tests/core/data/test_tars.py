"""A tar is taken apart with the same distrust as a zip."""

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from core import workspace as workspace_module
from core.data import archives, datasets, unpacking
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
    aside = dict(unpacking.unpack(source, tmp_path / "out", "images.tar.gz").set_aside)
    assert files(tmp_path) == {"out/cat/1.png"} and len(aside) == 7
    assert all("unsafe" in reason or "inside" in reason for reason in aside.values())


def test_a_bomb_is_refused_before_anything_is_written(workspace: Path, tmp_path: Path) -> None:
    source = packed({"cat/1.png": b"a", "cat/2.bmp": bytes(32 << 20)})
    with pytest.raises(ArchiveError, match=r"at least 1,0\d\d times its size"):
        unpacking.unpack(source, tmp_path / "out", "images.tgz")
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_is_refused_before_anything_is_written(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "free_bytes", lambda: archives.KEEP_FREE + 3)
    with pytest.raises(ArchiveError, match="disk can take"):
        unpacking.unpack(packed({"cat/1.png": b"aaaa"}), tmp_path / "out", "images.tar.gz")
    assert not (tmp_path / "out").exists()


def extended(kind: bytes, size: int, name: str = "././@LongLink") -> bytes:
    """A block that describes the member after it, of so many bytes of text."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT) + b"a" * size + bytes(-size % 512)


def plain(name: str = "cat/1.png", content: bytes = b"x") -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info.tobuf() + content + bytes(-len(content) % 512)


@pytest.mark.parametrize(
    ("kind", "size", "times"),
    [
        (tarfile.GNUTYPE_LONGNAME, 16 << 20, 1),
        (tarfile.GNUTYPE_LONGLINK, 16 << 20, 1),
        (tarfile.XHDTYPE, 16 << 20, 1),
        (tarfile.XGLTYPE, 16 << 20, 1),
        (tarfile.GNUTYPE_LONGNAME, 600_000, 2),
        (tarfile.GNUTYPE_LONGNAME, 10, 1500),
    ],
)
def test_descriptions_of_a_file_cannot_fill_the_memory(
    workspace: Path, tmp_path: Path, kind: bytes, size: int, times: int
) -> None:
    content = plain() + extended(kind, size) * times + plain("cat/2.png") + bytes(1024)
    data = gzip.compress(content, compresslevel=1)
    del content
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match="takes more than 1 MiB"):
            unpacking.unpack(io.BytesIO(data), tmp_path / "out", "images.tar.gz")
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert not (tmp_path / "out").exists()


def with_holes(n_more: int) -> bytes:
    """A file with holes as old GNU tars wrote it, its map going on for so many blocks."""
    header = bytearray(plain("cat/holes.png", b"x" * 512)[:512])
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[257:265] = tarfile.GNU_MAGIC
    header[386:410] = b"%011o\0%011o\0" % (512, 512)
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    block = b"%011o\0%011o\0" % (512, 512) * 21
    return bytes(header) + (block + b"\1" + bytes(7)) * (n_more - 1) + block + bytes(8) + b"x" * 512


def test_the_map_of_a_file_with_holes_is_bounded(workspace: Path, tmp_path: Path) -> None:
    aside = unpacking.unpack(io.BytesIO(with_holes(3) + plain() + bytes(1024)), tmp_path / "out", "a.tar")
    assert files(tmp_path / "out") == {"cat/1.png"}
    assert [name for name, _ in aside.set_aside] == ["cat/holes.png"]
    data = io.BytesIO(with_holes(3000) + plain() + bytes(1024))
    with pytest.raises(ArchiveError, match="takes more than 1 MiB"):
        unpacking.unpack(data, tmp_path / "again", "a.tar")


def test_newer_maps_of_holes_are_not_read(workspace: Path, tmp_path: Path) -> None:
    info = tarfile.TarInfo("cat/holes.png")
    info.size = 1024
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
    data = info.tobuf(tarfile.PAX_FORMAT) + b"99999999999\n" + bytes(1012) + plain() + bytes(1024)
    left_out = unpacking.unpack(io.BytesIO(data), tmp_path / "out", "a.tar")
    assert files(tmp_path / "out") == {"cat/1.png"} and len(left_out.set_aside) == 1


def test_a_header_that_points_backwards_ends_the_reading(workspace: Path, tmp_path: Path) -> None:
    info = tarfile.TarInfo("cat/2.png")
    info.pax_headers = {"size": "-2048"}
    data = plain() + info.tobuf(tarfile.PAX_FORMAT) + plain() + bytes(1024)
    with pytest.raises(ArchiveError, match="not a tar that can be read"):
        unpacking.unpack(io.BytesIO(data), tmp_path / "out", "a.tar")


def test_long_names_and_litter_in_a_tar(workspace: Path, tmp_path: Path) -> None:
    long, deep = "cat/" + "\u00e9" * 200 + ".png", "d/" * 3000 + "1.png"
    source = packed({long: b"a", deep: b"b", "cat/._1.png": b"x", "cat/Thumbs.db": b"x"})
    left_out = unpacking.unpack(source, tmp_path / "out", "images.tar.gz")
    assert len(files(tmp_path / "out")) == 1 and left_out.ignored == 2
    assert "nested too deep" in left_out.set_aside[0][1]


def test_damage_is_explained(workspace: Path, tmp_path: Path) -> None:
    whole = packed({"cat/1.png": bytes(range(256)) * 400}).getvalue()
    for data in (b"nothing of the kind", whole[: len(whole) // 2]):
        with pytest.raises(ArchiveError, match=r"images\.tar\.gz is not a tar that can be read"):
            unpacking.unpack(io.BytesIO(data), tmp_path / "out", "images.tar.gz")


def test_hostile_tars_write_nothing_outside(workspace: Path, shared: Path, tmp_path: Path) -> None:
    found = [path for path in (shared / "data" / "hostile" / "archives").rglob("*") if path.is_file()]
    for number, file in enumerate(found):
        try:
            unpacking.unpack(file, tmp_path / "all" / str(number), f"{file.name}.tar")
        except ArchiveError as error:
            assert "tar" in str(error)
    assert len(found) > 3 and not list(tmp_path.rglob("evil.txt")) and not Path("/tmp/evil.txt").exists()
