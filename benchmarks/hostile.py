"""All hostile files through the page, over HTTP and through the command line: is each answered or refused
with a reason, how much memory does that take, and does the server still answer afterwards?

After the files come small ones that unpack to very much, many at once. Memory is the most that the server's
process had held by then, and the largest of the processes that it started; aimed at: under 1.5 GiB. The page
is driven in Chromium, its files sent in groups; archives among them are unpacked, so that it has more answers
than files.

Takes about 10 minutes on two cores. Wants Chromium and the shared hostile files.

    python -m benchmarks.hostile
"""

import argparse
import asyncio
import collections
import concurrent.futures
import io
import re
import shutil
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import browser, common, memory, served

SIDE = 8000  # 64 megapixels, the most that is decoded
AT_ONCE = 48
GROUP = 16
ON_PAGE = 50
"""Files that are brought to the page at a time."""
MOST_MIB = 1536
UNANSWERED = "no answer"


def main() -> None:
    """Read the arguments, start a server, send everything, print the table."""
    parser = common.parser(__doc__, most=24, side=500, at_once=4)
    parser.add_argument("--source", type=Path, default=common.SHARED / "data" / "hostile")
    parser.add_argument("--most", type=int, default=0, help="at most so many files; 0: all")
    parser.add_argument("--side", type=int, default=SIDE, help="of the images that unpack to very much")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="how many of those at a time")
    given = parser.parse_args()
    files = sorted(path for path in given.source.rglob("*") if path.is_file())
    if not files:
        raise SystemExit(f"{given.source} holds no files: name a folder with --source.")
    files = files[:: max(1, len(files) // given.most)] if given.most else files
    with common.home(given.home) as home:
        run = served.run()
        rows = [_command_line(home, run, files, home / "links")]
        with served.server(home) as server, memory.watched(server.process.pid) as started:
            rows += _http(server, run, files, given)
            rows.append(asyncio.run(_page(server, run, files)))
            rows.append(_afterwards(server, run))
    head = ["what", "files", "answered", "refused with a reason", "seconds", "most memory, MiB"]
    most = max(float(rows[-1][-1] or 0), started.all)
    note = f"largest process that the server started {started.all:.0f} MiB"
    lost = len(files) - sum(rows[0][2:4])
    said = f"each file answered or refused on the command line: {'missed' if lost else 'met'}"
    common.report(
        head, rows, f"{given.side}x{given.side} bombs", said, note, common.met(most, at_most=MOST_MIB)
    )


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
        many = given.at_once
        rows.append(_sent(server, run, f"one {mode} bomb", bomb, 1))
        rows.append(_sent(server, run, f"{many} {mode} bombs at once", bomb * many, many))
    return rows


def _afterwards(server: served.Server, run: str) -> list[Any]:
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(stream, "JPEG")
    return _sent(server, run, "an ordinary photo afterwards", [[("a.jpg", stream.getvalue())]], 1)


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


async def _page(server: served.Server, run: str, files: list[Path]) -> list[Any]:
    """One row: all files brought to Classify, group by group; counted as the page itself counts them."""
    start, refused = time.perf_counter(), 0
    async with browser.opened() as chromium:
        tab = await browser.session(chromium)
        await browser.visit(tab, f"{server.address}/classify?run={run}")
        for number in range(0, len(files), ON_PAGE):
            round_ = number // ON_PAGE
            field = tab.locator(f".st-key-classify-files-{round_} input[type=file]")
            await field.set_input_files([str(path) for path in files[number : number + ON_PAGE]])
            # What was brought has been taken when the page offers a new, empty input.
            await tab.locator(f".st-key-classify-files-{round_ + 1}").wait_for(state="attached")
            await browser.settled(tab)
            refused += await tab.locator(".st-key-classify-input [data-testid=stAlert]").count()
            common.heard(f"page: {min(number + ON_PAGE, len(files))} of {len(files)} files")
        pills = await tab.locator(".st-key-classify-filter button").all_inner_texts()
        broken = await tab.get_by_test_id("stException").count()
    counts = dict(_count(pill) for pill in pills)
    without = counts.pop(UNANSWERED, 0)
    what = "page" + (f" ({refused} refused before)" if refused else "") + (" (broken)" if broken else "")
    seconds = f"{time.perf_counter() - start:.1f}"
    return [
        what,
        sum(counts.values()) + without,
        sum(counts.values()),
        without,
        seconds,
        _mib(server.most_mib()),
    ]


def _count(pill: str) -> tuple[str, int]:
    """What a filter of the page says: "no answer · 1,234"."""
    found = re.fullmatch(r"(.*?) · ([\d,]+)", pill.strip())
    return (found[1], int(found[2].replace(",", ""))) if found else (pill, 0)


def _row(what: str, answers: list[dict[str, Any]], seconds: float, most: float | None) -> list[Any]:
    refused = sum(bool(one.get("error")) for one in answers)
    answered = sum("label" in one for one in answers)
    common.heard(f"{what}: {len(answers)} files in {seconds:.1f} s")
    return [what, len(answers), answered, refused, f"{seconds:.1f}", _mib(most)]


def _mib(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _bomb(mode: str, side: int) -> bytes:
    stream = io.BytesIO()
    options = {"transparency": 3} if mode == "P" else {}
    Image.new(mode, (side, side)).save(stream, "PNG", compress_level=1, **options)
    return stream.getvalue()


if __name__ == "__main__":
    main()
