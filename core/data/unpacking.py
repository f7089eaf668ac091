"""Unpacking a person's archive without trusting it: a zip or a tar.

Nothing is written outside the target, no link is made, nothing that unpacks out of all proportion is
unpacked, and an archive that would not fit on the disk is refused before the first byte is written.
"""

from pathlib import Path
from typing import BinaryIO

from core.data import archives, tars, zips
from core.progress import Progress, silent


def unpack(
    source: Path | BinaryIO, target: Path, name: str, *, progress: Progress = silent
) -> archives.LeftOut:
    """Unpack an archive into the folder `target`; `name` is what the person calls it, and tells its kind.

    Returns the members that were left out.

    Raises:
        ArchiveError: it is no archive, is damaged as a whole, overlaps itself, or does not fit on the disk.
    """
    if name.lower().endswith(".zip") or not archives.is_archive(name):
        return zips.unpack(source, target, name, progress=progress)
    if isinstance(source, Path):
        with open(source, "rb") as stream:
            return tars.unpack(stream, target, name, progress=progress)
    return tars.unpack(source, target, name, progress=progress)
