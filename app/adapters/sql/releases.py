"""Releases in SQL. A step's number is its key, so of two simultaneous changes one is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.engine import Database
from app.adapters.sql.release_tables import ReleaseRow, ReleaseStepRow
from app.adapters.sql.retry import unbroken
from app.audit import Act
from app.catalog.releases import CurrentRelease, Deed, PublishedRelease, ReleaseDraft, conflict, missing_release
from app.digest import Digest

_RELEASES: Table = ReleaseRow.__table__  # type: ignore[attr-defined]
_STEPS: Table = ReleaseStepRow.__table__  # type: ignore[attr-defined]
_R, _S = _RELEASES.c, _STEPS.c
_LIGHT = tuple(column for column in _RELEASES.columns if column.name not in {"keys", "pack"})
"""Columns without the large ones."""

_ACTIONS: dict[Deed, str] = {"published": "release.published", "used again": "release.used"}
"""Action in the audit log for each deed."""


class SqlReleases:
    """Releases on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def publish(self, draft: ReleaseDraft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Insert the release and its step in one transaction."""
        try:
            async with self._database.writing() as connection:
                return await add_release(connection, draft, by=by, at=at, after=after)
        except IntegrityError:
            raise conflict(after) from None

    @unbroken
    async def use(self, number: int, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Insert a step."""
        try:
            async with self._database.writing() as connection:
                release = await _release(connection, number)
                return await _step(connection, release, "used again", at=at, by=by, after=after)
        except IntegrityError:
            raise conflict(after) from None

    @unbroken
    async def current(self) -> CurrentRelease | None:
        """Read the last step."""
        found = await self.steps(limit=1)
        return found[0] if found else None

    @unbroken
    async def get(self, number: int) -> PublishedRelease:
        """Read one row, without its bytes."""
        async with self._database.reading() as connection:
            return await _release(connection, number)

    @unbroken
    async def pack(self, number: int) -> bytes:
        """Read its bytes."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(_R.pack).where(_R.number == number))).scalar_one_or_none()
        if found is None:
            raise missing_release(number)
        return bytes(found)

    @unbroken
    async def list(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[PublishedRelease, ...]:
        """Read a page."""
        page = select(*_LIGHT).order_by(_R.number.desc()).limit(limit).offset(offset)
        page = page if before is None else page.where(_R.number < before)
        async with self._database.reading() as connection:
            return tuple(PublishedRelease(**row) for row in (await connection.execute(page)).mappings())

    @unbroken
    async def steps(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[CurrentRelease, ...]:
        """Read a page of steps with their releases."""
        page = _steps_query().limit(limit).offset(offset)
        page = page if before is None else page.where(_S.step < before)
        async with self._database.reading() as connection:
            return tuple(_current_release(row) for row in (await connection.execute(page)).mappings())

    @unbroken
    async def pinned(self) -> frozenset[Digest]:
        """Read the keys of all."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(_R["keys"]))).scalars()
            return frozenset(Digest(key) for keys in found for key in keys)


async def next_number(connection: AsyncConnection) -> int:
    """Return the number of the next release."""
    return 1 + await _number(connection, select(func.max(_R.number)))


async def add_release(
    connection: AsyncConnection,
    draft: ReleaseDraft,
    *,
    by: str,
    at: datetime,
    after: int,
    told: Mapping[str, str] | None = None,
) -> CurrentRelease:
    """Insert a release and its step into the open transaction, of which it is the last statement.

    `told` are further details of its row in the audit log.

    Raises:
        ReleaseConflictError: another change came in between.
    """
    number = await next_number(connection)
    release = PublishedRelease(number, draft.catalog, draft.name, draft.intents, draft.note, at, by)
    values = {column.name: getattr(release, column.name) for column in _LIGHT}
    await connection.execute(insert(_RELEASES).values(**values, keys=list(draft.keys), pack=draft.pack))
    return await _step(connection, release, "published", at=at, by=by, after=after, told=told)


def _steps_query() -> Select[Any]:
    steps = (_S.step, _S.deed, _S.at, _S.by)
    return select(*steps, *_LIGHT).join_from(_STEPS, _RELEASES, _S.number == _R.number).order_by(_S.step.desc())


async def _step(  # noqa: PLR0913 - a release, and who makes it current
    connection: AsyncConnection,
    release: PublishedRelease,
    deed: Deed,
    *,
    at: datetime,
    by: str,
    after: int,
    told: Mapping[str, str] | None = None,
) -> CurrentRelease:
    """Add the step that follows `after`, which must be the newest."""
    if await _number(connection, select(func.max(_S.step))) != after:
        raise conflict(after)
    values = {"step": after + 1, "number": release.number, "deed": deed, "at": at, "by": by}
    await connection.execute(insert(_STEPS).values(**values))
    details: dict[str, str | int] = {"step": after + 1, "catalog": release.catalog, "note": release.note}
    details |= told or {}
    await add_act(connection, Act(at, by, _ACTIONS[deed], f"release {release.number}", details))
    return CurrentRelease(after + 1, release, deed, at, by)


async def _release(connection: AsyncConnection, number: int) -> PublishedRelease:
    row = (await connection.execute(select(*_LIGHT).where(_R.number == number))).mappings().one_or_none()
    if row is None:
        raise missing_release(number)
    return PublishedRelease(**row)


async def _number(connection: AsyncConnection, query: Select[Any]) -> int:
    """Return the query's number, or 0 where there is none yet."""
    return int((await connection.execute(query)).scalar_one() or 0)


def _current_release(row: RowMapping) -> CurrentRelease:
    values = dict(row)
    step, deed, at, by = (values.pop(name) for name in ("step", "deed", "at", "by"))
    return CurrentRelease(step, PublishedRelease(**values), deed, at, by)
