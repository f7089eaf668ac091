"""Drawn animals: birds, cats and dogs drawn by our own code, the same on every machine for a seed.

Each picture depends on its label, its number and the seed alone, so several processes draw them at once:
`python -m core.data.samples.drawn_animals FOLDER SEED COUNT SHARE SHARES` draws every SHARES-th of COUNT
pictures a class, from number SHARE on.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from core import errors, workspace
from core import progress as progresses
from core.data.samples import files
from core.data.samples.drawn import picture

TITLE = "Drawn animals"
DESCRIPTION = (
    f"{len(picture.CLASSES) * picture.PER_CLASS} birds, cats and dogs, drawn by Fieldguide's own code in "
    "many breeds, poses, places and lights, dealt alike to every class: only the animal tells them apart."
)
_MOST = 8  # processes


def write(folder: Path, progress: progresses.Progress | None = None, *, seed: int = 0) -> None:
    """Write bird/, cat/ and dog/ with one JPEG a picture, 240 to 320 pixels a side (about 10 MB in all).

    Raises:
        WorkspaceError: the folder cannot be written (no rights, disk full).
    """
    shares, count = max(1, min(_MOST, os.cpu_count() or 1)), picture.PER_CLASS
    report, total = progress or progresses.silent, len(places(folder, count))
    workers = [_worker(folder, seed, count, share, shares) for share in range(shares)]
    try:
        while any(worker.poll() is None for worker in workers):
            done = sum(1 for _ in folder.glob("*/*.jpg"))
            report(min(done, total - 1), total, "Drawing birds, cats and dogs")
            time.sleep(0.1)
        for worker in workers:
            _check(worker)
    finally:  # also when `report` raised, because somebody pressed stop
        for worker in workers:
            worker.kill()
            worker.wait()
            if worker.stderr:
                worker.stderr.close()
    report(total, total, "Drawing birds, cats and dogs")


def places(folder: Path, count: int) -> list[tuple[str, int, Path]]:
    """Label, number and file of `count` pictures of each class, the classes in turn."""
    return [
        (label, index, folder / label / f"{label}_{index:03d}.jpg")
        for index in range(count)
        for label in picture.CLASSES
    ]


def draw(folder: Path, *, seed: int, count: int, share: int, shares: int) -> None:
    """Draw one share of the pictures, in this process.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    for label, index, place in places(folder, count)[share::shares]:
        files.save(picture.draw(label, index, seed=seed), place)


def _worker(folder: Path, seed: int, count: int, share: int, shares: int) -> "subprocess.Popen[str]":
    words = [str(folder.resolve()), *map(str, (seed, count, share, shares))]
    return subprocess.Popen(
        [sys.executable, "-m", "core.data.samples.drawn_animals", *words],
        cwd=workspace.CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _check(worker: "subprocess.Popen[str]") -> None:
    _, said = worker.communicate()
    if worker.returncode == 2:
        raise errors.WorkspaceError(said.strip())
    if worker.returncode:
        raise RuntimeError(f"A process that draws ended with {worker.returncode}:\n{said}")


def main() -> None:
    """Draw the share that the command line names; an error a person can act on ends with status 2."""
    folder, *numbers = sys.argv[1:]
    seed, count, share, shares = map(int, numbers)
    try:
        draw(Path(folder), seed=seed, count=count, share=share, shares=shares)
    except errors.FieldguideError as error:
        sys.stderr.write(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
