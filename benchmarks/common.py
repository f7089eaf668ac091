"""What the benchmarks share: the command line in a workspace of its own, paired rounds, tables.

Only the standard library, so that `peers.py` can run in an environment of its own.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FIELDGUIDE_SHARED", CHECKOUT.parent / "shared"))
SAMPLE_SECONDS = 0.2
"""How often a process is asked for its memory."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser with what every benchmark takes: `--home`."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--home",
        type=Path,
        help="workspace to use and to keep, so that an interrupted benchmark can go on (default: temporary)",
    )
    return made


@contextlib.contextmanager
def home(chosen: Path | None) -> Iterator[Path]:
    """The workspace of a benchmark: `chosen`, or a temporary one that is removed afterwards."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="fieldguide-benchmark-") as folder:
        yield Path(folder)


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
            env=os.environ | {"FIELDGUIDE_HOME": str(home)},
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


def trial(home: Path, dataset: str, seed: int, *options: object) -> dict[str, Any]:
    """Split with `seed`, train with `seed`, judge on test; a trial that `home` holds is not repeated.

    Returns accuracy and macro_f1 (of the test images), per_class, n_images, seconds (from the command to
    its return) and run.
    """
    name = split(home, f"{dataset}-{seed}", dataset, seed)
    asked = ["--dataset", dataset, "--split", name, "--seed", seed, *options]
    digest = hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:16]
    record = home / "trials" / f"{digest}.json"
    if not record.exists():
        start = time.perf_counter()
        trained = fieldguide(home, "train", *asked)
        seconds = time.perf_counter() - start
        judged = fieldguide(home, "metrics", trained["run"], "--subset", "test")
        figures = {key: judged[key] for key in ("accuracy", "macro_f1", "per_class", "n_images")}
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(figures | {"seconds": seconds, "run": trained["run"]}))
    return json.loads(record.read_text())


def history(home: Path, run: str) -> list[dict[str, Any]]:
    """The lines of a run's history, one for each epoch."""
    text = (home / "runs" / run / "history.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def images_per_second(stamps: Sequence[float], batch_size: int) -> float:
    """The speed of steps that ended at `stamps` (seconds): the median over windows of four steps.

    So that what interrupts the machine for a while does not count, for no contender. Four, as loaders with
    several processes deliver batches in bursts.

    Raises:
        SystemExit: fewer than two steps were taken.
    """
    if len(stamps) < 2:
        raise SystemExit("Too few images for two whole batches: take more, or a smaller --batch-size.")
    window = min(4, len(stamps) - 1)
    seconds = [after - before for before, after in zip(stamps, stamps[window:], strict=False)]
    return window * batch_size / statistics.median(seconds)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """`mean (smallest-largest)`, with three decimals."""
    return f"{statistics.fmean(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def report(head: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> None:
    """Print the table, the command that made it, and the machine that it was made on."""
    print(table(head, rows))
    words = [f"`{command_line()}`", machine()] + ([note] if note else [])
    print("\n" + " · ".join(words))


def command_line() -> str:
    """This benchmark's command, without the paths of this machine."""
    shown = []
    for word in sys.argv[1:]:
        path = Path(word)
        inside = path.is_absolute() and path.is_relative_to(CHECKOUT.parent)
        shown.append(os.path.relpath(path, CHECKOUT) if inside else word)
    return " ".join(["python -m benchmarks." + Path(sys.argv[0]).stem, *shown])


def machine() -> str:
    """The processor and the number of threads that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{name}, {cores} cores"


def watched(home: Path, *arguments: object) -> dict[str, float]:
    """Run `python -m core ARGUMENTS` and watch its memory (Linux).

    Returns private_mb, the peak of its own memory, and mapped_mb, the peak with the pages of files that
    lie in memory because there is room.
    """
    command = [sys.executable, "-m", "core", *map(str, arguments), "--json"]
    environment = os.environ | {"FIELDGUIDE_HOME": str(home)}
    peaks = {"private_mb": 0.0, "mapped_mb": 0.0}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=quiet, stderr=quiet)
    while process.poll() is None:
        for key, now in _memory(process.pid).items():
            peaks[key] = max(peaks[key], now)
        time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[1:])} ended with status {process.returncode}.")
    return peaks


def _memory(pid: int) -> dict[str, float]:
    with contextlib.suppress(OSError):
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        if "RssAnon" in fields:
            kilobytes = {key: int(fields[key].split()[0]) for key in ("RssAnon", "VmRSS")}
            return {"private_mb": kilobytes["RssAnon"] / 1024, "mapped_mb": kilobytes["VmRSS"] / 1024}
    return {}


def link_split(home: Path, split: str, source: Path, target: Path) -> Path:
    """Lay out a split as torchvision's ImageFolder wants it, with links: target/subset/class/image."""
    import pandas as pd

    table = pd.read_parquet(home / "splits" / f"{split}.parquet")
    rows = zip(table["path"], table["label"], table["subset"], strict=True)
    for number, (path, label, subset) in enumerate(rows):
        folder = target / subset / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:06d}{Path(path).suffix}").symlink_to((source / path).resolve())
    return target
