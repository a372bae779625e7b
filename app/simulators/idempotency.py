"""Idempotency keys of a provider: the first answer is replayed.

A running request, or another body, conflicts.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response

from app.simulators.clock import Clock


@dataclass(slots=True)
class _Kept:
    digest: str
    at: float
    status: int | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class KeyHabit:
    """Rules of a provider's keys: form, life, and the replies to a key that does not fit."""

    pattern: re.Pattern[str]
    kept_s: float
    invalid: Callable[[], Response]
    running: Callable[[], Response]
    mismatch: Callable[[], Response]
    replay_header: str = "Idempotent-Replayed"


@dataclass(slots=True)
class IdempotencyKeys:
    """Idempotency keys of one endpoint.

    Only answers to accepted work are stored; a refused request frees its key.
    """

    habit: KeyHabit
    clock: Clock
    _kept: dict[str, _Kept] = field(default_factory=dict)

    async def once(self, key: str | None, body: Mapping[str, Any], work: Callable[[], Awaitable[Response]]) -> Response:
        """Do the work, unless it is already done under this key."""
        if key is None:
            return await work()
        if not self.habit.pattern.fullmatch(key):
            return self.habit.invalid()
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        kept = self._kept.get(key)
        if kept is not None and self.clock.now() - kept.at < self.habit.kept_s:
            return self._again(kept, digest)
        mine = self._kept[key] = _Kept(digest, self.clock.now())
        try:
            response = await work()
            mine.status, mine.body = response.status_code, bytes(response.body)
        finally:
            if mine.status is None:
                del self._kept[key]
        return response

    def forget(self) -> None:
        """Forget all keys."""
        self._kept.clear()

    def _again(self, kept: _Kept, digest: str) -> Response:
        if kept.digest != digest:
            return self.habit.mismatch()
        if kept.status is None:
            return self.habit.running()
        return Response(
            kept.body, kept.status, media_type="application/json", headers={self.habit.replay_header: "true"}
        )


def said(status: int, body: Mapping[str, Any], *, retry_after_s: int | None = None) -> Callable[[], Response]:
    """Make a function that returns one JSON answer."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return lambda: JSONResponse(dict(body), status, headers=headers)
