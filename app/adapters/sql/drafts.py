"""Drafts in SQL. A draft and the release that it becomes are one transaction, so of many nodes one publishes it."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.engine import Database
from app.adapters.sql.release_tables import DraftRow
from app.adapters.sql.releases import add_release, next_number
from app.adapters.sql.retry import unbroken
from app.audit import Act
from app.authoring.releases.drafts import Draft, DraftContent, DraftDeed, draft_conflict, missing_draft, saved_draft
from app.catalog.releases import CurrentRelease, ReleaseDraft, conflict
from app.digest import Digest

_DRAFTS: Table = DraftRow.__table__  # type: ignore[attr-defined]
_D = _DRAFTS.c
_LIGHT = tuple(column for column in _DRAFTS.columns if column.name not in {"keys", "pack"})
"""Columns without the large ones."""


class SqlDrafts:
    """Drafts on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def save(self, name: str, content: DraftContent, *, by: str, at: datetime, seen: int) -> Draft:
        """Insert the row, or replace the one that was seen."""
        draft = saved_draft(name, content, by=by, at=at, revision=seen + 1)
        values = _values(draft) | {"keys": list(content.release.keys), "pack": content.release.pack}
        try:
            async with self._database.writing() as connection:
                if seen:
                    await _update(connection, name, seen, values)
                else:
                    await connection.execute(insert(_DRAFTS).values(**values))
                await _note(connection, draft, "saved", by=by, at=at)
        except IntegrityError:
            raise draft_conflict(name, seen) from None
        return draft

    @unbroken
    async def get(self, name: str) -> Draft:
        """Read one row, without its bytes."""
        async with self._database.reading() as connection:
            return await _draft(connection, name)

    @unbroken
    async def content(self, name: str) -> ReleaseDraft:
        """Read the whole row."""
        async with self._database.reading() as connection:
            return await _content(connection, name)

    @unbroken
    async def list(self) -> tuple[Draft, ...]:
        """Read all rows, without their bytes."""
        done = _D.state == "published"
        since = case((done, _D.made_at))
        async with self._database.reading() as connection:
            rows = await connection.execute(select(*_LIGHT).order_by(done, since.desc(), _D.name))
            return tuple(_of(row) for row in rows.mappings())

    @unbroken
    async def due(self, now: datetime) -> tuple[Draft, ...]:
        """Read the rows whose time has come."""
        waiting = select(*_LIGHT).where(_D.state == "open", _D.publish_at <= now).order_by(_D.publish_at, _D.name)
        async with self._database.reading() as connection:
            return tuple(_of(row) for row in (await connection.execute(waiting)).mappings())

    @unbroken
    async def put(self, draft: Draft, deed: DraftDeed, *, by: str, at: datetime) -> Draft:
        """Update the row that was seen."""
        changed = replace(draft, revision=draft.revision + 1)
        async with self._database.writing() as connection:
            await _update(connection, draft.name, draft.revision, _values(changed))
            await _note(connection, changed, deed, by=by, at=at)
        return changed

    @unbroken
    async def drop(self, name: str, *, by: str, at: datetime, seen: int) -> None:
        """Delete the row that was seen."""
        async with self._database.writing() as connection:
            draft = await _draft(connection, name)
            gone = await connection.execute(delete(_DRAFTS).where(_D.name == name, _D.revision == seen))
            if gone.rowcount != 1:
                raise draft_conflict(name, seen)
            await _note(connection, draft, "dropped", by=by, at=at)

    @unbroken
    async def publish(self, draft: Draft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Update the row that was seen, and insert the release and its step."""
        try:
            async with self._database.writing() as connection:
                found, content = await _draft(connection, draft.name), await _content(connection, draft.name)
                if found.state == "published":
                    raise draft_conflict(draft.name, draft.revision)
                number = await next_number(connection)
                done = {"state": "published", "revision": draft.revision + 1, "failure": "", "release": number}
                await _update(connection, draft.name, draft.revision, done)
                told = {"draft": found.name, "made_by": found.made_by, "approved_by": found.approved_by or ""}
                return await add_release(connection, content, by=by, at=at, after=after, told=told)
        except IntegrityError:
            raise conflict(after) from None

    @unbroken
    async def pinned(self) -> frozenset[Digest]:
        """Read the keys of those that are not published."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(_D["keys"]).where(_D.state != "published"))).scalars()
            return frozenset(Digest(key) for keys in found for key in keys)


async def _update(connection: AsyncConnection, name: str, seen: int, values: dict[str, Any]) -> None:
    """Update the row of this revision; else tell what is wrong."""
    known = (_D.name == name, _D.revision == seen)
    if (await connection.execute(update(_DRAFTS).where(*known).values(**values))).rowcount == 1:
        return
    await _draft(connection, name)
    raise draft_conflict(name, seen)


async def _draft(connection: AsyncConnection, name: str) -> Draft:
    row = (await connection.execute(select(*_LIGHT).where(_D.name == name))).mappings().one_or_none()
    if row is None:
        raise missing_draft(name)
    return _of(row)


async def _content(connection: AsyncConnection, name: str) -> ReleaseDraft:
    row = (await connection.execute(select(_DRAFTS).where(_D.name == name))).mappings().one_or_none()
    if row is None:
        raise missing_draft(name)
    keys = tuple(Digest(key) for key in row["keys"])
    head = (Digest(row["catalog"]), row["title"], row["intents"])
    return ReleaseDraft(*head, keys, bytes(row["pack"]), row["message"])


async def _note(connection: AsyncConnection, draft: Draft, deed: DraftDeed, *, by: str, at: datetime) -> None:
    details: dict[str, str | int] = {"revision": draft.revision, "catalog": draft.catalog, "note": draft.message}
    if deed == "scheduled" and draft.publish_at:
        details["publish_at"] = draft.publish_at.isoformat()
    if deed == "failed":
        details["failure"] = draft.failure[:300]
    await add_act(connection, Act(at, by, f"draft.{deed}", f"draft {draft.name}", details))


def _values(draft: Draft) -> dict[str, Any]:
    return asdict(draft)


def _of(row: RowMapping) -> Draft:
    values: dict[str, Any] = dict(row)
    return Draft(**values | {"catalog": Digest(row["catalog"])})
