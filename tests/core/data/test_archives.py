"""A zip is taken apart without trusting it."""

import errno
import io
import lzma
import os
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from core import workspace as workspace_module
from core.data import archives, unpacking, zips
from core.errors import ArchiveError


def packed(members: dict[str, bytes]) -> io.BytesIO:
    return packed_by(zipfile.ZIP_DEFLATED, members)


def packed_by(kind: int, members: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    buffer.seek(0)
    return buffer


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def unpack(source: io.BytesIO | Path, target: Path) -> dict[str, str]:
    return dict(unpacking.unpack(source, target, "images.zip").set_aside)


def test_members_land_in_the_target(workspace: Path, tmp_path: Path) -> None:
    aside = unpack(packed({"cat/1.png": b"a", "dog/1.png": b"b"}), tmp_path / "out")
    assert files(tmp_path / "out") == {"cat/1.png", "dog/1.png"} and aside == {}


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "cat/../../evil.txt",
        "/etc/evil.txt",
        "..\\..\\evil.txt",
        "C:\\evil.txt",
        "c:evil",
        "a\n/b",
    ],
)
def test_names_that_point_elsewhere_are_refused(workspace: Path, tmp_path: Path, name: str) -> None:
    aside = unpack(packed({name: b"x", "cat/1.png": b"a"}), tmp_path / "out")
    assert files(tmp_path) == {"out/cat/1.png"}
    assert len(aside) == 1 and "unsafe" in next(iter(aside.values()))


