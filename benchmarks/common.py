"""What the benchmarks share: their arguments, a workspace of their own, the command line, tables.

Only the standard library, so that `peers.py` can run in an environment of its own.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FIELDGUIDE_SHARED", CHECKOUT.parent / "shared"))
MOBILENET = SHARED / "weights" / "mobilenet_v2_imagenet.pth"
"""An ImageNet MobileNetV2 as a state_dict."""
WORKSPACE = "FIELDGUIDE_HOME"


class Parser(argparse.ArgumentParser):
    """The arguments of a benchmark; with `--small` those in `small` are the defaults."""

    def __init__(self, description: str | None, small: Mapping[str, Any]) -> None:
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.small = dict(small)
        self.add_argument(
            "--home",
            type=Path,
            help="workspace to use and to keep, so that an interrupted benchmark can go on "
            "(default: temporary)",
        )
        self.add_argument(
            "--small", action="store_true", help="only see that it works: figures of that size say nothing"
        )

    def parse_args(self, *given: Any, **named: Any) -> argparse.Namespace:  # type: ignore[override]
        """The arguments; what is given explicitly goes before what `--small` means."""
        if self.parse_known_args(*given)[0].small:
            self.set_defaults(**self.small)
        return super().parse_args(*given, **named)


def parser(description: str | None, **small: Any) -> Parser:
    """An argument parser with what every benchmark takes: `--home`, and `--small` for these defaults."""
    return Parser(description, small)


@contextlib.contextmanager
def home(chosen: Path | None) -> Iterator[Path]:
    """The workspace of a benchmark: `chosen`, or a temporary one that is removed afterwards.

    Within the block it is the one that `core` works in, in this process too.
    """
    with contextlib.ExitStack() as held:
        if chosen is None:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="fieldguide-benchmark-")))
        else:
            folder = chosen.resolve()
            folder.mkdir(parents=True, exist_ok=True)
        before = os.environ.get(WORKSPACE)
        os.environ[WORKSPACE] = str(folder)
        try:
            yield folder
        finally:
            os.environ.pop(WORKSPACE)
            os.environ |= {} if before is None else {WORKSPACE: before}


def fieldguide(home: Path, *arguments: object) -> dict[str, Any]:
    """Run `python -m core ARGUMENTS --json` as a person would; returns its JSON object.

    Raises:
        SystemExit: the command failed; its message is shown.
    """
    return json.loads(_run(home, ["-m", "core", *map(str, arguments), "--json"]))


def role(home: Path, module: str, *arguments: object) -> dict[str, Any]:
    """Run another part of a benchmark in a process of its own; returns the JSON object it prints."""
    return json.loads(_run(home, ["-m", module, *map(str, arguments)]))


def _run(home: Path, command: list[str]) -> str:
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=os.environ | {WORKSPACE: str(home)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"python {' '.join(command)} failed:\n{errors.read()[-2000:]}")
    return process.stdout


def dataset(home: Path, name: str, source: Path | None) -> None:
    """Add a folder, or the sample of that name, unless the workspace holds it already."""
    if not (home / "datasets" / name).exists():
        fieldguide(home, "dataset", "add", name, *([] if source is None else [source.resolve()]))


def split(home: Path, name: str, dataset: str, seed: int, *options: object) -> str:
    """Make a 70/15/15 split unless the workspace holds it already; returns its name."""
    if not (home / "splits" / f"{name}.json").exists():
        fieldguide(home, "split", name, "--dataset", dataset, "--seed", seed, *options)
    return name


def history(home: Path, run: str) -> list[dict[str, Any]]:
    """The lines of a run's history, one for each epoch."""
    text = (home / "runs" / run / "history.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def images_per_second(stamps: Sequence[float], batch_size: int, window: int = 4) -> float:
    """The speed of steps that ended at `stamps` (seconds): the median over windows of some steps.

    So that what interrupts the machine for a while does not count, for no contender. Four, as loaders with
    several processes deliver batches in bursts.

    Raises:
        SystemExit: fewer than two steps were taken.
    """
    if len(stamps) < 2:
        raise SystemExit("Too few images for two whole batches: take more, or a smaller --batch-size.")
    window = min(window, len(stamps) - 1)
    seconds = [after - before for before, after in zip(stamps, stamps[window:], strict=False)]
    return window * batch_size / statistics.median(seconds)


@contextlib.contextmanager
def timed(taken: list[float]) -> Iterator[None]:
    """Append to `taken` the seconds that the block took."""
    start = time.perf_counter()
    yield
    taken.append(time.perf_counter() - start)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def spread(values: Sequence[float], form: str = ".3f") -> str:
    """`mean (smallest-largest)`."""
    parts = [format(value, form) for value in (statistics.fmean(values), min(values), max(values))]
    return "{} ({}-{})".format(*parts) if min(values) >= 0 else "{} ({} to {})".format(*parts)


def met(figure: float, at_least: float | None = None, at_most: float | None = None) -> str:
    """Whether a figure meets its target, in words."""
    good = (at_least is None or figure >= at_least) and (at_most is None or figure <= at_most)
    bound = f"at least {at_least:g}" if at_least is not None else f"at most {at_most:g}"
    return f"{bound}: {'met' if good else 'missed'}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def report(head: Sequence[str], rows: Sequence[Sequence[object]], *notes: str) -> None:
    """Print the table, the command that made it, the machine that it was made on, and notes."""
    print(table(head, rows))
    print("\n" + " · ".join([f"`{command_line()}`", machine(), *filter(None, notes)]), flush=True)


def heard(sentence: str) -> None:
    """Tell how far it is, on standard error."""
    print(f"{time.strftime('%H:%M:%S')}  {sentence}", file=sys.stderr, flush=True)


def command_line() -> str:
    """This benchmark's command, without the paths of this machine."""
    shown = []
    for word in sys.argv[1:]:
        path = Path(word)
        inside = path.is_absolute() and path.is_relative_to(CHECKOUT.parent)
        shown.append(os.path.relpath(path, CHECKOUT) if inside else word)
    return " ".join(["python -m benchmarks." + Path(sys.argv[0]).stem, *shown])


def machine() -> str:
    """The processor, its cores that this process may use, torch, and the threads that it takes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    said = [name, f"{cores} cores", f"{os.environ.get('OMP_NUM_THREADS') or cores} threads"]
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        said.insert(2, f"torch {importlib.metadata.version('torch')}")
    return ", ".join(said)
