"""Unpacking a person's tar, plain or compressed, with the same distrust as a zip.

A tar has no directory: its headers are read through once, adding up what it claims, before anything is
written. Reading stops at the first header that claims too much.
"""

import lzma
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core import workspace
from core.data import archives, scan
from core.errors import ArchiveError
from core.progress import Progress, silent

_DAMAGE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, ValueError)


def unpack(source: BinaryIO, target: Path, name: str, *, progress: Progress = silent) -> archives.SetAside:
    """Unpack a tar into the folder `target`; `name` is what the person calls it.

    Returns the members left out, each with its reason.

    Raises:
        ArchiveError: it is no tar, is damaged, unpacks out of all proportion, or does not fit on the disk.
    """
    try:
        _check_whole(source, name)
        source.seek(0)
        with tarfile.open(fileobj=source, mode="r:*") as archive:
            return _taken(archive, target, name, progress)
    except _DAMAGE as error:
        raise ArchiveError(
            f"{name} is not a tar that can be read ({error}). Pack the folder again."
        ) from error
    except OSError as error:
        raise ArchiveError(f"{name} could not be unpacked: {error.strerror or error}.") from error


def _check_whole(source: BinaryIO, name: str) -> None:
    held = source.seek(0, 2)
    source.seek(0)
    room = workspace.free_bytes() - archives.KEEP_FREE
    claimed = 0
    with tarfile.open(fileobj=source, mode="r:*") as archive:
        for count, member in enumerate(archive):
            claimed += member.size
            if claimed > archives.RATIO_MATTERS_FROM and claimed > archives.MAX_RATIO * held:
                raise ArchiveError(
                    f"{name} is refused: it unpacks to more than {archives.MAX_RATIO} times its size, "
                    "as no images do."
                )
            if claimed > room or count > archives.MAX_MEMBERS:
                raise ArchiveError(
                    f"{name} unpacks to more than the {max(0, room) / 2**30:.1f} GiB that the workspace's "
                    "disk can take. Free some space, or bring fewer images."
                )


def _taken(archive: tarfile.TarFile, target: Path, name: str, progress: Progress) -> archives.SetAside:
    aside: archives.SetAside = []
    for count, member in enumerate(archive):
        progress(count, 0, f"Unpacking {name}")
        if member.isdir() or any(
            scan.is_litter(part) for part in PurePosixPath(member.name).parts if part != ".."
        ):
            continue
        path = archives.safe_path(member.name)
        reason = _refusal(member, path) or _write(archive, member, target, path)
        aside += [(archives.printable(member.name), reason)] if reason else []
    return sorted(aside)


def _refusal(member: tarfile.TarInfo, path: PurePosixPath | None) -> str | None:
    if path is None:
        return archives.UNSAFE_NAME
    if member.islnk() or member.issym():
        return archives.UNSAFE_LINK
    if not member.isfile() or member.issparse():
        return "no regular file (a device, a pipe or a file with holes): refused as unsafe"
    if archives.is_archive(path.name) or path.name.lower().endswith(archives.OTHER_ENDINGS):
        return archives.NESTED
    return None


def _write(
    archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, path: PurePosixPath | None
) -> str | None:
    packed = archive.extractfile(member)
    if packed is None or path is None:
        return "no regular file: refused as unsafe"
    file = target / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with packed, open(file, "xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return archives.TAKEN
    return None
