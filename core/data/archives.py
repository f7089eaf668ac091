"""What every kind of archive is held against: its name, its size, its members' names.

`unpacking` unpacks them: `zips` and `tars`.
"""

import errno
from dataclasses import dataclass, field

from core.data import scan

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


def is_litter(name: str) -> bool:
    """Whether a member of that name is hidden, or belongs to the system."""
    parts = name.replace("\\", "/").split("/")
    return any(scan.is_litter(part) for part in parts if part not in (".", ".."))


def out_of_proportion(unpacked: int, packed: int) -> bool:
    """Whether so many bytes unpack to more than images would."""
    times = unpacked / max(1, packed)
    return (unpacked > RATIO_MATTERS_FROM and times > MAX_RATIO) or (
        unpacked > STEEP_MATTERS_FROM and times > STEEP_RATIO
    )


def could_not_be_written(name: str, error: OSError) -> str:
    """What the system said, and what helps."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    advice = " Free some space, or choose another workspace." if full else ""
    return f"{name} could not be unpacked: {error.strerror or error}.{advice}"
