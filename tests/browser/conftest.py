"""A server of our own and a real Chromium; tests skip, with a reason, where there is no browser."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from benchmarks import browser as chromium_at_hand

CHECKOUT = Path(__file__).resolve().parents[2]
SECOND = 1000  # Playwright counts in milliseconds


@dataclass(frozen=True, kw_only=True)
class Server:
    """A dashboard that is answering, and its workspace."""

    url: str
    home: Path
    log: Path
    pid: int


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the installed browser."""
    found = chromium_at_hand.installed()
    if not found:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`streamlit run app.py` on a free port, over an empty workspace."""
    home = tmp_path_factory.mktemp("browser-workspace")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started(home, port) as running:
        yield running


@contextlib.contextmanager
def started(home: Path, port: int) -> Iterator[Server]:
    """A server over the workspace `home` for as long as the block runs."""
    log = home.parent / f"{home.name}.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = os.environ | {"FIELDGUIDE_HOME": str(home), "OMP_NUM_THREADS": "2"}
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=out, stderr=out)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield Server(url=f"http://127.0.0.1:{port}", home=home, log=log, pid=process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers; a server that dies shows its log."""
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def page(chromium: str, server: Server) -> Iterator["object"]:
    """A fresh browser tab, 1360 pixels wide; fails the test when the page's own script threw."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=chromium_at_hand.FLAGS)
        tab = browser.new_page(viewport={"width": 1360, "height": 900})
        tab.set_default_timeout(30 * SECOND)
        thrown: list[str] = []
        tab.on("pageerror", lambda error: thrown.append(str(error)))
        yield tab
        browser.close()
        assert not thrown, f"the page's own script threw: {thrown}"
