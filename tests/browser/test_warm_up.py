"""The heavy libraries are loaded only after somebody has seen the first page."""

import time
from pathlib import Path

import pytest

from tests.browser.conftest import Server

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect


def has_torch(pid: int) -> bool:
    """Whether torch's libraries are mapped into a process."""
    maps = Path(f"/proc/{pid}/maps")
    if not maps.exists():
        pytest.skip("needs /proc, to see what a process has loaded")
    return "libtorch" in maps.read_text()


def test_torch_comes_after_the_first_paint_and_not_before(page: Page, server: Server) -> None:
    assert not has_torch(server.pid), "loaded before anybody came"
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Teach a model to tell your images apart")).to_be_visible()
    for _ in range(300):
        if has_torch(server.pid):
            break
        time.sleep(0.2)
    assert has_torch(server.pid), "never loaded after the first paint"
    page.reload()
    expect(page.get_by_role("heading", name="Teach a model to tell your images apart")).to_be_visible()
    assert "Traceback" not in server.log.read_text()
