"""A real Chromium: several people at once, each in a session of their own, doing what a person does."""

import contextlib
import shutil
from collections.abc import AsyncIterator

from playwright import async_api

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 180_000
"""Milliseconds that a busy machine is given for anything."""
_SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def installed() -> str | None:
    """The path of the browser that is installed, if one is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[async_api.Browser]:
    """A running browser.

    Raises:
        SystemExit: there is none.
    """
    found = installed()
    if not found:
        raise SystemExit("No Chromium is installed (on Debian: apt-get install chromium).")
    async with async_api.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def session(browser: async_api.Browser) -> async_api.Page:
    """A tab that shares nothing with the others."""
    context = await browser.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def visit(tab: async_api.Page, address: str) -> None:
    """Open an address, and wait until its page is drawn and the script has ended."""
    await tab.goto(address)
    await tab.get_by_role("heading").first.wait_for()
    await settled(tab)


async def settled(tab: async_api.Page) -> None:
    """Wait until no script runs."""
    await tab.wait_for_selector(_SETTLED)
