"""Attempt of a piece of work that may fail without taking a session down."""

import logging
from collections.abc import Awaitable, Callable

from app.errors import GreenroomError

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
