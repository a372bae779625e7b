"""Attempt of a piece of work that may fail without taking a session down."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.errors import GreenroomError

T = TypeVar("T")

_log = logging.getLogger(__name__)

BROKE = "Something broke while answering; ask again."


async def attempt(job: Callable[[], Awaitable[None]], work: str) -> GreenroomError | None:
    """Run a job; return its error. An unexpected error is logged with its traceback and returned without."""
    try:
        await job()
    except GreenroomError as error:
        _log.warning("conversation.work_failed", extra={"work": work, "code": error.code, "reason": str(error)})
        return error
    except Exception:  # noqa: BLE001  (the edge of a job: a session survives any failure of its services)
        _log.exception("conversation.work_broke", extra={"work": work})
        return GreenroomError(BROKE)
    return None


def attempt_now(step: Callable[[], T], work: str, broke: Callable[[], T]) -> T:
    """Run a step that waits for nothing; if it breaks, log that and return what `broke` returns."""
    try:
        return step()
    except Exception:  # noqa: BLE001  (as above)
        _log.exception("conversation.work_broke", extra={"work": work})
        return broke()
