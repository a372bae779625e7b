"""Segments of turns: columns of a few thousand turns each, made once and counted by whoever shows a page.

Turns of the last minutes are in none. A segment is declared first, empty, and filled then; a turn that changes
empties its segment in the same transaction. So what is filled is never older than the turns.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, case, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database, one_at_a_time
from app.adapters.sql.question_tables import TurnSegmentRow
from app.adapters.sql.questions.filters import TURNS
from app.learning.questions.columns import TurnFacts
from app.learning.questions.identity import question_id
from app.learning.turn_log import result_of

SEGMENTS: Table = TurnSegmentRow.__table__  # type: ignore[attr-defined]
_T, _G = TURNS.c, SEGMENTS.c

SIZE = 4096
"""Turns of a segment: about as many are read one by one for a page."""

SETTLED = timedelta(minutes=10)
"""Age, beside the newest turn, from which a turn may be in a segment: younger ones are still rated and stopped."""

_LOCK = 0x67726E73
"""Key of PostgreSQL's advisory lock: whoever declares a segment has it alone, whoever changes turns shares it."""

_FACTS = (
    _T.asked_at,
    _T.locale,
    _T.question_id,
    case((_T.question_id.is_(None), _T.question)).label("question"),
    _T.session,
    _T.outcome,
    _T.answered_by,
    _T.chosen,
    _T.score,
    _T.intent,
    _T.nearest,
    _T.topic,
    _T.release,
)


async def declare(database: Database) -> None:
    """Declare segments for the turns that have settled, if there are enough of them."""
    async with database.reading() as connection:
        last = await _last(connection)
        ends = await _ends(connection, last)
    if not ends:
        return
    async with database.writing() as connection:
        await one_at_a_time(connection, _LOCK)
        if await _last(connection) == last:  # else another node was faster
            await connection.execute(insert(SEGMENTS), [{"until": end, "version": 1, "names": []} for end in ends])


async def facts(connection: AsyncConnection, since: datetime | None, until: datetime | None) -> list[TurnFacts]:
    """Read what is counted of the turns of a time, oldest first."""
    found = select(*_FACTS).order_by(_T.asked_at)
    rows = await connection.execute(_between(found, since, until))
    return [
        TurnFacts(
            asked_at,
            known or question_id(locale, question),
            session,
            result_of(outcome, by, chosen),
            score,
            intent,
            nearest,
            topic,
            locale,
            release,
        )
        for (
            asked_at,
            locale,
            known,
            question,
            session,
            outcome,
            by,
            chosen,
            score,
            intent,
            nearest,
            topic,
            release,
        ) in rows
    ]


async def fill(database: Database, until: datetime, version: int, turns: bytes, names: Sequence[str]) -> None:
    """Store what was read for a segment, unless a turn of it changed since its version was read."""
    filled = update(SEGMENTS).where(_G.until == until, _G.version == version)
    async with database.writing() as connection:
        await connection.execute(filled.values(turns=turns, names=list(names)))


async def unsettle(connection: AsyncConnection, asked_at: Iterable[datetime]) -> None:
    """Empty the segments of turns asked at these times: after the turns' change, in its transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _LOCK})
    last = await _last(connection)
    old = [at for at in asked_at if last is not None and at < last]
    if not old:
        return
    ends = list((await connection.execute(select(_G.until).where(_G.until > min(old)).order_by(_G.until))).scalars())
    await _empty(connection, sorted({ends[bisect_right(ends, at)] for at in old}))


async def forget_segments(connection: AsyncConnection, before: datetime) -> None:
    """Delete the segments of turns asked before this time; those are deleted already, in the same transaction."""
    await unsettle(connection, [before - timedelta(microseconds=1)])
    await connection.execute(delete(SEGMENTS).where(_G.until <= before))


async def miscounted(connection: AsyncConnection, segments: Sequence[tuple[datetime, int]]) -> list[datetime]:
    """Return the ends of those segments that have another number of turns than was told.

    A version before this one writes turns and knows no segments.
    """
    found, since = [], None
    for until, turns in segments:
        counted = _between(select(func.count()).select_from(TURNS), since, until)
        if await connection.scalar(counted) != turns:
            found.append(until)
        since = until
    return found


async def mend(database: Database, ends: Sequence[datetime]) -> None:
    """Empty the segments with these ends, so that they are filled again."""
    async with database.writing() as connection:
        await _empty(connection, ends)


async def _empty(connection: AsyncConnection, ends: Sequence[datetime]) -> None:
    """Empty segments; they are locked in order first, so that two writers never wait for each other."""
    some = _G.until.in_(ends)
    await connection.execute(select(_G.until).where(some).order_by(_G.until).with_for_update())
    await connection.execute(update(SEGMENTS).where(some).values(version=_G.version + 1, turns=None, names=[]))


async def _last(connection: AsyncConnection) -> datetime | None:
    found: datetime | None = await connection.scalar(select(func.max(_G.until)))
    return found


async def _ends(connection: AsyncConnection, last: datetime | None) -> list[datetime]:
    """Return the ends of the segments to declare after the last one."""
    newest: datetime | None = await connection.scalar(select(func.max(_T.asked_at)))
    found: list[datetime] = []
    while newest is not None:
        end = await connection.scalar(_nth(last, SIZE))
        if end is not None and end == last:  # so many at one moment
            end = await connection.scalar(select(func.min(_T.asked_at)).where(_T.asked_at > end))
        if end is None or end > newest - SETTLED:
            break
        found.append(end)
        last = end
    return found


def _nth(since: datetime | None, number: int) -> Select[Any]:
    return _between(select(_T.asked_at), since, None).order_by(_T.asked_at).limit(1).offset(number)


def _between(found: Select[Any], since: datetime | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        found = found.where(_T.asked_at >= since)
    return found if until is None else found.where(_T.asked_at < until)
