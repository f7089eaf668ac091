"""Thumbnails over HTTP: a gallery of hundreds is one grid of lazily loaded `<img>`, not hundreds of uploads.

Routes of the app run without the page's sign-in, so every address carries a signature that only this server
can make: who was not shown a page cannot guess its images, and no other path can be asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core import errors
from core.data import thumbnails
from core.data.samples import preview
from pages.parts import caches

_KEEP = {"Cache-Control": "private, max-age=86400, immutable"}
_KEY = secrets.token_bytes(32)  # new with every start of the server; never changes after


def url(dataset: str, path: str, sha256: str) -> str:
    """Address of the thumbnail of one image of a dataset; other contents have another address."""
    place = f"{dataset}/{sha256[:12]}/{path}"
    return f"/thumbs/{quote(place)}?k={_signature(place)}"


def larger(url: str) -> str:
    """The address of the same image in a size to look at closely; "" where `url` is no thumbnail of ours."""
    return f"{url}&large=1" if url.startswith("/thumbs/") else ""


def routes() -> list[Route]:
    """What `app.py` mounts."""
    return [
        Route("/thumbs/{dataset}/{tag}/{path:path}", respond),
        Route("/previews/{sample}/{index:int}", respond_preview),
    ]


def respond(request: Request) -> Response:
    """Answer with the thumbnail, made on first use; Starlette runs this in its thread pool."""
    asked = request.path_params
    place = f"{asked['dataset']}/{asked['tag']}/{asked['path']}"
    if not hmac.compare_digest(_signature(place).encode(), request.query_params.get("k", "").encode()):
        return PlainTextResponse("This thumbnail was not offered by this server.", status_code=404)
    try:
        size = thumbnails.LARGE if "large" in request.query_params else thumbnails.SIZE
        file = thumbnails.thumbnail(caches.dataset(asked["dataset"]), asked["path"], size)
    except errors.FieldguideError as error:
        return PlainTextResponse(str(error), status_code=404)
    return FileResponse(file, headers=_KEEP)


def strip(sample: str, count: int = 6) -> str:
    """HTML of a row of pictures of a sample; nothing of them is secret, so nothing is signed."""
    images = "".join(
        f'<img src="/previews/{sample}/{index}" alt="" loading="lazy">' for index in range(count)
    )
    return f'<div class="fg-strip">{images}</div>'


def respond_preview(request: Request) -> Response:
    """Answer with a picture of a sample, drawn on first use."""
    try:
        file = preview.picture(request.path_params["sample"], request.path_params["index"])
    except errors.FieldguideError as error:
        return PlainTextResponse(str(error), status_code=404)
    return FileResponse(file, headers=_KEEP)


def _signature(place: str) -> str:
    return hmac.new(_KEY, place.encode(), hashlib.sha256).hexdigest()[:32]
