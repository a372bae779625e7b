"""Retention: deletes expired transcripts, and sessions that nobody can resume."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.conversation.erasing.eraser import Eraser
from app.conversation.ports import Clock
from app.conversation.protocol.rules import RESUME_S
from app.conversation.session_store import TOUCH_EVERY, SessionStore
from app.errors import StateUnavailableError, StoreError
from app.learning.turn_log import TurnLog
from app.rendering.work.film_erasing import FilmEraser
from app.text import forget_texts

log = structlog.get_logger()

EVERY_S = 600.0
_LEAST = timedelta(days=1)
"""Shortest life of an ended session's token hash: its visitor may still erase the session."""


_MARKED_FOR = timedelta(days=2)
"""Time for which an erased session, and a film that is to be gone, is known: longer than any work of theirs."""


async def tidy(turns: TurnLog, sessions: SessionStore, eraser: Eraser, *, clock: Clock, days: int) -> None:
    """Delete expired turns and sessions, films that nobody has asked for as long, and what was stored late.

    Raises:
        StateUnavailableError, SQLAlchemyError, StoreError: the database or the store does not answer; the next run
            goes on.
    """
    now = clock.now()
    stored_for = timedelta(days=days)
    forgotten = await turns.forget(before=now - stored_for)
    dead_before = now - timedelta(seconds=RESUME_S) - 2 * TOUCH_EVERY
    swept = await sessions.sweep(dead_before=dead_before, forget_before=now - max(stored_for, _LEAST))
    films = await eraser.finish(expired_before=now - max(stored_for, _LEAST), swept_before=now - _MARKED_FOR, now=now)
    if forgotten or swept or films:
        log.info("upkeep.done", turns=forgotten, sessions=swept, films=films)


async def keep_tidy(
    turns: TurnLog,
    sessions: SessionStore,
    eraser: Eraser,
    *,
    clock: Clock,
    days: int,
    forget_words: Callable[[], None] = forget_texts,
) -> None:
    """Tidy at once, then every ten minutes, for ever; no cache of this process keeps words for longer."""
    while True:
        try:
            await tidy(turns, sessions, eraser, clock=clock, days=days)
        except (StateUnavailableError, SQLAlchemyError, StoreError) as error:
            log.warning("upkeep.failed", error=str(error)[:200])
        forget_words()
        await asyncio.sleep(EVERY_S)


async def keep_scratch_swept(films: FilmEraser, *, every_s: float = EVERY_S) -> NoReturn:
    """Delete at once, then every ten minutes, what erased films have left with a process that serves nobody."""
    while True:
        try:
            await films.sweep_scratch()
        except (StateUnavailableError, SQLAlchemyError, OSError) as error:
            log.warning("upkeep.failed", error=str(error)[:200])
        forget_texts()
        await asyncio.sleep(every_s)
