"""Ten runs queued from five browser sessions: is the order kept, each result right, the server answering?

Five people, each in a session of their own in one Chromium, take the settings of an earlier run, set a seed
of their own, and press "Start finetuning" twice, all at the same time. While the runs wait and work, the
server is asked five times a second whether it is well, and a sixth visitor opens Home and Finetune again and
again.

Afterwards: every run has finished; no two were at work at once; they began in the order of their tickets, and
tickets follow the order of the presses; the runs of a seed, and the same run made alone on the command line,
have the same stored answers, bit for bit.

Takes about 5 minutes on two cores. Wants Chromium.

    python -m benchmarks.launches
"""

import argparse
import asyncio
import dataclasses
import itertools
import re
import time
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from playwright import async_api

from benchmarks import browser, common, served
from core import runs

EACH = 2
MINUTES = 20
"""So long the queue is watched at most."""
SAMPLE = "drawn-animals"
OPTIONS = ["--weights", "starter", "--threads", 1, "--precision", "fp32", "--device", "cpu"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Launch:
    """A run that somebody started: when they pressed, and when they saw its page (seconds)."""

    run: str
    seed: int
    pressed: float
    shown: float


def main() -> None:
    """Read the arguments, queue the runs, watch, compare, print."""
    parser = common.parser(__doc__, sessions=2, epochs=1, image_size=32)
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--image-size", type=int, default=64)
    given = parser.parse_args()
    with common.home(given.home) as home:
        common.dataset(home, SAMPLE, None)
        common.split(home, f"{SAMPLE}-0", SAMPLE, 0)
        earlier = alone(home, given, 0)
        with served.server(home) as server, served.watched(server) as pulse:
            launched, opened = asyncio.run(queue(server, earlier, given.sessions))
        seeds = sorted({one.seed for one in launched})
        lonely = {seed: alone(home, given, seed) for seed in seeds}
        report(launched, lonely, pulse, opened)


def alone(home: Path, given: argparse.Namespace, seed: int) -> str:
    """A run of that seed that nothing disturbs; returns its id."""
    words = ["train", "--dataset", SAMPLE, "--split", f"{SAMPLE}-0", "--seed", seed, *OPTIONS]
    words += ["--epochs", given.epochs, "--image-size", given.image_size]
    run = str(common.fieldguide(home, *words)["run"])
    common.heard(f"alone, seed {seed}: {run}")
    return run


async def queue(server: served.Server, earlier: str, sessions: int) -> tuple[list[Launch], list[float]]:
    """Have everybody launch, and wait for the runs; returns them, and how long pages took to open."""
    async with browser.opened() as chromium:
        people = [prepared(await browser.session(chromium), server, earlier, n + 1) for n in range(sessions)]
        tabs = await asyncio.gather(*people)
        looking = asyncio.create_task(visitor(await browser.session(chromium), server))
        found = await asyncio.gather(*(launch(tab, seed + 1) for seed, tab in enumerate(tabs)))
        launched = list(itertools.chain.from_iterable(found))
        common.heard(f"{len(launched)} runs are queued")
        await ended([one.run for one in launched])
        looking.cancel()
        return launched, await looking


async def prepared(tab: async_api.Page, server: served.Server, earlier: str, seed: int) -> async_api.Page:
    """Open the form for a new run with the settings of an earlier one, and with this seed."""
    await browser.visit(tab, f"{server.address}/finetune?run={earlier}")
    await tab.get_by_role("button", name="More", exact=True).click()
    await tab.get_by_text("Duplicate with changes").click()
    await tab.get_by_role("button", name="Start finetuning", exact=True).wait_for()
    await browser.settled(tab)
    await tab.get_by_text("Settings", exact=True).click()
    await tab.get_by_role("tab", name="Machine", exact=True).click()
    field = tab.get_by_label("Seed", exact=True)
    await field.fill(str(seed))
    await field.press("Enter")
    await tab.get_by_text(re.compile(rf"Changed:.*Seed: {seed}")).wait_for()
    await browser.settled(tab)
    return tab


async def launch(tab: async_api.Page, seed: int) -> list[Launch]:
    """Press the button, go back to the form, press it again."""
    launched: list[Launch] = []
    for number in range(EACH):
        if number:
            await tab.get_by_text("New run", exact=True).click()
        await browser.settled(tab)
        button = tab.get_by_role("button", name="Start finetuning", exact=True)
        await button.wait_for()
        before, pressed = tab.url, time.monotonic()
        await button.click()
        await tab.wait_for_url(lambda url, before=before: run_in(url) != run_in(before))
        run = run_in(tab.url)
        launched.append(Launch(run=run, seed=seed, pressed=pressed, shown=time.monotonic()))
        common.heard(f"session {seed} started {run}")
    return launched


def run_in(address: str) -> str:
    """The run that a page's address names."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(address).query).get("run", [""])[0]


async def visitor(tab: async_api.Page, server: served.Server) -> list[float]:
    """Open pages until cancelled; returns the seconds that each took to be drawn."""
    taken: list[float] = []
    try:
        for page in itertools.cycle(("", "finetune")):
            start = time.perf_counter()
            await browser.visit(tab, f"{server.address}/{page}")
            taken.append(time.perf_counter() - start)
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        return taken
    return taken


async def ended(ids: Sequence[str]) -> None:
    """Wait until none of the runs is queued or running, `MINUTES` at most."""
    until = time.monotonic() + 60 * MINUTES
    while any(runs.load(one).state() in ("queued", "running") for one in ids):
        if time.monotonic() > until:
            raise SystemExit(f"After {MINUTES} minutes, not every run had ended.")
        await asyncio.sleep(0.5)


def disorder(launched: Sequence[Launch]) -> list[str]:
    """What is wrong with the order of the runs; empty when all is as it should be."""
    status = {one.run: runs.load(one.run).status() for one in launched}
    wrong = [f"{run} is {found['state']}" for run, found in status.items() if found["state"] != "finished"]
    if wrong:
        return wrong
    in_turn = sorted(status, key=lambda run: status[run]["ticket"])
    for before, after in itertools.pairwise(in_turn):
        if status[after]["started"] < status[before]["finished"]:
            wrong.append(f"{after} began before {before} had ended")
    for one, other in itertools.permutations(launched, 2):
        if one.shown < other.pressed and status[one.run]["ticket"] > status[other.run]["ticket"]:
            wrong.append(f"{one.run} was there before {other.run} was asked for, and came after it")
    return wrong


def differing(launched: Sequence[Launch], lonely: dict[int, str]) -> list[str]:
    """The runs whose answers are not those of the run of their seed that was made alone."""
    return [one.run for one in launched if not same_answers(one.run, lonely[one.seed])]


def same_answers(one: str, other: str) -> bool:
    """Whether two runs have the same logits for the same images, bit for bit."""
    found = [runs.load(run).predictions("test") for run in (one, other)]
    return found[0].paths == found[1].paths and bool((found[0].logits == found[1].logits).all())


def report(
    launched: Sequence[Launch], lonely: dict[int, str], pulse: served.Pulse, opened: Sequence[float]
) -> None:
    """Print a line for each thing that was asked."""
    wrong = disorder(launched)
    unlike = [] if wrong else differing(launched, lonely)
    spread = common.spread([accuracy(run) for run in lonely.values()])
    beats = f"{1000 * common.median(pulse.seconds):.0f} ms, at worst {1000 * max(pulse.seconds):.0f} ms"
    pages = f"{common.median(opened):.2f} s, at worst {max(opened):.2f} s" if opened else "none"
    right = f"{len(launched) - len(unlike)} of {len(launched)}, accuracy {spread}"
    rows = [
        ["order kept, one at a time", wrong[0] if wrong else f"{len(launched)} runs", _met(not wrong)],
        ["results as when made alone, bit for bit", right, _met(not wrong and not unlike)],
        [
            f"server says that it is well ({len(pulse.seconds)} times)",
            beats + (f", {len(pulse.failed)} times not" if pulse.failed else ""),
            _met(not pulse.failed),
        ],
        [f"a page opens anew ({len(opened)} times)", pages, ""],
    ]
    common.report(["what", "found", "target"], rows)


def accuracy(run: str) -> float:
    """Of the test images, the share with the right answer."""
    found = runs.load(run).predictions("test")
    return float((found.logits.argmax(axis=1) == found.true).mean())


def _met(good: bool) -> str:
    return "met" if good else "missed"


if __name__ == "__main__":
    main()
