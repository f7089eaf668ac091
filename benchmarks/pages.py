"""How quickly pages come: the first paint of Home, changes of page once warm, and 50 sessions at once.

Three parts, over a workspace with *Drawn animals*, its split and a quick run:

- A server is started anew, and Home is opened in a fresh Chromium session: seconds until the server answers,
  and from there until Home is painted. At that moment the server may not have loaded torch.
- Then, warm, every page is opened from the menu again and again: from the click until the script has ended
  and the page is another, told inside the browser. Aimed at: under half a second each (the median).
- 50 sessions without a browser, over the websocket that a browser would use, open Home at the same moment,
  and then Metrics: seconds until each has its page, and whether every one got one.

Takes about 4 minutes on two cores. Wants Chromium.

    python -m benchmarks.pages
"""

import argparse
import asyncio
import time
import urllib.parse
from pathlib import Path

from playwright import async_api
from streamlit.proto import BackMsg_pb2, ForwardMsg_pb2
from websockets.asyncio import client

from benchmarks import browser, common, served

PAGES = ("Dataset", "Split", "Finetune", "Metrics", "Classify", "Lesson", "Home")
SWITCH, WARM_UP_SECONDS = 0.5, 30
PAUSE = 0.5
"""Seconds that a person looks at a page at least, before going on."""
SESSION_SECONDS = 180
SAMPLE = "drawn-animals"
CHANGE = """
name => new Promise((resolve, reject) => {
  const app = document.querySelector('[data-testid=stApp]');
  const links = [...document.querySelectorAll('[data-testid=stSidebarNav] a')];
  const heading = () => document.querySelector('[data-testid=stMain] :is(h1, h2, h3)')?.innerText;
  const before = heading(), start = performance.now();
  const look = () => {
    const idle = app.getAttribute('data-test-script-state') === 'notRunning';
    const taken = performance.now() - start;
    if (idle && heading() && heading() !== before) return resolve(taken / 1000);
    if (taken > 60000) return reject(new Error(`${name} did not come within a minute`));
    requestAnimationFrame(look);
  };
  links.find(link => link.innerText.trim().endsWith(name)).click();
  requestAnimationFrame(look);
})
"""
"""Opens a page from the menu; gives the seconds until the script has ended and the heading is another."""


def main() -> None:
    """Read the arguments, make the workspace, measure the three parts, print."""
    parser = common.parser(__doc__, starts=1, rounds=1, sessions=4)
    parser.add_argument("--starts", type=int, default=3, help="of the server, for the first paint")
    parser.add_argument("--rounds", type=int, default=5, help="through all pages")
    parser.add_argument("--sessions", type=int, default=50)
    given = parser.parse_args()
    with common.home(given.home) as home:
        common.dataset(home, SAMPLE, None)
        split = common.split(home, f"{SAMPLE}-0", SAMPLE, 0)
        if not any((home / "runs").glob("*/predictions.parquet")):
            common.fieldguide(home, "train", "--dataset", SAMPLE, "--split", split, "--mode", "quick")
        rows = asyncio.run(painted(home, given)) + asyncio.run(crowd(home, given))
    common.report(["what", "median, s", "worst, s", "target"], rows)


def row(what: str, taken: list[float], target: str = "") -> list[str]:
    """A line of the table."""
    common.heard(f"{what}: {', '.join(f'{one:.2f}' for one in taken)} {target}")
    return [what, f"{common.median(taken):.2f}", f"{max(taken):.2f}", target]


