"""All hostile files through a started server and the command line: is each answered or refused, and how much
memory does that take?

Then small files that unpack to very much, many at once; and whether the server still answers.

    python -m benchmarks.hostile
    python -m benchmarks.hostile --most 100
"""

import argparse
import collections
import concurrent.futures
import io
import os
import shutil
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import common, served

SIDE = 8000  # 64 megapixels, the most that is decoded
AT_ONCE = 48
GROUP = 16


def main() -> None:
    """Read the arguments, start a server, send everything, print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--source", type=Path, default=common.SHARED / "data" / "hostile")
    parser.add_argument("--most", type=int, default=0, help="at most so many files; 0: all")
    parser.add_argument("--side", type=int, default=SIDE, help="of the images that unpack to very much")
    given = parser.parse_args()
    files = sorted(path for path in given.source.rglob("*") if path.is_file())
    files = files[:: max(1, len(files) // given.most)] if given.most else files
    with common.home(given.home) as home:
        os.environ["FIELDGUIDE_HOME"] = str(home)
        run = served.run()
        rows = [_command_line(home, run, files, home / "links")]
        with served.server(home) as server:
            rows += _http(server, run, files, given)
    head = ["what", "files", "answered", "refused with a reason", "seconds", "most memory, MiB"]
    common.report(head, rows, f"{given.side}x{given.side} bombs")


def _command_line(home: Path, run: str, files: list[Path], links: Path) -> list[Any]:
    shutil.rmtree(links, ignore_errors=True)  # of an earlier call
    links.mkdir()
    for number, path in enumerate(files):
        (links / f"{number:05d}{path.suffix}").symlink_to(path.resolve())
    start = time.perf_counter()
    answers = common.fieldguide(home, "predict", run, links)["predictions"]
    return _row("command line", answers, time.perf_counter() - start, None)


def _http(server: served.Server, run: str, files: list[Path], given: argparse.Namespace) -> list[list[Any]]:
    groups = [files[start : start + GROUP] for start in range(0, len(files), GROUP)]
    contents = [[(path.name, path.read_bytes()) for path in group] for group in groups]
    rows = [_sent(server, run, "HTTP, 4 callers", contents, 4)]
    for mode in ("RGBA", "P", "I;16"):
        bomb = [[(f"{mode}.png", _bomb(mode, given.side))]]
        rows.append(_sent(server, run, f"one {mode} bomb", bomb, 1))
        rows.append(_sent(server, run, f"{AT_ONCE} {mode} bombs at once", bomb * AT_ONCE, AT_ONCE))
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(stream, "JPEG")
    rows.append(_sent(server, run, "an ordinary photo afterwards", [[("a.jpg", stream.getvalue())]], 1))
    return rows


def _sent(
    server: served.Server, run: str, what: str, groups: list[list[tuple[str, bytes]]], callers: int
) -> list[Any]:
    """One row: all groups of files sent by so many callers."""
    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        replies = list(pool.map(lambda group: server.predict(run, group), groups))
    seconds = time.perf_counter() - start
    answers = [one for status, reply in replies if status == 200 for one in reply["predictions"]]
    answers += [{"error": reply["error"]} for status, reply in replies if status != 200]
    statuses = collections.Counter(status for status, _ in replies)
    shown = what if set(statuses) == {200} else f"{what} ({dict(statuses)})"
    return _row(shown, answers, seconds, server.most_mib())


def _row(what: str, answers: list[dict[str, Any]], seconds: float, most: float | None) -> list[Any]:
    refused = sum(bool(one.get("error")) for one in answers)
    memory = "" if most is None else f"{most:.0f}"
    return [what, len(answers), sum("label" in one for one in answers), refused, f"{seconds:.1f}", memory]


def _bomb(mode: str, side: int) -> bytes:
    stream = io.BytesIO()
    options = {"transparency": 3} if mode == "P" else {}
    Image.new(mode, (side, side)).save(stream, "PNG", compress_level=1, **options)
    return stream.getvalue()


if __name__ == "__main__":
    main()
