"""What the command line says of an image: the page must say the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from core import runs
from tests.browser.conftest import CHECKOUT


def predicted(run: runs.Run, picture: Path) -> dict[str, Any]:
    """`python -m core predict`, in the workspace of the environment: one prediction as JSON."""
    command = [sys.executable, "-m", "core", "predict", run.id, str(picture), "--json"]
    shown = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(shown.stdout)["predictions"][0]
    return found
