"""Unpacking a person's tar, plain or compressed, with the same distrust as a zip.

A tar has no directory: its headers are read through once, adding up what it claims, before anything is
written. Reading stops at the first header that claims too much.
"""

import lzma
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import archives, names
from core.data.tar_headers import Tar
from core.errors import ArchiveError
from core.progress import Progress, silent

_DAMAGE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, ValueError, MemoryError)


def unpack(source: BinaryIO, target: Path, name: str, *, progress: Progress = silent) -> archives.LeftOut:
    """Unpack a tar into the folder `target`; `name` is what the person calls it.

    Returns the members that were left out.

    Raises:
        ArchiveError: it is no tar, is damaged, unpacks out of all proportion, or does not fit on the disk.
    """
    try:
        _check_whole(source, name)
        source.seek(0)
        with Tar.open(fileobj=source, mode="r:*") as archive:
            return _taken(archive, target, name, progress)
    except _DAMAGE as error:
        raise ArchiveError(
            f"{name} is not a tar that can be read ({error}). Pack the folder again."
        ) from error
    except OSError as error:
        raise ArchiveError(archives.could_not_be_written(name, error)) from error


def _check_whole(source: BinaryIO, name: str) -> None:
    held = source.seek(0, 2)
    source.seek(0)
    room = workspace.free_bytes() - archives.KEEP_FREE
    with Tar.open(fileobj=source, mode="r:*") as archive:
        for count, _ in enumerate(_members(archive)):
            claimed = archive.offset  # where the next header would be: headers count like contents
            if archives.out_of_proportion(claimed, held):
                raise ArchiveError(
                    f"{name} is refused: it unpacks to at least {claimed / held:,.0f} times its size, "
                    "as no images do."
                )
            if claimed > room or count > archives.MAX_MEMBERS:
                raise ArchiveError(
                    f"{name} unpacks to more than the {max(0, room) / 2**30:.1f} GiB that the workspace's "
                    "disk can take. Free some space, or bring fewer images."
                )


def _members(archive: Tar) -> Iterator[tarfile.TarInfo]:
    """The members one after the other; the archive is kept from remembering them all."""
    while (member := archive.next()) is not None:
        archive.members.clear()
        yield member


def _taken(archive: Tar, target: Path, name: str, progress: Progress) -> archives.LeftOut:
    left_out = archives.LeftOut()
    for count, member in enumerate(_members(archive)):
        progress(count, 0, f"Unpacking {name}")
        if member.isdir():
            continue
        if archives.is_litter(member.name):
            left_out.ignored += 1
            continue
        path = names.safe_path(member.name)
        reason = path if isinstance(path, str) else _refusal(member, path)
        if reason is None and isinstance(path, PurePosixPath):
            reason = _write(archive, member, target / path)
        left_out.set_aside += [(names.printable(member.name), reason)] if reason else []
    left_out.set_aside.sort()
    return left_out


def _refusal(member: tarfile.TarInfo, path: PurePosixPath) -> str | None:
    if member.islnk() or member.issym():
        return archives.UNSAFE_LINK
    if not member.isfile() or member.issparse():
        return "no regular file (a device, a pipe or a file with holes): refused as unsafe"
    if archives.is_archive(path.name) or archives.foreign(path.name):
        return archives.NESTED
    return None


def _write(archive: Tar, member: tarfile.TarInfo, file: Path) -> str | None:
    packed = archive.extractfile(member)
    if packed is None:
        return "no regular file: refused as unsafe"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with packed, open(file, "xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return archives.TAKEN
    return None
