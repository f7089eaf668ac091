"""Pages under AppTest: the entry script, run as the server runs it, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROUTER = Path(__file__).resolve().parents[2] / "pages" / "router.py"
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(workspace: Path) -> Open:
    """`open_page("split", dataset="x")`: the page, opened cold as by a deep link."""

    def opened(name: str = "home", **query: str) -> AppTest:
        at = AppTest.from_file(str(ROUTER), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        # Before the first run, as when a visitor follows a link: the page is opened cold.
        if name != "home":
            at.switch_page(f"{name}.py")
        return at.run()

    return opened


def words(at: AppTest) -> str:
    """Everything that the page says, in one string."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in at.get(kind))
