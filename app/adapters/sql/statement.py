"""Statement in SQL: orders and corrections in the order of their days, then the other paid calls, a page at a time."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, case, func, literal, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.columns import IS_TOLD
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger_queries import amount
from app.adapters.sql.tables import PaidCallRow, RecordRow, RenderRow, TurnRow
from app.rendering.ledger.calls import CallState
from app.rendering.ledger.port import PAGE_ROWS
from app.rendering.ledger.records import CORRECTED, REJECTED_CODES, RELEASE_SCOPE, RUN_SCOPE, scope_in
from app.rendering.ledger.statement import StatementLine, line_status, provider_job
from app.rendering.ledger.states import BeginSubmit
from app.store.labels import Labels

_RECORDS: Table = RecordRow.__table__  # type: ignore[attr-defined]
_RENDERS: Table = RenderRow.__table__  # type: ignore[attr-defined]
_CALLS: Table = PaidCallRow.__table__  # type: ignore[attr-defined]
_TURNS: Table = TurnRow.__table__  # type: ignore[attr-defined]
_C, _R, _P, _T = _RECORDS.c, _RENDERS.c, _CALLS.c, _TURNS.c

_IS_LINE = or_((_C.event == BeginSubmit.__name__) & (_C.reserved_micros > 0), _C.event == CORRECTED)


class SqlStatement:
    """Statement of a ledger on SQLite or PostgreSQL."""

    def __init__(self, database: Database, *, page_rows: int = PAGE_ROWS) -> None:
        self._database, self._page_rows = database, page_rows

    async def pages(
        self, *, since: date | None = None, until: date | None = None
    ) -> AsyncIterator[tuple[StatementLine, ...]]:
        """Yield the lines of the days between two, both included, oldest first; no more than a page is in memory.

        All pages are of one moment, so that their sum is one of the ledger's.
        """
        async with self._database.reading() as connection:
            if not self._database.is_sqlite:  # SQLite's transactions see one moment anyway
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            async for rows in self._rows(connection, _orders().where(*_within(_C.day, since, until)), (_C.day, _C.id)):
                yield await _lines(connection, rows)
            calls = select(_CALLS).where(_P.estimated_micros > 0, *_within(_P.day, since, until))
            async for rows in self._rows(connection, calls, (_P.day, _P.at, _P.id)):
                yield tuple(_call(row) for row in rows)

    async def told(self, *, since: date, until: date | None = None) -> AsyncIterator[tuple[StatementLine, ...]]:
        """Yield the orders of these days on whose bill the provider has said something, in pages."""
        told = _RECORDS.alias("told")
        tokens = select(told.c.token).where(IS_TOLD, *_within(told.c.day, since, until))
        async with self._database.reading() as connection:
            async for rows in self._rows(connection, _orders().where(_C.token.in_(tokens)), (_C.day, _C.id)):
                yield tuple(line for line in await _lines(connection, rows) if line.kind == "film")

    async def plays(self, *, since: date | None = None, until: date | None = None) -> int:
        """Count the turns of these days, as far as they are kept, that a stored clip answered."""
        first = () if since is None else (_T.asked_at >= _midnight(since),)
        last = () if until is None else (_T.asked_at < _midnight(until + timedelta(days=1)),)
        played = select(func.count()).where(_T.outcome == "answered", _T.clip.is_not(None), *first, *last)
        async with self._database.reading() as connection:
            return int((await connection.execute(played)).scalar_one())

    async def _rows(
        self, connection: AsyncConnection, query: Select[Any], place: Sequence[ColumnElement[Any]]
    ) -> AsyncIterator[Sequence[RowMapping]]:
        page = query.order_by(*place).limit(self._page_rows)
        rows = (await connection.execute(page)).mappings().all()
        while rows:
            yield rows
            rows = (await connection.execute(page.where(_comes_after(place, rows[-1])))).mappings().all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _orders() -> Select[Any]:
    return select(_RECORDS, _R.model, _R.labels).join(_RENDERS, _R.id == _C.render_id).where(_IS_LINE)


def _within(day: ColumnElement[Any], since: date | None, until: date | None) -> tuple[ColumnElement[bool], ...]:
    first = () if since is None else (day >= since,)
    return first if until is None else (*first, day <= until)


def _comes_after(place: Sequence[Any], row: RowMapping) -> ColumnElement[bool]:
    last = tuple_(*(literal(row[column.name], column.type) for column in place))
    later: ColumnElement[bool] = tuple_(*place) > last
    return and_(later, place[0] >= row["day"])  # for the index


def _call(row: RowMapping) -> StatementLine:
    scopes, used = row["scopes"], {row["unit"]: row["units_in"]}
    release = scope_in(scopes, RELEASE_SCOPE)
    spent = amount(row["charged_micros"])
    reserved = amount(row["estimated_micros"] if row["state"] == CallState.RESERVED.value else 0)
    return StatementLine(
        **{name: row[name] for name in ("day", "kind", "id", "provider", "model", "intent", "currency")},
        job=row["request_id"],
        locale="",
        seconds=used.get("seconds"),
        characters=used.get("characters"),
        tokens_in=used.get("tokens"),
        tokens_out=row["units_out"] if "tokens" in used else None,
        amount=spent,
        reserved=reserved,
        provider_charged=None,
        provider_seconds=None,
        run=scope_in(scopes, RUN_SCOPE) or "",
        release=int(release) if release else None,
        status=line_status(amount=spent, reserved=reserved, refused=False),
        note="",
    )


async def _lines(connection: AsyncConnection, rows: Sequence[RowMapping]) -> tuple[StatementLine, ...]:
    tokens = [row["token"] for row in rows if row["event"] != CORRECTED]
    sums = {row["token"]: row for row in (await connection.execute(_sums(tokens))).mappings()}
    return tuple(_correction(row) if row["event"] == CORRECTED else _order(row, sums[row["token"]]) for row in rows)


def _sums(tokens: Sequence[str]) -> Select[Any]:
    """Query the money and the news of these orders: all that happened under their tokens, corrections apart."""
    refused = func.max(case((_C.code.in_(sorted(REJECTED_CODES)) & (_C.spent_micros > 0), 1), else_=0))
    return (
        select(
            _C.token,
            func.sum(_C.spent_micros).label("spent"),
            func.sum(_C.reserved_micros).label("reserved"),
            func.max(_C.request_id).label("request_id"),
            func.max(_C.provider_charged_micros).label("provider_charged_micros"),
            func.max(_C.provider_seconds).label("provider_seconds"),
            refused.label("refused"),
        )
        .where(_C.token.in_(tokens), _C.event != CORRECTED)
        .group_by(_C.token)
    )


def _order(row: RowMapping, sums: RowMapping) -> StatementLine:
    spent, reserved = amount(int(sums["spent"])), amount(int(sums["reserved"]))
    charged, words = sums["provider_charged_micros"], Labels.from_json(row["labels"]).text
    return StatementLine(
        **_shared(row),
        kind="film",
        job=provider_job(sums["request_id"]),
        seconds=row["seconds"],
        characters=None if words is None else len(words),
        amount=spent,
        reserved=reserved,
        provider_charged=None if charged is None else amount(charged),
        provider_seconds=sums["provider_seconds"],
        status=line_status(amount=spent, reserved=reserved, refused=bool(sums["refused"])),
        note="",
    )


def _correction(row: RowMapping) -> StatementLine:
    return StatementLine(
        **_shared(row),
        kind="correction",
        job=provider_job(row["request_id"]),
        seconds=None,
        characters=None,
        amount=amount(row["spent_micros"]),
        reserved=Decimal(0),
        provider_charged=None,
        provider_seconds=None,
        status="booked",
        note=row["note"] or "",
    )


def _shared(row: RowMapping) -> dict[str, Any]:
    names = ("day", "provider", "model", "intent", "currency", "release")
    locale = Labels.from_json(row["labels"]).locale or ""
    return {name: row[name] for name in names} | {"id": row["render_id"], "locale": locale, "run": row["run"] or ""}