async def painted(home: Path, given: argparse.Namespace) -> list[list[str]]:
    """First paint and changes of page, in a browser."""
    ready: list[float] = []
    paints: list[float] = []
    early = 0
    changes: dict[str, list[float]] = {name: [] for name in PAGES}
    async with browser.opened() as chromium:
        for number in range(given.starts):
            start = time.perf_counter()
            with served.server(home) as server:
                ready.append(time.perf_counter() - start)
                tab = await browser.session(chromium)
                paints.append(await first_paint(tab, server))
                early += has_torch(server)
                if number == given.starts - 1:
                    await warm(tab)
                    for _ in range(given.rounds):
                        for name, taken in changes.items():
                            await asyncio.sleep(PAUSE)
                            taken.append(await tab.evaluate(CHANGE, name))
                await tab.context.close()
    without = f"without torch: {'met' if not early else 'missed'}"
    rows = [row("server started", ready), row("first paint of Home", paints, without)]
    for name, taken in changes.items():
        verdict = common.met(common.median(taken), at_most=SWITCH)
        rows.append(row(f"to {name}, warm", taken, verdict))
    return rows


async def first_paint(tab: async_api.Page, server: served.Server) -> float:
    """Seconds from the address to Home's heading and steps."""
    start = time.perf_counter()
    await tab.goto(server.address)
    await tab.locator("[data-testid=stMain] :is(h1, h2, h3)").first.wait_for()
    return time.perf_counter() - start


def has_torch(server: served.Server) -> bool:
    """Whether the server has torch's library in its memory now (Linux)."""
    maps = Path(f"/proc/{server.process.pid}/maps")
    return maps.exists() and "libtorch" in maps.read_text()


async def warm(tab: async_api.Page) -> None:
    """Open every page once, and let the server's imports of the first minute end."""
    await browser.settled(tab)
    for name in PAGES:
        await tab.evaluate(CHANGE, name)
    await asyncio.sleep(WARM_UP_SECONDS)
    for name in PAGES:
        await tab.evaluate(CHANGE, name)


async def crowd(home: Path, given: argparse.Namespace) -> list[list[str]]:
    """Many sessions at once, on a warm server."""
    with served.server(home) as server:
        await visit(server, ["", "metrics"])
        await asyncio.sleep(min(WARM_UP_SECONDS, given.sessions))
        with served.watched(server) as pulse:
            everybody = [visit(server, ["", "metrics"]) for _ in range(given.sessions)]
            found = await asyncio.gather(*everybody)
        most = server.most_mib()
    rows = []
    for place, page in enumerate(("Home", "Metrics")):
        taken = [one[place] for one in found if len(one) > place]
        all_of_them = f"all answered: {'met' if len(taken) == given.sessions else 'missed'}"
        rows.append(row(f"{page} for {given.sessions} sessions at once", taken or [0.0], all_of_them))
    rows.append(row("server says that it is well meanwhile", pulse.seconds or [0.0]))
    if most:
        rows[-1][-1] = f"{most:,.0f} MiB held at most"
    return rows


async def visit(server: served.Server, pages: list[str]) -> list[float]:
    """One session without a browser; seconds until each page had been sent whole, fewer where it failed."""
    address = f"ws://{urllib.parse.urlsplit(server.address).netloc}/_stcore/stream"
    protocols = [client.Subprotocol("streamlit")]
    taken: list[float] = []
    async with client.connect(address, subprotocols=protocols, max_size=None) as socket:
        for page in pages:
            start = time.perf_counter()
            asked = BackMsg_pb2.BackMsg()
            asked.rerun_script.page_name = page
            asked.rerun_script.query_string = ""
            await socket.send(asked.SerializeToString())
            if not await asyncio.wait_for(answered(socket), SESSION_SECONDS):
                break
            taken.append(time.perf_counter() - start)
    return taken


async def answered(socket: client.ClientConnection) -> bool:
    """Wait until the script has ended; whether it ended well, with something to show and no error."""
    shown = wrong = 0
    while True:
        message = ForwardMsg_pb2.ForwardMsg()
        message.ParseFromString(bytes(await socket.recv()))
        kind = message.WhichOneof("type")
        shown += kind == "delta"
        wrong += message.delta.new_element.WhichOneof("type") == "exception"
        if kind == "script_finished":
            good = message.script_finished == ForwardMsg_pb2.ForwardMsg.FINISHED_SUCCESSFULLY
            return good and shown > 0 and not wrong


if __name__ == "__main__":
    main()
