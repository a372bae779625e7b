"""HTTP responses, timeouts, and the check that stops a request that is too late."""

import email.utils
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.errors import MediaError

MaySend = Callable[[], bool]
"""Predicate for a request that may still be sent; called right before each write to the socket."""

_WRITES = ("send_request_headers.started", "send_request_body.started", "send_connection_init.started")


class GoneError(MediaError):
    """A result is no longer at its address, or access is refused; another address of it may work."""


class TooLateError(Exception):
    """A request was not sent, because its caller has lost the right to by now."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts in seconds for connecting, for one read or write, and for a whole exchange."""

    connect_s: float = 10.0
    silence_s: float = 60.0
    total_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Response:
    """Complete response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Return whether the status is a 2xx."""
        return 200 <= self.status < 300

    @property
    def document(self) -> dict[str, Any] | None:
        """Return the JSON object in the body, None when there is none."""
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return read if isinstance(read, dict) else None

    @property
    def retry_after_s(self) -> float | None:
        """Return the pause in seconds that `Retry-After` asks for, as a number or as a date."""
        return pause_s(self.headers.get("retry-after"))


class RefusedResponseError(Exception):
    """A stream was answered with a refusal; `answer` is for the caller to read."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"Expected a stream, got status {answer.status}.")
        self.answer = answer


def pause_s(value: str | None) -> float | None:
    """Return the seconds that a `Retry-After` asks for."""
    if value is None:
        return None
    if value.strip().replace(".", "", 1).isdecimal():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def watched(may_send: MaySend) -> dict[str, Callable[[str, dict[str, Any]], Awaitable[None]]]:
    """Return the request extension that stops a late request right before its first byte or its body.

    A request with its head sent but not its body counts as not sent: no server accepts a job that it has not
    read.
    """

    async def check(event: str, _info: dict[str, Any]) -> None:
        if event.endswith(_WRITES) and not may_send():
            raise TooLateError

    return {"trace": check}
