"""Single byte ranges and conditional requests (RFC 9110), for immutable files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to but not including `end`."""

    start: int
    end: int


class RangeError(Exception):
    """The range lies outside the file: 416."""


def wanted_span(headers: Mapping[str, str], *, etag: str, size_bytes: int) -> Span | None:
    """The one range a request asks for, or None when the whole file is to be sent.

    A range that cannot be read, and several ranges at once, are ignored as the standard allows. `If-Range` with
    another validator than ours asks for the whole file.

    Raises:
        RangeError: it lies outside the file.
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
    return Span(start, end)


def _suffix(length: str, size_bytes: int) -> Span | None:
    if not length:
        return None
    if int(length) == 0 or size_bytes == 0:
        raise RangeError
    return Span(max(0, size_bytes - int(length)), size_bytes)


def is_unchanged(headers: Mapping[str, str], *, etag: str) -> bool:
    """Whether `If-None-Match` names what the client would get again: 304."""
    named = headers.get("if-none-match")
    if named is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in named.split(",")}
    return etag in tags or "*" in tags
