"""Names that come from elsewhere, in an archive or an upload, turned into paths that can be written here."""

import hashlib
import re
from pathlib import PurePosixPath

UNSAFE = "its name points outside the archive's own folder: refused as unsafe"
TOO_DEEP = "its folders are nested too deep to be written here: bring it from fewer folders"
_LONGEST = 120  # characters of a file or folder name; bytes must stay below 255
_LONGEST_PATH = 1024  # bytes; systems take 4096, the workspace's own folders included


def safe_path(name: str) -> PurePosixPath | str:
    """The relative path that `name` may be written to, long parts shortened; or why it has none."""
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or any(ord(letter) < 32 for letter in name):
        return UNSAFE
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return UNSAFE
    path = shortened(PurePosixPath(*parts))
    return path if len(str(path).encode(errors="replace")) <= _LONGEST_PATH else TOO_DEEP


def shortened(path: PurePosixPath) -> PurePosixPath:
    """The path that a file of that name is given when it is unpacked or uploaded."""
    return PurePosixPath(*map(_shortened, path.parts))


def printable(name: str) -> str:
    """A name as it may be shown."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:300])


def _shortened(part: str) -> str:
    """A name that every file system takes: long ones keep their beginning, their ending and a digest."""
    if len(part) <= _LONGEST and len(part.encode(errors="replace")) <= 250:
        return part
    stem, ending = PurePosixPath(part).stem, PurePosixPath(part).suffix[:12]
    digest = hashlib.sha256(part.encode(errors="replace")).hexdigest()[:12]
    short = stem.encode(errors="replace")[: _LONGEST - 24].decode(errors="ignore")
    return f"{short}-{digest}{ending}"
