"""Audit log in SQL.

A row is added in the transaction of the change that it records, one transaction at a time.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Table, false, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database, audit_keys_of, one_at_a_time
from app.adapters.sql.retry import unbroken
from app.adapters.sql.tables import AuditLogRow
from app.audit import START, Act, AuditRow, Chain, ChainCheck, chained, same

_AUDIT: Table = AuditLogRow.__table__  # type: ignore[attr-defined]
_A = _AUDIT.c
_NEWEST = select(_A.number, _A.digest).order_by(_A.number.desc()).limit(1)
_ADD = insert(_AUDIT)

_LOCK = 0x67726E61
"""Key of PostgreSQL's advisory lock that lets one transaction at a time append to the audit log.

Any constant.
"""

_PAGE = 1000


class SqlAudit:
    """Audit log on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def append(self, act: Act, *, once: bool = False) -> None:
        """Add a row in a transaction of its own."""
        async with self._database.writing() as connection:
            await add_act(connection, act, once=once)

    @unbroken
    async def list(
        self, *, actions: Iterable[str] = (), since: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[AuditRow, ...]:
        """Read a page."""
        page = select(_AUDIT).order_by(_A.number.desc()).limit(limit).offset(offset)
        wanted = tuple(actions)
        page = page.where(_is_one_of(wanted)) if wanted else page
        page = page if since is None else page.where(_A.at >= since)
        async with self._database.reading() as connection:
            return tuple(_row(row) for row in (await connection.execute(page)).mappings())

    @unbroken
    async def newest(self, *, actions: Iterable[str]) -> tuple[AuditRow, ...]:
        """Group by subject and read the newest row of each group."""
        numbers = select(func.max(_A.number).label("newest"), func.min(_A.number).label("oldest"))
        ends = numbers.where(_is_one_of(actions)).group_by(_A.subject).subquery()
        rows = select(_AUDIT).join(ends, _A.number == ends.c.newest).order_by(ends.c.oldest)
        async with self._database.reading() as connection:
            return tuple(_row(row) for row in (await connection.execute(rows)).mappings())

    @unbroken
    async def verify(self) -> ChainCheck:
        """Read all rows in one transaction, a page at a time."""
        chain, last = Chain(self._database.audit_keys), -1
        async with self._database.reading() as connection:
            while True:
                page = select(_AUDIT).where(_A.number > last).order_by(_A.number).limit(_PAGE)
                rows = [_row(row) for row in (await connection.execute(page)).mappings()]
                if not rows or not all(chain.take(row) for row in rows):
                    return chain.ended()
                last = rows[-1].number


def _is_one_of(actions: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that the action is one of these, as `within` does; without actions it is false."""
    wanted = tuple(actions)
    nouns = [_A.action.startswith(f"{one}.", autoescape=True) for one in wanted if "." not in one]
    return or_(_A.action.in_(wanted), *nouns) if wanted else false()


async def add_act(connection: AsyncConnection, act: Act, *, once: bool = False) -> None:
    """Add a row to the open transaction.

    It must be the transaction's last statement: on PostgreSQL other writers wait until it ends.
    """
    await one_at_a_time(connection, _LOCK)
    if once and await _is_there(connection, act):
        return
    last = (await connection.execute(_NEWEST)).one_or_none()
    number, previous = (last.number + 1, last.digest) if last else (1, START)
    row = chained(act, number=number, previous=previous, keys=audit_keys_of(connection))
    content = {
        "at": act.at,
        "actor": act.actor,
        "action": act.action,
        "subject": act.subject,
        "details": dict(act.details),
    }
    await connection.execute(_ADD, {**content, "number": number, "previous": previous, "digest": row.digest})


async def _is_there(connection: AsyncConnection, act: Act) -> bool:
    same_subject = select(_AUDIT).where(_A.action == act.action, _A.subject == act.subject)
    return any(same(_row(row).act, act) for row in (await connection.execute(same_subject)).mappings())


def _row(row: RowMapping) -> AuditRow:
    values = dict(row)
    number, previous, digest = (values.pop(name) for name in ("number", "previous", "digest"))
    return AuditRow(number, Act(**values), previous, digest)
