"""Unpacking a person's archive without trusting it: zips here, tars in `core.data.tars`.

Nothing is written outside the target, no link is made, nothing that unpacks out of all proportion is
unpacked, and an archive that would not fit on the disk is refused before the first byte is written.
"""

import errno
import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import names, scan
from core.errors import ArchiveError
from core.progress import Progress, silent

ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
OTHER_ENDINGS = {
    ".rar": "a RAR archive",
    ".7z": "a 7-Zip archive",
    ".gz": "a gzip archive",
    ".bz2": "a bzip2 archive",
    ".xz": "an xz archive",
    ".zst": "a Zstandard archive",
}
MAX_RATIO = 200  # an archive or a member may unpack to so many times its size,
RATIO_MATTERS_FROM = 16 * 2**20  # where it unpacks to more than these bytes;
STEEP_RATIO = 2000  # and to so many times, which no plain surface needs and deflate cannot reach,
STEEP_MATTERS_FROM = 2**20  # from these bytes on
MAX_MEMBERS = 2_000_000
KEEP_FREE = 512 * 2**20  # bytes that stay free on the disk

UNSAFE_LINK = "a link inside an archive: refused as unsafe"
NESTED = "an archive inside the archive: unpack it first"
TAKEN = "the archive holds another file of that name"

# How each kind of packing is read, in bytes at a time. `zipfile` unpacks all that it reads of LZMA, whatever
# the member claims: so little is read, and bzip2, where 4 kB can hold gigabytes, not at all.
_AT_ONCE = {zipfile.ZIP_STORED: 1 << 20, zipfile.ZIP_DEFLATED: 1 << 20, zipfile.ZIP_LZMA: 1 << 12}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass
class LeftOut:
    """What came and was not taken: (name, reason) of what was set aside, and the number of hidden files and
    of the system's litter, which are passed over."""

    set_aside: list[tuple[str, str]] = field(default_factory=list)
    ignored: int = 0


def is_archive(name: str) -> bool:
    """Whether a file of that name is an archive that can be unpacked here."""
    return name.lower().endswith(ENDINGS)


def foreign(name: str) -> str | None:
    """What to say of a file that, by its name, is an archive of a kind that is not unpacked here."""
    lower = name.lower()
    kind = next((kind for ending, kind in OTHER_ENDINGS.items() if lower.endswith(ending)), None)
    if kind is None or is_archive(name):
        return None
    return f"{kind}, which is not unpacked here: unpack it and bring the folder, or pack that as a zip"


def without_ending(name: str) -> str:
    """An archive's name without `.zip`, `.tar.gz` and the like."""
    ending = max((one for one in ENDINGS if name.lower().endswith(one)), key=len, default="")
    return name[: len(name) - len(ending)] if ending else name


def unpack(source: Path | BinaryIO, target: Path, name: str, *, progress: Progress = silent) -> LeftOut:
    """Unpack a zip or a tar into the folder `target`; `name` is what the person calls it.

    Returns the members that were left out.

    Raises:
        ArchiveError: it is no archive, is damaged as a whole, overlaps itself, or does not fit on the disk.
    """
    if not name.lower().endswith(".zip") and is_archive(name):
        return _unpack_tar(source, target, name, progress)
    try:
        with zipfile.ZipFile(source) as archive:
            taken, left_out = _sorted_out(archive.infolist())
            _check_whole(archive, taken, name)
            for count, (member, path) in enumerate(taken):
                progress(count, len(taken), f"Unpacking {name}")
                reason = _write(archive, member, target / path)
                left_out.set_aside += [(str(path), reason)] if reason else []
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError(_whole_failure(name, error)) from error
    left_out.set_aside.sort()
    return left_out


def _unpack_tar(source: Path | BinaryIO, target: Path, name: str, progress: Progress) -> LeftOut:
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


def is_litter(name: str) -> bool:
    """Whether a member of that name is hidden, or belongs to the system."""
    parts = name.replace("\\", "/").split("/")
    return any(scan.is_litter(part) for part in parts if part not in (".", ".."))


def _sorted_out(
    members: Sequence[zipfile.ZipInfo],
) -> tuple[list[tuple[zipfile.ZipInfo, PurePosixPath]], LeftOut]:
    """Which members are written, and where; and the rest."""
    taken, left_out, seen = [], LeftOut(), set()
    for member in members:
        name = member_name(member)
        if name.replace("\\", "/").endswith("/"):
            continue
        if is_litter(name):
            left_out.ignored += 1
            continue
        path = names.safe_path(name)
        reason = path if isinstance(path, str) else TAKEN if path in seen else _refusal(member, path)
        if reason is None and isinstance(path, PurePosixPath):
            seen.add(path)
            taken.append((member, path))
        else:
            left_out.set_aside.append((names.printable(name), str(reason)))
    return taken, left_out


def _refusal(member: zipfile.ZipInfo, path: PurePosixPath) -> str | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return UNSAFE_LINK
    if member.flag_bits & 0x1:
        return "encrypted: unpack it with its password, and bring the images"
    if is_archive(path.name) or foreign(path.name):
        return NESTED
    if member.compress_type not in _AT_ONCE:
        return "packed in a way that is not unpacked here (not deflate): pack it again as an ordinary zip"
    if out_of_proportion(member.file_size, member.compress_size):
        ratio = member.file_size / max(1, member.compress_size)
        return f"it unpacks to {ratio:,.0f} times its size, as no image does: refused as unsafe"
    return None


def out_of_proportion(unpacked: int, packed: int) -> bool:
    """Whether so many bytes unpack to more than images would."""
    times = unpacked / max(1, packed)
    return (unpacked > RATIO_MATTERS_FROM and times > MAX_RATIO) or (
        unpacked > STEEP_MATTERS_FROM and times > STEEP_RATIO
    )


def _check_whole(
    archive: zipfile.ZipFile, taken: list[tuple[zipfile.ZipInfo, PurePosixPath]], name: str
) -> None:
    needed = sum(member.file_size for member, _ in taken)
    packed = sum(member.compress_size for member in archive.infolist())
    held = archive.fp.seek(0, 2) if archive.fp else packed
    if packed > held:
        raise ArchiveError(f"{name} is refused: its members overlap, the mark of a zip bomb.")
    if out_of_proportion(needed, held):
        raise ArchiveError(
            f"{name} is refused: it unpacks to {needed / held:,.0f} times its size, as no images do."
        )
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
            # No more than the size that it declares.
            shutil.copyfileobj(packed, unpacked, _AT_ONCE[member.compress_type])
        return None
    except _DAMAGE as error:
        file.unlink(missing_ok=True)
        return f"damaged inside the archive ({str(error) or type(error).__name__})"
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "the archive holds a folder and a file of that name"


def _whole_failure(name: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return could_not_be_written(name, error)
    return (
        f"{name} is not a zip that can be read ({error}). Pack the folder again, or name the folder itself."
    )


def could_not_be_written(name: str, error: OSError) -> str:
    """What the system said, and what helps."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    advice = " Free some space, or choose another workspace." if full else ""
    return f"{name} could not be unpacked: {error.strerror or error}.{advice}"
