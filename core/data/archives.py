"""Unpacking a person's archive without trusting it: zips here, tars in `core.data.tars`.

Nothing is written outside the target, no link is made, nothing that unpacks out of all proportion is
unpacked, and an archive that would not fit on the disk is refused before the first byte is written.
"""

import hashlib
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import scan
from core.errors import ArchiveError
from core.progress import Progress, silent

ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
OTHER_ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
MAX_RATIO = 200  # a member may unpack to so many times its size,
RATIO_MATTERS_FROM = 16 * 2**20  # where it unpacks to more than these bytes
MAX_MEMBERS = 2_000_000
KEEP_FREE = 512 * 2**20  # bytes that stay free on the disk
_MAX_NAME = 120  # characters of a file or folder name; bytes must stay below 255

UNSAFE_NAME = "its name points outside the archive's own folder: refused as unsafe"
UNSAFE_LINK = "a link inside an archive: refused as unsafe"
NESTED = "an archive inside the archive: unpack it first"
TAKEN = "the archive holds another file of that name"

SetAside = list[tuple[str, str]]


def is_archive(name: str) -> bool:
    """Whether a file of that name is an archive that can be unpacked here."""
    return name.lower().endswith(ENDINGS)


def without_ending(name: str) -> str:
    """An archive's name without `.zip`, `.tar.gz` and the like."""
    ending = max((one for one in ENDINGS if name.lower().endswith(one)), key=len, default="")
    return name[: len(name) - len(ending)] if ending else name


def unpack(source: Path | BinaryIO, target: Path, name: str, *, progress: Progress = silent) -> SetAside:
    """Unpack a zip or a tar into the folder `target`; `name` is what the person calls it.

    Returns the members left out, each with its reason.

    Raises:
        ArchiveError: it is no archive, is damaged as a whole, overlaps itself, or does not fit on the disk.
    """
    if not name.lower().endswith(".zip") and is_archive(name):
        return _unpack_tar(source, target, name, progress)
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not _is_skipped(member)]
            taken, aside = _sorted_out(members)
            _check_whole(archive, taken, name)
            for count, (member, path) in enumerate(taken):
                progress(count, len(taken), f"Unpacking {name}")
                reason = _write(archive, member, target / path)
                aside += [(str(path), reason)] if reason else []
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError(_whole_failure(name, error)) from error
    return sorted(aside)


def _unpack_tar(source: Path | BinaryIO, target: Path, name: str, progress: Progress) -> SetAside:
    from core.data import tars

    if isinstance(source, Path):
        with open(source, "rb") as stream:
            return tars.unpack(stream, target, name, progress=progress)
    return tars.unpack(source, target, name, progress=progress)


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name as meant: many tools write UTF-8 without saying so, where the standard means CP437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def safe_path(name: str) -> PurePosixPath | None:
    """The relative path that `name` may be written to; None when it points anywhere else."""
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or any(ord(letter) < 32 for letter in name):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return None
    return PurePosixPath(*(_shortened(part) for part in parts))


def _is_skipped(member: zipfile.ZipInfo) -> bool:
    name = member_name(member).replace("\\", "/")
    return name.endswith("/") or any(
        scan.is_litter(part) for part in name.split("/") if part not in (".", "..")
    )


def _sorted_out(
    members: list[zipfile.ZipInfo],
) -> tuple[list[tuple[zipfile.ZipInfo, PurePosixPath]], SetAside]:
    """Which members are written, and where; the rest with their reasons."""
    taken, aside, seen = [], [], set()
    for member in members:
        name = member_name(member)
        path = safe_path(name)
        reason = _refusal(member, path)
        if reason is None and path in seen:
            reason = TAKEN
        if reason is None and path is not None:
            seen.add(path)
            taken.append((member, path))
        else:
            aside.append((printable(name), str(reason)))
    return taken, aside


def _refusal(member: zipfile.ZipInfo, path: PurePosixPath | None) -> str | None:
    if path is None:
        return UNSAFE_NAME
    if stat.S_ISLNK(member.external_attr >> 16):
        return UNSAFE_LINK
    if member.flag_bits & 0x1:
        return "encrypted: unpack it with its password, and bring the images"
    if path.name.lower().endswith(ENDINGS + OTHER_ENDINGS):
        return NESTED
    if member.file_size > RATIO_MATTERS_FROM and member.file_size > MAX_RATIO * max(1, member.compress_size):
        ratio = member.file_size / max(1, member.compress_size)
        return f"it unpacks to {ratio:,.0f} times its size, as no image does: refused as unsafe"
    return None


def _check_whole(
    archive: zipfile.ZipFile, taken: list[tuple[zipfile.ZipInfo, PurePosixPath]], name: str
) -> None:
    needed = sum(member.file_size for member, _ in taken)
    packed = sum(member.compress_size for member in archive.infolist())
    held = archive.fp.seek(0, 2) if archive.fp else packed
    if packed > held:
        raise ArchiveError(f"{name} is refused: its members overlap, the mark of a zip bomb.")
    if len(archive.infolist()) > MAX_MEMBERS:
        raise ArchiveError(f"{name} is refused: it holds more than {MAX_MEMBERS:,} files.")
    free = workspace.free_bytes()
    if needed > free - KEEP_FREE:
        raise ArchiveError(
            f"{name} unpacks to {needed / 2**30:.1f} GiB, but the workspace's disk has "
            f"{free / 2**30:.1f} GiB free ({KEEP_FREE / 2**30:.1f} GiB of it are kept). "
            "Free some space, or bring fewer images."
        )


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> str | None:
    """Write one member; return why not, if it cannot be read."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, open(file, "xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)  # reads no more than the size it declares
        return None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        file.unlink(missing_ok=True)
        return f"damaged inside the archive ({error})"
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "the archive holds a folder and a file of that name"


def _shortened(part: str) -> str:
    """A name that every file system takes: long ones keep their beginning, their ending and a digest."""
    if len(part) <= _MAX_NAME and len(part.encode()) <= 250:
        return part
    stem, ending = PurePosixPath(part).stem, PurePosixPath(part).suffix[:12]
    digest = hashlib.sha256(part.encode()).hexdigest()[:12]
    short = stem.encode()[: _MAX_NAME - 24].decode(errors="ignore")
    return f"{short}-{digest}{ending}"


def printable(name: str) -> str:
    """A member's name as it may be shown."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)[:300]


def _whole_failure(name: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} could not be unpacked: {error.strerror}. Free some space or choose another workspace."
    return (
        f"{name} is not a zip that can be read ({error}). Pack the folder again, or name the folder itself."
    )
