"""Retention: deletes expired transcripts, and sessions that nobody can resume."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.conversation.ports import Clock
from app.conversation.protocol.rules import RESUME_S
from app.conversation.session_store import TOUCH_EVERY, SessionStore
from app.errors import StateUnavailableError
from app.learning.turn_log import TurnLog

log = structlog.get_logger()

EVERY_S = 600.0
_LEAST = timedelta(days=1)
"""Shortest life of an ended session's token hash: its visitor may still erase the session."""


async def tidy(turns: TurnLog, sessions: SessionStore, *, clock: Clock, days: int) -> None:
    """Delete expired turns and sessions.

    Raises:
        StateUnavailableError, SQLAlchemyError: the database does not answer; nothing is half done.
    """
    now = clock.now()
    stored_for = timedelta(days=days)
    forgotten = await turns.forget(before=now - stored_for)
    dead_before = now - timedelta(seconds=RESUME_S) - 2 * TOUCH_EVERY
    swept = await sessions.sweep(dead_before=dead_before, forget_before=now - max(stored_for, _LEAST))
    if forgotten or swept:
        log.info("upkeep.done", turns=forgotten, sessions=swept)


async def keep_tidy(turns: TurnLog, sessions: SessionStore, *, clock: Clock, days: int) -> None:
    """Tidy at once, then every ten minutes, for ever."""
    while True:
        try:
            await tidy(turns, sessions, clock=clock, days=days)
        except (StateUnavailableError, SQLAlchemyError) as error:
            log.warning("upkeep.failed", error=str(error)[:200])
        await asyncio.sleep(EVERY_S)
