"""What the audit log is told of the authors' key: changes made with it, and changes tried without it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from fastapi import Request

from app.catalog.audit import API_KEY, SYSTEM, Act, AuditLog
from app.errors import AccessError

log = structlog.get_logger()

_READS = {"/v1/match"}
"""A POST that changes nothing."""

ROW_EVERY = timedelta(minutes=1)
"""How often refusals may leave a row: whoever guesses keys shall not fill a log that nothing is deleted from."""


@dataclass
class KeyWatch:
    """Tells of both; the key itself, and where it came from, stay out."""

    audit: AuditLog
    clock: Callable[[], datetime]
    _refused: int = 0
    _row_at: datetime | None = None

    async def used(self, request: Request) -> None:
        """A change is about to be made: without its row it is not."""
        if _changes(request):
            await self.audit.append(Act(self.clock(), API_KEY, "key.used", _route(request)))

    async def refused(self, request: Request) -> None:
        """A change was tried; the refusal stands whether or not this can be written down.

        Raises:
            AccessError: it could not be.
        """
        if not _changes(request):
            return
        self._refused += 1
        now = self.clock()
        if self._row_at is not None and now - self._row_at < ROW_EVERY:
            return
        count, self._refused, self._row_at = self._refused, 0, now
        try:
            await self.audit.append(Act(now, SYSTEM, "key.refused", _route(request), {"times": count}))
        except Exception as error:
            log.warning("audit.failed", error=type(error).__name__)
            raise no_access() from error


def no_access() -> AccessError:
    """The refusal."""
    return AccessError("This route needs an API key in the `X-API-Key` header.")


def _changes(request: Request) -> bool:
    return request.method not in {"GET", "HEAD"} and request.scope["route"].path not in _READS


def _route(request: Request) -> str:
    return f"{request.method} {request.scope['route'].path}"
