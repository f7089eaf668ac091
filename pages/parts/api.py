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
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core import errors
from pages.parts import api_description, api_request

if TYPE_CHECKING:
    from core.inference import service

CALLERS = 32
"""How many requests are answered at once; the others wait, and their time runs."""

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
    return api_description.document(most_bytes=api_request.MOST_BYTES)


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
    mirror, explain = api_request.asked(request, "mirror"), api_request.asked(request, "explain")
    with _service().holding(api_request.size(request)):
        files, since = await api_request.files(request, most=_service().limits.files), time.monotonic()
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
