"""Look-ups and writes of a provider's webhooks: those that come during a transaction share the next one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.renders import RENDERS, render_of
from app.adapters.sql.tables import HookRow, RecordRow
from app.adapters.sql.turn_log import GroupCommit
from app.rendering.ledger.records import Hook
from app.rendering.ledger.states import Render

_RECORDS: Table = RecordRow.__table__  # type: ignore[attr-defined]
_HOOKS: Table = HookRow.__table__  # type: ignore[attr-defined]
_R, _H = RENDERS.c, _HOOKS.c
_KEY = ("provider", "token", "request_id", "state")


@dataclass(slots=True)
class _Wanted:
    """Render that somebody waits for, by a token or by a provider and its id; the answer is put in here."""

    key: tuple[str, ...]
    render: Render | None = None


@dataclass(slots=True)
class _Kept:
    """Webhook to be stored, and whether it was new."""

    hook: Hook
    fresh: bool = False


class IncomingWebhooks:
    """Webhooks of a ledger on SQLite or PostgreSQL; errors are those of a single transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_token(self, token: str) -> Render | None:
        """Find the render that has the token, else the one that had it."""
        wanted = _Wanted((token,))
        await self._tokens.write(wanted)
        return wanted.render

    async def by_request(self, provider: str, request_id: str) -> Render | None:
        """Find the newest render of a provider's job."""
        wanted = _Wanted((provider, request_id))
        await self._requests.write(wanted)
        return wanted.render

    async def keep(self, hook: Hook) -> bool:
        """Store a webhook unless it is there; return whether it was new, once it is committed."""
        kept = _Kept(hook)
        await self._hooks.write(kept)
        return kept.fresh

    @cached_property
    def _tokens(self) -> GroupCommit[_Wanted]:
        return GroupCommit(self._find_tokens)

    @cached_property
    def _requests(self) -> GroupCommit[_Wanted]:
        return GroupCommit(self._find_requests)

    @cached_property
    def _hooks(self) -> GroupCommit[_Kept]:
        return GroupCommit(self._keep_all)

    async def _find_tokens(self, wanted: Sequence[_Wanted]) -> None:
        async with self._database.reading() as connection:
            having = select(RENDERS).where(_R.token.in_(_each(wanted, 0)))
            await _fill(connection, having, wanted, lambda row: (row["token"],))
            if missing := [one for one in wanted if one.render is None]:
                had = select(*RENDERS.columns, _RECORDS.c.token.label("had_token")).join_from(
                    RENDERS, _RECORDS, _RECORDS.c.render_id == _R.id
                )
                had = had.where(_RECORDS.c.token.in_(_each(missing, 0)))
                await _fill(connection, had, missing, lambda row: (row["had_token"],))

    async def _find_requests(self, wanted: Sequence[_Wanted]) -> None:
        async with self._database.reading() as connection:
            for provider in _each(wanted, 0):
                ours = [one for one in wanted if one.key[0] == provider]
                theirs = select(RENDERS).where(_R.provider == provider, _R.provider_request_id.in_(_each(ours, 1)))
                oldest_first = theirs.order_by(_R.created_at, _R.id)
                await _fill(connection, oldest_first, ours, lambda row: (row["provider"], row["provider_request_id"]))

    async def _keep_all(self, kept: Sequence[_Kept]) -> None:
        async with self._database.writing() as connection:
            values = [{field.name: getattr(one.hook, field.name) for field in fields(Hook)} for one in kept]
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            statement = insert(_HOOKS).on_conflict_do_nothing().returning(*(_H[name] for name in _KEY))
            new = {tuple(row) for row in await connection.execute(statement, values)}
        for one in kept:
            key = tuple(getattr(one.hook, name) for name in _KEY)
            one.fresh = key in new
            new.discard(key)


def _each(wanted: Iterable[_Wanted], at: int) -> list[str]:
    return sorted({one.key[at] for one in wanted})


async def _fill(
    connection: AsyncConnection, query: Select[Any], wanted: Iterable[_Wanted], key: Callable[[Any], tuple[str, ...]]
) -> None:
    """Put into each its render; of several the last one."""
    found = {key(row): row for row in (await connection.execute(query)).mappings()}
    for one in wanted:
        row = found.get(one.key)
        one.render = None if row is None else render_of({name: row[name] for name in RENDERS.columns.keys()})  # noqa: SIM118
