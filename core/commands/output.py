"""What every command prints: one JSON object, or a text for people; progress on standard error."""

import json
import sys
import time
from typing import Any

import click

from core.progress import Progress

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


def emit(as_json: bool, payload: dict[str, Any], text: str) -> None:
    """Print `payload` as one JSON object, or `text`."""
    click.echo(json.dumps(payload, ensure_ascii=False, allow_nan=False) if as_json else text)


def progress() -> Progress:
    """A progress report on standard error: one line rewritten on a terminal, else a line every 5 seconds."""
    terminal = sys.stderr.isatty()
    last = time.monotonic() if not terminal else 0.0

    def report(done: int, total: int, message: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < (0.1 if terminal else 5.0) and done != total:
            return
        last = now
        line = f"{message} ({done / total:.0%})" if total else message
        click.echo(f"\r\x1b[K{line}" if terminal else line, err=True, nl=not terminal)

    return report
