"""Clip files over HTTP: single byte ranges and conditional requests (RFC 9110) for immutable files."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from app.digest import Digest
from app.errors import BlobNotFoundError, DigestError
from app.store.ports import BlobFacts, BlobStore
from app.web.deps import State
from app.web.headers import ANYWHERE
from app.web.problems import problem

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Range of bytes from `start` up to but not including `end`."""

    start: int
    end: int


class RangeError(Exception):
    """Range outside the file: 416."""


def wanted_span(headers: Mapping[str, str], *, etag: str, size_bytes: int) -> ByteRange | None:
    """Return the range that a request asks for, or None for the whole file.

    A malformed range, and several ranges at once, are ignored as the standard allows. `If-Range` with another
    validator than ours asks for the whole file.

    Raises:
        RangeError: the range is outside the file.
    """
    found = _RANGE.match(headers.get("range", "").strip().replace(" ", ""))
    if found is None or headers.get("if-range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if not first:
        return _suffix(last, size_bytes)
    start, end = int(first), min(int(last) + 1, size_bytes) if last else size_bytes
    if last and int(last) < start:
        return None
    if start >= size_bytes:
        raise RangeError
    return ByteRange(start, end)


def _suffix(length: str, size_bytes: int) -> ByteRange | None:
    if not length:
        return None
    if int(length) == 0 or size_bytes == 0:
        raise RangeError
    return ByteRange(max(0, size_bytes - int(length)), size_bytes)


def is_unchanged(headers: Mapping[str, str], *, etag: str) -> bool:
    """Return whether `If-None-Match` names the bytes that the client would get again: 304."""
    named = headers.get("if-none-match")
    if named is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in named.split(",")}
    return etag in tags or "*" in tags


MEDIA_TYPES = {"mp4": "video/mp4", "jpg": "image/jpeg", "vtt": "text/vtt; charset=utf-8"}

_REDIRECT_S = 1500
"""Life of a redirect: well below that of the signed address, so that seeking in the clip still works."""

router = APIRouter(tags=["visitors"])


@router.head("/clips/{digest}.{extension}", include_in_schema=False)
@router.get("/clips/{digest}.{extension}", response_class=Response)
async def clip(digest: str, extension: str, request: Request, state: State) -> Response:
    """Send a clip's video, poster or captions: one address is the same bytes for ever."""
    facts = await _facts(digest, extension, state.container.blobs)
    etag = f'"{facts.digest}"'
    headers = ANYWHERE | {
        "cache-control": "public, max-age=31536000, immutable",
        "etag": etag,
        "accept-ranges": "bytes",
        "content-type": MEDIA_TYPES[extension],
    }
    elsewhere = await state.container.blobs.address(facts.digest) if request.method == "GET" else None
    if elsewhere:
        return RedirectResponse(elsewhere, headers=ANYWHERE | {"cache-control": f"private, max-age={_REDIRECT_S}"})
    if is_unchanged(request.headers, etag=etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        span = wanted_span(request.headers, etag=etag, size_bytes=facts.size_bytes)
    except RangeError:
        return _unsatisfiable(facts, headers)
    if span:
        headers["content-range"] = f"bytes {span.start}-{span.end - 1}/{facts.size_bytes}"
    return await _body(request, state.container.blobs, facts, span=span, headers=headers)


async def _facts(digest: str, extension: str, blobs: BlobStore) -> BlobFacts:
    try:
        facts = await blobs.facts(Digest(digest)) if extension in MEDIA_TYPES else None
    except DigestError:
        facts = None
    if facts is None:
        raise BlobNotFoundError(
            f"No clip is stored as `{digest[:64]}.{extension[:8]}`; take addresses from messages as they are."
        )
    return facts


def _unsatisfiable(facts: BlobFacts, headers: dict[str, str]) -> Response:
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    known = ANYWHERE | {"content-range": f"bytes */{facts.size_bytes}", "etag": headers["etag"]}
    return problem(status, "range_not_satisfiable", f"The file has {facts.size_bytes} bytes.", headers=known)


async def _body(
    request: Request, blobs: BlobStore, facts: BlobFacts, *, span: ByteRange | None, headers: dict[str, str]
) -> Response:
    whole = span or ByteRange(0, facts.size_bytes)
    status = HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK
    sized = headers | {"content-length": str(whole.end - whole.start)}
    if request.method == "HEAD":
        return Response(status_code=status, headers=sized)
    pieces: AsyncIterator[bytes] = blobs.stream(facts.digest, start=whole.start, end=whole.end)
    return StreamingResponse(pieces, status, sized)
