"""Unpacking a person's zip without trusting it."""

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import archives, names
from core.errors import ArchiveError
from core.progress import Progress, silent

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


def unpack(
    source: Path | BinaryIO, target: Path, name: str, *, progress: Progress = silent
) -> archives.LeftOut:
    """Unpack a zip into the folder `target`; `name` is what the person calls it.

    Returns the members that were left out.

    Raises:
        ArchiveError: it is no zip, is damaged as a whole, overlaps itself, or does not fit on the disk.
    """
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


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name as meant: many tools write UTF-8 without saying so, where the standard means CP437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _sorted_out(
    members: Sequence[zipfile.ZipInfo],
) -> tuple[list[tuple[zipfile.ZipInfo, PurePosixPath]], archives.LeftOut]:
    """Which members are written, and where; and the rest."""
    taken, left_out, seen = [], archives.LeftOut(), set()
    for member in members:
        name = member_name(member)
        if name.replace("\\", "/").endswith("/"):
            continue
        if archives.is_litter(name):
            left_out.ignored += 1
            continue
        path = names.safe_path(name)
        reason = path if isinstance(path, str) else archives.TAKEN if path in seen else _refusal(member, path)
        if reason is None and isinstance(path, PurePosixPath):
            seen.add(path)
            taken.append((member, path))
        else:
            left_out.set_aside.append((names.printable(name), str(reason)))
    return taken, left_out


def _refusal(member: zipfile.ZipInfo, path: PurePosixPath) -> str | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return archives.UNSAFE_LINK
    if member.flag_bits & 0x1:
        return "encrypted: unpack it with its password, and bring the images"
    if archives.is_archive(path.name) or archives.foreign(path.name):
        return archives.NESTED
    if member.compress_type not in _AT_ONCE:
        return "packed in a way that is not unpacked here (not deflate): pack it again as an ordinary zip"
    if archives.out_of_proportion(member.file_size, member.compress_size):
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
    if archives.out_of_proportion(needed, held):
        raise ArchiveError(
            f"{name} is refused: it unpacks to {needed / held:,.0f} times its size, as no images do."
        )
    if len(archive.infolist()) > archives.MAX_MEMBERS:
        raise ArchiveError(f"{name} is refused: it holds more than {archives.MAX_MEMBERS:,} files.")
    free = workspace.free_bytes()
    if needed > free - archives.KEEP_FREE:
        raise ArchiveError(
            f"{name} unpacks to {needed / 2**30:.1f} GiB, but the workspace's disk has "
            f"{free / 2**30:.1f} GiB free ({archives.KEEP_FREE / 2**30:.1f} GiB of it are kept). "
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
        return archives.could_not_be_written(name, error)
    return (
        f"{name} is not a zip that can be read ({error}). Pack the folder again, or name the folder itself."
    )
