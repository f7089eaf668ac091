"""CIFAR-10 narrowed to bird, cat and dog: photographs of 32 x 32 pixels, downloaded only when asked for."""

import contextlib
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core import errors, workspace
from core import progress as progresses
from core.data.samples import files

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

TITLE = "CIFAR-10: bird, cat and dog"
DESCRIPTION = (
    "Real photographs of birds, cats and dogs, 32 x 32 pixels each (Krizhevsky 2009, by way of torchvision). "
    "Downloads 170 MB: needs a network."
)
CLASSES = ("bird", "cat", "dog")
PER_CLASS = 1000
TIMEOUT = 10.0  # seconds without a byte before we give up
_PIECE = 1 << 18


def write(
    folder: Path,
    progress: progresses.Progress | None = None,
    *,
    per_class: int = PER_CLASS,
    timeout: float = TIMEOUT,
) -> None:
    """Write bird/, cat/ and dog/ with the first ``per_class`` training photos of each, as PNG.

    The archive is downloaded once, and kept in the workspace's cache.

    Raises:
        DatasetError: the archive cannot be downloaded, or what came is not CIFAR-10.
        WorkspaceError: the folder cannot be written.
    """
    photos = _photos(workspace.cache_folder("downloads"), progress or progresses.silent, timeout)
    names = {photos.class_to_idx[name]: name for name in CLASSES}
    left = dict.fromkeys(CLASSES, per_class)
    total = per_class * len(CLASSES)
    for number, (pixels, target) in enumerate(zip(photos.data, photos.targets, strict=True)):
        name = names.get(target)
        if name is None or not left[name]:
            continue
        left[name] -= 1
        files.save(Image.fromarray(pixels), folder / name / f"{name}_{number:05d}.png")
        done = total - sum(left.values())
        if progress and (done % 50 == 0 or done == total):
            progress(done, total, f"writing photo {done} of {total}")


def _photos(cache: Path, progress: progresses.Progress, timeout: float) -> "CIFAR10":
    from torchvision.datasets import CIFAR10  # pulls in torch: only when asked for

    archive = cache / CIFAR10.filename
    if not archive.exists():
        _download(CIFAR10.url, archive, progress, timeout)
    progress(0, 0, "unpacking CIFAR-10")
    try:
        return CIFAR10(str(cache), download=True)  # the archive is there: this checks its MD5 and unpacks
    except (RuntimeError, OSError) as error:
        with contextlib.suppress(OSError):
            archive.unlink()
        raise errors.DatasetError(
            f"The downloaded CIFAR-10 archive is damaged or cannot be unpacked ({error}). "
            "It has been thrown away: try again, or choose a sample that needs no network."
        ) from error


def _download(url: str, target: Path, progress: progresses.Progress, timeout: float) -> None:
    """Fetch a file with progress in bytes; nothing half-loaded is left under the target's name."""
    partial = None
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
                partial = Path(file.name)
                while piece := answer.read(_PIECE):
                    file.write(piece)
                    progress(file.tell(), total, f"downloading CIFAR-10: {file.tell() / 1e6:.0f} MB")
        partial.replace(target)
    except OSError as error:  # URLError, time-outs and broken connections are all OSErrors
        if partial:
            partial.unlink(missing_ok=True)
        raise errors.DatasetError(
            f"CIFAR-10 could not be downloaded from {url.split('/')[2]}: {getattr(error, 'reason', error)}. "
            "This sample needs a network: check the connection and try again, or choose Drawn animals or "
            "Handwritten digits, which need none."
        ) from error
