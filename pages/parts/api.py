"""Answers over HTTP: `POST /api/predict?run=RUN`, `GET /api/runs`, `GET /api/health`.

Routes of the app run without the page's sign-in, so these ask for a token of their own, and are off where the
server's environment sets none. The JSON is the command line's; an error is {"error": sentence}.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message

from core import errors

if TYPE_CHECKING:
    from core.inference import service

MOST_BYTES = 100_000_000  # of one request; the service limits each of its files
_TOO_LARGE = f"The request is larger than {MOST_BYTES // 1_000_000} MB. Send fewer or smaller files."

Handler = Callable[[Request], Awaitable[dict[str, Any]]]


def routes() -> list[Route]:
    """What `app.py` mounts."""
    return [
        Route("/api/health", _answering(health), methods=["GET"]),
        Route("/api/runs", _answering(runs), methods=["GET"]),
        Route("/api/predict", _answering(predict), methods=["POST"]),
    ]


async def health(request: Request) -> dict[str, Any]:
    """That the server answers; needs no token and tells nothing else."""
    return {"status": "ok"}


async def runs(request: Request) -> dict[str, Any]:
    """The runs that can answer: {"runs": [{"run", "classes", "created", "backbone", "name"}]}."""
    await _authorised(request)
    return {"runs": await run_in_threadpool(lambda: _services().described())}


async def predict(request: Request) -> dict[str, Any]:
    """Answers for the files of a multipart form, in order: {"predictions": [...]}."""
    await _authorised(request)
    run_id = request.query_params.get("run", "")
    if not run_id:
        raise HTTPException(422, "Say which run: POST /api/predict?run=RUN. GET /api/runs lists them.")
    files = await _files(request)
    answers = await run_in_threadpool(lambda: _service().predict(run_id, files))
    return {"run": run_id, "predictions": [answer.record() for answer in answers]}


async def _authorised(request: Request) -> None:
    header = request.headers.get("authorization")
    await run_in_threadpool(lambda: _services().authorise(header))


async def _files(request: Request) -> list[tuple[str, bytes]]:
    """(name, content) of each file of the form; never more than MOST_BYTES are read."""
    kind = request.headers.get("content-type", "nothing")
    if not kind.startswith("multipart/form-data"):
        raise HTTPException(415, f"The content type is {kind}; send the files as multipart/form-data.")
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        raise HTTPException(413, _TOO_LARGE)
    limit = _service_limits().files
    counted = Request(request.scope, _counting(request.receive))
    try:
        async with counted.form(max_files=limit + 1, max_fields=16) as form:
            parts = [part for part in form.multi_items() if isinstance(part[1], UploadFile)]
            return [(part.filename or name, await part.read()) for name, part in parts]
    except HTTPException as error:
        if error.status_code == 413:
            raise
        if "Too many files" in error.detail:
            raise HTTPException(413, f"At most {limit} files at once are answered.") from None
        raise HTTPException(422, f"The form is damaged: {error.detail}") from None


def _counting(receive: Callable[[], Awaitable[Message]]) -> Callable[[], Awaitable[Message]]:
    """`receive` that stops at MOST_BYTES: a length that is told may be wrong, or missing."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MOST_BYTES:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return counted


def _answering(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    """A route's endpoint: what `handler` returns, or a status and a sentence for what a caller did wrong."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> JSONResponse:
        try:
            return JSONResponse(await handler(request))
        except HTTPException as error:
            return JSONResponse({"error": error.detail}, status_code=error.status_code)
        except errors.NotFoundError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except errors.FieldguideError as error:
            return JSONResponse({"error": str(error)}, status_code=getattr(error, "status", 422))

    return endpoint


def _services() -> Any:
    """The module that answers; it loads torch, so only a request brings it in."""
    from core.inference import service

    return service


@functools.cache
def _service() -> service.Service:
    """The one queue of this server."""
    return _services().Service()


def _service_limits() -> service.Limits:
    return _service().limits