def test_links_are_refused(workspace: Path, tmp_path: Path) -> None:
    buffer = packed({"cat/1.png": b"a"})
    with zipfile.ZipFile(buffer, "a") as archive:
        link = zipfile.ZipInfo("cat/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link" in unpack(buffer, tmp_path / "out")["cat/link.png"]
    assert files(tmp_path / "out") == {"cat/1.png"}


def test_what_unpacks_out_of_all_proportion_is_refused(workspace: Path, tmp_path: Path) -> None:
    aside = unpack(packed({"cat/1.bmp": bytes(64 << 20), "cat/2.png": b"a"}), tmp_path / "out")
    assert "times its size" in aside["cat/1.bmp"] and files(tmp_path / "out") == {"cat/2.png"}


def test_a_steep_member_is_refused_at_any_size(workspace: Path, tmp_path: Path) -> None:
    source = packed_by(zipfile.ZIP_LZMA, {"cat/1.bmp": bytes(3 << 20), "cat/2.png": b"a"})
    aside = unpack(source, tmp_path / "out")
    assert "times its size" in aside["cat/1.bmp"] and files(tmp_path / "out") == {"cat/2.png"}


def test_many_small_members_out_of_all_proportion_are_refused(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="times its size"):
        unpack(packed({f"cat/{n}.bmp": bytes(4 << 20) for n in range(10)}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_plain_pictures_pass(workspace: Path, tmp_path: Path, kind: int) -> None:
    blanks = {f"cat/{n}.bmp": bytes(700_000) for n in range(5)}
    source = packed_by(kind, blanks | {"cat/photo.png": os.urandom(10_000)})
    assert unpack(source, tmp_path / "out") == {} and len(files(tmp_path / "out")) == 6


def test_bzip2_is_set_aside_since_a_few_bytes_of_it_can_fill_the_memory(
    workspace: Path, tmp_path: Path
) -> None:
    source = packed_by(zipfile.ZIP_BZIP2, {"cat/1.bmp": os.urandom(1000)})
    assert "ordinary zip" in unpack(source, tmp_path / "out")["cat/1.bmp"]


def test_a_member_that_lies_about_its_size_costs_little_memory(workspace: Path, tmp_path: Path) -> None:
    """LZMA that unpacks to 90 MB and claims 1 MB."""
    how = {"id": lzma.FILTER_LZMA1, "preset": 0}
    properties = lzma._encode_filter_properties(how)
    content = struct.pack("<BBH", 9, 4, len(properties)) + properties
    content += lzma.compress(bytes(90 << 20), lzma.FORMAT_RAW, filters=[how])
    data = bytearray(packed_by(zipfile.ZIP_STORED, {"cat/1.bmp": content}).getvalue())
    for signature, kind, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        place = data.rindex(signature)
        struct.pack_into("<H", data, place + kind, zipfile.ZIP_LZMA)
        struct.pack_into("<I", data, place + size, 1 << 20)
    tracemalloc.start()
    try:
        assert "damaged" in unpack(io.BytesIO(bytes(data)), tmp_path / "out")["cat/1.bmp"]
        assert tracemalloc.get_traced_memory()[1] < 80 << 20
    finally:
        tracemalloc.stop()


def test_hidden_files_and_litter_are_counted(workspace: Path, tmp_path: Path) -> None:
    members = {"cat/1.png": b"a", "__MACOSX/cat/._1.png": b"x", "cat/Thumbs.db": b"x", "cat/.DS_Store": b"x"}
    left_out = unpacking.unpack(packed(members), tmp_path / "out", "images.zip")
    assert left_out.ignored == 3 and left_out.set_aside == [] and files(tmp_path / "out") == {"cat/1.png"}


def test_a_member_that_lies_too_deep_is_set_aside_alone(workspace: Path, tmp_path: Path) -> None:
    deep, legal = "d/" * 3000 + "1.png", "e/" * 500 + "1.png"
    aside = unpack(packed({deep: b"x", legal: b"y", "cat/1.png": b"a"}), tmp_path / "out")
    assert files(tmp_path / "out") == {legal, "cat/1.png"}
    assert len(aside) == 1 and "nested too deep" in next(iter(aside.values()))


def test_a_full_disk_is_told_from_other_failures() -> None:
    assert "Free some space" in archives.could_not_be_written("a.zip", OSError(errno.ENOSPC, "No space left"))
    assert "space" not in archives.could_not_be_written("a.zip", OSError(errno.EACCES, "Permission denied"))


def test_encrypted_members_are_set_aside(workspace: Path, tmp_path: Path) -> None:
    data = bytearray(packed({"cat/1.png": b"a", "cat/2.png": b"b"}).getvalue())
    for signature, offset in (
        (b"PK\x03\x04", 6),
        (b"PK\x01\x02", 8),
    ):  # set bit 0 of the first member's flags
        place = data.index(signature) + offset
        struct.pack_into("<H", data, place, struct.unpack_from("<H", data, place)[0] | 1)
    aside = unpack(io.BytesIO(bytes(data)), tmp_path / "out")
    assert "encrypted" in aside["cat/1.png"] and files(tmp_path / "out") == {"cat/2.png"}


def test_archives_inside_are_set_aside(workspace: Path, tmp_path: Path) -> None:
    aside = unpack(
        packed({"cat/more.zip": b"PK", "cat/old.TAR.GZ": b"x", "cat/1.png": b"a"}), tmp_path / "out"
    )
    assert set(aside) == {"cat/more.zip", "cat/old.TAR.GZ"} and files(tmp_path / "out") == {"cat/1.png"}


def test_what_does_not_fit_on_the_disk_is_refused_before_it_is_unpacked(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "free_bytes", lambda: archives.KEEP_FREE + 3)
    with pytest.raises(ArchiveError, match=r"unpacks to .* GiB free"):
        unpack(packed({"cat/1.png": b"aa", "dog/1.png": b"bb"}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_are_read_as_meant(workspace: Path, tmp_path: Path) -> None:
    buffer = packed({"\u732b/\u3053.png": b"a", "caf\u00e9/1.png": b"b"})
    raw = buffer.getvalue()
    with zipfile.ZipFile(buffer) as archive:
        assert all(member.flag_bits & 0x800 for member in archive.infolist())
    unmarked = bytearray(raw)  # as many tools write it: UTF-8 bytes without the flag
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(signature)
        while place >= 0:
            struct.pack_into("<H", unmarked, place + offset, 0)
            place = raw.find(signature, place + 1)
    assert unpack(io.BytesIO(bytes(unmarked)), tmp_path / "out") == {}
    assert files(tmp_path / "out") == {"\u732b/\u3053.png", "caf\u00e9/1.png"}
    # A name in the standard's own CP437 stays what it was.
    old = zipfile.ZipInfo("x")
    old.filename, old.flag_bits = b"\x82t\x82.png".decode("cp437"), 0
    assert zips.member_name(old) == "\u00e9t\u00e9.png"


def test_very_long_names_are_shortened_and_stay_apart(workspace: Path, tmp_path: Path) -> None:
    long = "\u00e9" * 200
    aside = unpack(packed({f"cat/{long}1.png": b"a", f"cat/{long}2.png": b"b"}), tmp_path / "out")
    names = [path.name for path in (tmp_path / "out" / "cat").iterdir()]
    assert (
        aside == {} and len(names) == 2 and all(name.endswith(".png") and len(name) <= 120 for name in names)
    )


def test_a_damaged_member_is_set_aside_and_the_rest_goes_on(workspace: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("cat/1.png", b"hello hello")
        archive.writestr("cat/2.png", b"other")
    data = buffer.getvalue().replace(b"hello hello", b"hellO hello")
    aside = unpack(io.BytesIO(data), tmp_path / "out")
    assert "damaged" in aside["cat/1.png"] and files(tmp_path / "out") == {"cat/2.png"}


def test_two_members_of_one_name_keep_the_first(workspace: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("cat/1.png", b"first")
        archive.writestr("cat/1.png", b"second")
    assert "another file" in unpack(buffer, tmp_path / "out")["cat/1.png"]
    assert (tmp_path / "out" / "cat" / "1.png").read_bytes() == b"first"


def test_members_that_share_their_bytes_are_a_bomb(workspace: Path, tmp_path: Path) -> None:
    """One member of 100 kB, listed ten times in the central directory."""
    data = packed({"a.png": os.urandom(100_000)}).getvalue()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    counts = struct.pack("<HHII", 10, 10, 10 * len(entry), start)
    bomb = data[:start] + entry * 10 + data[end : end + 8] + counts + data[end + 20 :]
    with pytest.raises(ArchiveError, match="overlap"):
        unpack(io.BytesIO(bomb), tmp_path / "out")


def test_what_is_no_zip_says_so(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a zip"):
        unpack(io.BytesIO(b"nothing of the kind"), tmp_path / "out")


def test_hostile_archives_write_nothing_outside_and_end(
    workspace: Path, shared: Path, tmp_path: Path
) -> None:
    found = sorted((shared / "data" / "hostile" / "archives").rglob("*"))
    outcomes = {}
    for number, file in enumerate(file for file in found if file.is_file()):
        target = tmp_path / "all" / str(number)
        try:
            outcomes[file.name] = str(unpacking.unpack(file, target, file.name))
        except ArchiveError as error:
            outcomes[file.name] = str(error)
    written = [path for path in (tmp_path / "all").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in written) < 50 << 20
    assert "unsafe" in outcomes["zip-slip.zip"]
    assert not list(tmp_path.rglob("evil.txt")) and not Path("/tmp/evil.txt").exists()
