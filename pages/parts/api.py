"""Answers over HTTP: `POST /api/predict?run=RUN`, `GET /api/runs`, `/api/health`, `/api/openapi.json`.

Routes of the app run without the page's sign-in, so these ask for a token of their own, and are off where the
server's environment sets none. The JSON is the command line's; an error is {"error": sentence}.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from core import errors
from pages.parts import api_description

if TYPE_CHECKING:
    from core.inference import service

MOST_BYTES = 100_000_000  # of one request; the service limits each of its files
SECONDS_TO_SEND = 60.0
CALLERS = 32
"""How many requests are answered at once; the others wait, and their time runs."""
_TOO_LARGE = f"The request is larger than {MOST_BYTES // 1_000_000} MB. Send fewer or smaller files."
_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}

Handler = Callable[[Request], Awaitable[dict[str, Any]]]


def routes() -> list[Route]:
    """What `app.py` mounts."""
    return [
        Route("/api/health", Endpoint(GET=health)),
        Route("/api/runs", Endpoint(GET=runs)),
        Route("/api/predict", Endpoint(POST=predict)),
        Route("/api/openapi.json", Endpoint(GET=openapi)),
        Route("/api/{rest:path}", Endpoint()),
    ]


class Endpoint:
    """One address: a handler for each method that it knows, and a sentence for every other.

    A handler's answer is sent as JSON; so is a status and a sentence for what a caller did wrong.
    """

    def __init__(self, **handlers: Handler) -> None:
        self.handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> JSONResponse:
        try:
            method = "GET" if request.method == "HEAD" else request.method
            return JSONResponse(await self._handler(method, request.url.path)(request))
        except HTTPException as error:
            return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)
        except errors.NotFoundError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except errors.FieldguideError as error:
            return JSONResponse({"error": str(error)}, status_code=getattr(error, "status", 422))

    def _handler(self, method: str, path: str) -> Handler:
        if not self.handlers:
            raise HTTPException(
                404, f"There is nothing at {path}. GET /api/openapi.json tells what there is."
            )
        if method not in self.handlers:
            known = ", ".join(self.handlers)
            raise HTTPException(405, f"{path} does not take {method}: use {known}.", {"Allow": known})
        return self.handlers[method]


async def health(request: Request) -> dict[str, Any]:
    """That the server answers; needs no token and tells nothing else."""
    return {"status": "ok"}


async def openapi(request: Request) -> dict[str, Any]:
    """What this interface takes and gives; needs no token, for it tells nothing of this server."""
    return api_description.document(most_bytes=MOST_BYTES)


async def runs(request: Request) -> dict[str, Any]:
    """The runs that can answer: {"runs": [{"run", "classes", "created", "backbone", "name"}]}."""
    await _authorised(request)
    return {"runs": await run_in_threadpool(lambda: _services().described())}


async def predict(request: Request) -> dict[str, Any]:
    """Answers for the files of a multipart form, in order: {"run", "predictions": [...]}."""
    await _authorised(request)
    run_id = request.query_params.get("run", "")
    if not run_id:
        raise HTTPException(422, "Say which run: POST /api/predict?run=RUN. GET /api/runs lists them.")
    mirror, explain = _asked(request, "mirror"), _asked(request, "explain")
    with _service().holding(_size(request)):
        files, since = await _files(request), time.monotonic()
        ask = functools.partial(
            _service().predict, run_id, files, mirror=mirror, explain=explain, since=since
        )
        answers = await asyncio.get_running_loop().run_in_executor(
            _waiting(), functools.partial(ask, since=since)
        )
    return {"run": run_id, "predictions": [answer.record() for answer in answers]}


async def _authorised(request: Request) -> None:
    header = request.headers.get("authorization")
    await run_in_threadpool(lambda: _services().authorise(header))


def _asked(request: Request, name: str) -> bool:
    """Whether a query parameter asks for something: true, or false."""
    given = request.query_params.get(name, "false").lower()
    if given not in _TRUTHS:
        raise HTTPException(422, f"{name} is {given!r}; true or false is accepted.")
    return _TRUTHS[given]


def _size(request: Request) -> int:
    """How many bytes the request may turn out to have: what it tells, or as many as it may have."""
    kind = request.headers.get("content-type", "nothing")
    if not kind.startswith("multipart/form-data"):
        raise HTTPException(415, f"The content type is {kind}; send the files as multipart/form-data.")
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > MOST_BYTES:
        raise HTTPException(413, _TOO_LARGE)
    return int(told) if told.isdecimal() else MOST_BYTES


async def _files(request: Request) -> list[tuple[str, bytes]]:
    """(name, content) of each file of the form; never more than MOST_BYTES are read, and not for ever."""
    limit = _service_limits().files
    counted = Request(request.scope, _counting(request.receive))
    try:
        async with (
            asyncio.timeout(SECONDS_TO_SEND),
            counted.form(max_files=limit + 1, max_fields=16) as form,
        ):
            parts = [part for part in form.multi_items() if isinstance(part[1], UploadFile)]
            return [(part.filename or name, await part.read()) for name, part in parts]
    except TimeoutError:
        raise HTTPException(
            408, f"The request did not arrive within {SECONDS_TO_SEND:.0f} seconds. Send fewer files at once."
        ) from None
    except HTTPException as error:
        if error.status_code == 413:
            raise
        if "Too many files" in error.detail:
            raise HTTPException(413, f"At most {limit} files at once are answered.") from None
        raise HTTPException(422, f"The form is damaged: {error.detail}") from None


def _counting(receive: Receive) -> Receive:
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


def _services() -> Any:
    """The module that answers; it loads torch, so only a request brings it in."""
    from core.inference import service

    return service


@functools.cache
def _service() -> service.Service:
    """The one queue of this server."""
    return _services().Service()


@functools.cache
def _waiting() -> ThreadPoolExecutor:
    """Threads that wait for answers: our own, so that a crowd here does not keep the pages waiting."""
    return ThreadPoolExecutor(CALLERS, thread_name_prefix="api")


def _service_limits() -> service.Limits:
    return _service().limits
