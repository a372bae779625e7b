"""What comes back over HTTP, how long it is waited for, and how late a request may still leave."""

import email.utils
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.errors import MediaError

MaySend = Callable[[], bool]
"""Whether a request may still leave this machine; asked right before each write to the socket."""

_WRITES = ("send_request_headers.started", "send_request_body.started", "send_connection_init.started")


class GoneError(MediaError):
    """A result is not at its address any more, or not to be had there; another address of it may work."""


class TooLateError(Exception):
    """A request was not sent, because whoever asked for it has lost the right to by now."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for connecting, for one read or write, and for a whole exchange."""

    connect_s: float = 10.0
    silence_s: float = 60.0
    total_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def document(self) -> dict[str, Any] | None:
        """The JSON object in the body, None when there is none."""
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return read if isinstance(read, dict) else None

    @property
    def retry_after_s(self) -> float | None:
        """The pause asked for in `Retry-After`, as seconds or as a date."""
        return pause_s(self.headers.get("retry-after"))


class RefusedResponseError(Exception):
    """A stream was answered with a refusal; `answer` is for the caller to read."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"Expected a stream, got status {answer.status}.")
        self.answer = answer


def pause_s(value: str | None) -> float | None:
    """The seconds that a `Retry-After` asks for."""
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
    """The extension of a request that stops it right before its first byte, or its body, would go out too late.

    A request whose head is out but whose body is not is none: no server takes a job that it has not read.
    """

    async def look(event: str, _info: dict[str, Any]) -> None:
        if event.endswith(_WRITES) and not may_send():
            raise TooLateError

    return {"trace": look}
