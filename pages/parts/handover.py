"""Large files handed over from the disk, a piece at a time: never through the server's memory.

Routes of the app run without the page's sign-in, so every address carries a signature that only this server
can make: no other file can be asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core import workspace

_KEY = secrets.token_bytes(32)  # new with every start of the server; never changes after
_STYLE = """<style>
.fg-download { display: inline-block; padding: .35rem .75rem; border-radius: 8px; text-decoration: none;
  color: var(--st-primary-color, #4f46e5); border: 1px solid currentColor; }
</style>"""
_KEEP = {"Cache-Control": "private, no-store"}


def link(label: str, file: Path, name: str) -> None:
    """A link that downloads a file of the workspace, under `name`."""
    st.html(
        _STYLE
        + f'<a class="fg-download" href="{html.escape(url(file, name))}" download>{html.escape(label)}</a>'
    )


def url(file: Path, name: str) -> str:
    """The address of a file of the workspace; who has it may fetch the file for as long as it lies there."""
    place = file.relative_to(workspace.home()).as_posix()
    return f"/handover/{quote(name)}?file={quote(place)}&k={_signature(place, name)}"


def routes() -> list[Route]:
    """What `app.py` mounts."""
    return [Route("/handover/{name}", respond)]


def respond(request: Request) -> Response:
    """Answer with the file; Starlette runs this in its thread pool and reads it in pieces."""
    name, place = request.path_params["name"], request.query_params.get("file", "")
    if not hmac.compare_digest(_signature(place, name).encode(), request.query_params.get("k", "").encode()):
        return PlainTextResponse("This file was not offered by this server.", status_code=404)
    file = workspace.home() / place
    if not file.is_file():
        return PlainTextResponse("This file is gone. Make it again.", status_code=404)
    return FileResponse(file, filename=name, headers=_KEEP)


def _signature(place: str, name: str) -> str:
    return hmac.new(_KEY, f"{place}\0{name}".encode(), hashlib.sha256).hexdigest()[:32]
