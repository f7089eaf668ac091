"""What a request to the HTTP interface asks for, read with limits: on its size, its files and its time."""

from __future__ import annotations

import asyncio

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

MOST_BYTES = 100_000_000  # of one request; the service limits each of its files
SECONDS_TO_SEND = 60.0
_TOO_LARGE = f"The request is larger than {MOST_BYTES // 1_000_000} MB. Send fewer or smaller files."
_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}


def asked(request: Request, name: str) -> bool:
    """Whether a query parameter asks for something: true, or false."""
    given = request.query_params.get(name, "false").lower()
    if given not in _TRUTHS:
        raise HTTPException(422, f"{name} is {given!r}; true or false is accepted.")
    return _TRUTHS[given]


def size(request: Request) -> int:
    """How many bytes the request may turn out to have: what it tells, or as many as it may have."""
    kind = request.headers.get("content-type", "nothing")
    if not kind.startswith("multipart/form-data"):
        raise HTTPException(415, f"The content type is {kind}; send the files as multipart/form-data.")
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > MOST_BYTES:
        raise HTTPException(413, _TOO_LARGE)
    return int(told) if told.isdecimal() else MOST_BYTES


async def files(request: Request, *, most: int) -> list[tuple[str, bytes]]:
    """(name, content) of each file of the form, `most` of them; never more than MOST_BYTES are read, and not
    for ever.
    """
    counted = Request(request.scope, _counting(request.receive))
    try:
        async with (
            asyncio.timeout(SECONDS_TO_SEND),
            counted.form(max_files=most + 1, max_fields=16) as form,
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
            raise HTTPException(413, f"At most {most} files at once are answered.") from None
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
