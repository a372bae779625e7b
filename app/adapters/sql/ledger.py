"""Ledger in SQL: every transition of the state machine is one transaction, conditional on the fence."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.budgets import settle_in, spend_in
from app.adapters.sql.corrections import correct_in
from app.adapters.sql.engine import Database, one_at_a_time
from app.adapters.sql.erasing.words import forget_words_in, insert_render, raise_if_gone
from app.adapters.sql.incoming.webhooks import IncomingWebhooks
from app.adapters.sql.ledger_queries import (
    acknowledge_in,
    add_record,
    count_orphans,
    history_of,
    hooks_of,
    models_in,
    orphans_in,
    refused_in,
    spend_lines,
    totals_in,
    verdicts_on,
)
from app.adapters.sql.renders import RENDERS, render_of, renders_page, values_of
from app.adapters.sql.retry import patient
from app.audit import SYSTEM
from app.digest import digest_bytes
from app.errors import LeaseLostError, RenderNotFoundError
from app.rendering.ledger.port import (
    AT_WORK,
    HANDED_OVER,
    Cap,
    Headroom,
    PaidTries,
    ProviderSignal,
    RenderRequest,
    Spend,
    bounded,
    check_room,
    check_tries,
    paid_tries_in,
)
from app.rendering.ledger.records import Hook, Record, SpendLine, Total, acts_of, correction_act, record_of, refusal_of
from app.rendering.ledger.states import OPEN, BeginSubmit, Event, Fenced, Render, RenderState, transition

_R = RENDERS.c

_OPEN = sorted(state.value for state in OPEN)
_AT_WORK = sorted(state.value for state in AT_WORK)
_HANDED_OVER = sorted(state.value for state in HANDED_OVER)

# Statements of every step of every render: built once, so that only their values are worked on each time.
_BY_ID = select(RENDERS).where(_R.id == bindparam("render"))
_LOCKED = _BY_ID.with_for_update()
_LATEST = (
    select(RENDERS)
    .where(_R.recipe_key == bindparam("recipe"))
    .order_by(_R.state.in_(_OPEN).desc(), _R.created_at.desc(), _R.id.desc())
    .limit(1)
)
_OPEN_ONE = select(RENDERS).where(_R.recipe_key == bindparam("recipe"), _R.state.in_(_OPEN))
_CHANGE = update(RENDERS).where(
    _R.id == bindparam("was_id"), _R.fence == bindparam("was_fence"), _R.state == bindparam("was_state")
)


class SqlLedger:
    """Renders, money, records and webhooks on SQLite or PostgreSQL; `actor` is the name in the audit log."""

    def __init__(self, database: Database, *, actor: str = SYSTEM) -> None:
        self._database, self._actor = database, actor
        self._incoming = IncomingWebhooks(database)

    @patient
    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        """Return the recipe's open render or insert one; the unique index decides a race."""
        try:
            async with self._database.writing() as connection:
                found = await _open_render(connection, request.recipe_key)
                return found or await insert_render(connection, request, now, self._actor)
        except IntegrityError:
            async with self._database.reading() as connection:
                found = await _open_render(connection, request.recipe_key)
            if found is None:
                raise
            return found

    async def apply(
        self, render_id: str, event: Event, *, caps: Collection[Cap] = (), room: Headroom | None = None
    ) -> Render:
        """Read, step, write, settle the money, record and audit in one transaction."""
        return await self._apply(render_id, event, caps, room, [])

    @patient
    async def _apply(
        self, render_id: str, event: Event, caps: Collection[Cap], room: Headroom | None, intended: list[Render]
    ) -> Render:
        """Apply an event once.

        `intended`: the result of an earlier try; if the row has it, only the reply was lost.
        """
        async with self._database.writing() as connection:
            before = await _locked(connection, render_id)
            if before in intended:
                return before
            try:
                after = transition(before, bounded(event, caps))
                await raise_if_gone(connection, before, event)
            except LeaseLostError as error:
                refused = error
                if isinstance(event, Fenced):
                    await add_record(connection, refusal_of(before, event))
            else:
                if room is not None and isinstance(event, BeginSubmit):
                    await _check(connection, room, before, event)
                await _settle(connection, before, after, caps)
                await _save(connection, before, after, event, self._actor)
                intended.append(after)
                return after
        raise refused

    @patient
    async def get(self, render_id: str) -> Render:
        """Read one row."""
        async with self._database.reading() as connection:
            return _found(await _one(connection, _BY_ID, render=render_id), render_id)

    @patient
    async def latest(self, recipe_key: str) -> Render | None:
        """Read the recipe's open row, or its newest."""
        async with self._database.reading() as connection:
            return await _one(connection, _LATEST, recipe=recipe_key)

    @patient
    async def paid_tries(self, recipe_keys: Collection[str]) -> PaidTries:
        """Read the renders of these recipes, and add up."""
        async with self._database.reading() as connection:
            return await _paid_tries(connection, recipe_keys)

    @patient
    async def list(
        self,
        *,
        states: Collection[RenderState] = (),
        free_at: datetime | None = None,
        after: Render | None = None,
        limit: int = 100,
    ) -> tuple[Render, ...]:
        """Read a page."""
        page = renders_page(states, free_at=free_at, after=after).limit(limit)
        async with self._database.reading() as connection:
            return tuple(render_of(row) for row in (await connection.execute(page)).mappings())

    @patient
    async def by_prefix(self, prefix: str) -> tuple[int, Render | None]:
        """Count the ids with this prefix, and read the row if there is one only."""
        has_prefix = func.substr(_R.id, 1, len(prefix)) == prefix  # LIKE differs in case between the two
        async with self._database.reading() as connection:
            count = await _count(connection, has_prefix)
            return count, await _one(connection, select(RENDERS).where(has_prefix)) if count == 1 else None

    @patient
    async def models(self) -> frozenset[tuple[str, str]]:
        """Read each pair once."""
        async with self._database.reading() as connection:
            return await models_in(connection)

    @patient
    async def refused(self, scope: str) -> tuple[int, Decimal]:
        """Count and add up."""
        async with self._database.reading() as connection:
            return await refused_in(connection, scope)

    @patient
    async def counts(self) -> Mapping[RenderState, int]:
        """Count by state."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_R.state, func.count()).group_by(_R.state))
            return {RenderState(state): count for state, count in rows}

    @patient
    async def totals(self) -> tuple[Total, ...]:
        """Count outcomes, and leases taken over or lost."""
        async with self._database.reading() as connection:
            return await totals_in(connection)

    @patient
    async def spend(self, scope: str) -> Spend:
        """Read the scope's counters."""
        async with self._database.reading() as connection:
            return await spend_in(connection, scope)

    @patient
    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Add up the records."""
        async with self._database.reading() as connection:
            return await spend_lines(connection, since, until)

    @patient
    async def history(self, render_id: str) -> tuple[Record, ...]:
        """Read the render's records."""
        async with self._database.reading() as connection:
            return await history_of(connection, render_id)

    @patient
    async def verdicts(self, provider: str, *, since: datetime, limit: int = 20) -> tuple[ProviderSignal, ...]:
        """Read the newest records that carry a verdict."""
        async with self._database.reading() as connection:
            return await verdicts_on(connection, provider, since, limit)

    @patient
    async def by_token(self, token: str) -> Render | None:
        """Find the render that has the token, else the one that had it."""
        return await self._incoming.by_token(token)

    @patient
    async def by_request(self, provider: str, provider_request_id: str) -> Render | None:
        """Find the newest render with this id."""
        return await self._incoming.by_request(provider, provider_request_id)

    @patient
    async def forget_words(self, recipe_keys: Collection[str]) -> tuple[Render, ...]:
        """Read the rows and write their labels anew."""
        async with self._database.writing() as connection:
            return await forget_words_in(connection, recipe_keys)

    @patient
    async def keep_hook(self, hook: Hook) -> bool:
        """Insert the webhook once."""
        return await self._incoming.keep(hook)

    @patient
    async def hooks(self, token: str) -> tuple[Hook, ...]:
        """Read the token's webhooks."""
        async with self._database.reading() as connection:
            return await hooks_of(connection, token)

    @patient
    async def orphans(
        self, *, after: Hook | None = None, limit: int = 100, acknowledged: bool = False
    ) -> tuple[Hook, ...]:
        """Read a page of webhooks without a render."""
        async with self._database.reading() as connection:
            return await orphans_in(connection, after, limit, acknowledged=acknowledged)

    @patient
    async def orphan_count(self) -> int:
        """Count webhooks without a render."""
        async with self._database.reading() as connection:
            return await count_orphans(connection)

    @patient
    async def correct(self, render_id: str, amount: Decimal, *, note: str, now: datetime) -> Record:
        """Add the record, count it under the day, and audit it in one transaction; once, also where a reply is lost."""
        async with self._database.writing() as connection:
            render = await _locked(connection, render_id)
            act = correction_act(render.id, amount, render.currency, note=note, actor=self._actor, now=now)
            return await correct_in(connection, render, amount, act)

    @patient
    async def acknowledge(self, provider: str, request_id: str, *, note: str, now: datetime) -> Hook:
        """Mark the orphan and audit it in one transaction."""
        async with self._database.writing() as connection:
            return await acknowledge_in(connection, provider, request_id, note=note, by=self._actor, now=now)


async def _open_render(connection: AsyncConnection, recipe_key: str) -> Render | None:
    return await _one(connection, _OPEN_ONE, recipe=recipe_key)


async def _locked(connection: AsyncConnection, render_id: str) -> Render:
    return _found(await _one(connection, _LOCKED, render=render_id), render_id)


async def _paid_tries(connection: AsyncConnection, recipe_keys: Collection[str]) -> PaidTries:
    newest_first = select(RENDERS).where(_R.recipe_key.in_(recipe_keys)).order_by(_R.created_at.desc(), _R.id.desc())
    rows = (await connection.execute(newest_first)).mappings()
    return paid_tries_in(render_of(row) for row in rows)


async def _check(connection: AsyncConnection, room: Headroom, render: Render, event: BeginSubmit) -> None:
    """Check that there is room, and hold it until the transaction ends."""
    now = event.now
    await _alone_by_name(connection, (f"provider:{render.provider}", f"clip:{min((render.recipe_key, *room.rivals))}"))
    if event.amount > 0:
        check_tries(room, await _paid_tries(connection, {render.recipe_key, *room.rivals}))
    others = (_R.provider == render.provider) & (_R.id != render.id)
    at_work = others & _R.state.in_(_AT_WORK) & ((_R.reserved_micros > 0) | (_R.lease_until > now))
    rival = select(_R.id).where(_R.recipe_key.in_(room.rivals), _R.state.in_(_HANDED_OVER)).limit(1)
    check_room(
        room,
        render.provider,
        at_work=await _count(connection, at_work),
        last_minute=await _count(connection, others & (_R.begun_at > now - timedelta(minutes=1))),
        rival=(await connection.execute(rival)).scalar_one_or_none() if room.rivals else None,
    )


async def _alone_by_name(connection: AsyncConnection, names: Collection[str]) -> None:
    """Wait, on PostgreSQL, for other transactions with one of these names; SQLite has one writer anyway."""
    for key in sorted(int(digest_bytes(name.encode())[:15], 16) for name in names):
        await one_at_a_time(connection, key)


async def _count(connection: AsyncConnection, condition: Any) -> int:
    return int((await connection.execute(select(func.count()).select_from(RENDERS).where(condition))).scalar_one())


async def _save(connection: AsyncConnection, before: Render, after: Render, event: Event, actor: str) -> None:
    unchanged = {"was_id": before.id, "was_fence": before.fence, "was_state": before.state.value}
    result = await connection.execute(_CHANGE, values_of(after) | unchanged)
    if result.rowcount != 1:
        raise LeaseLostError(f"Cannot change render {before.id}: another worker has changed it. Drop the work.")
    record = record_of(before, after, event)
    if record is None:
        return
    await add_record(connection, record)
    for act in acts_of(record, event, actor=actor):
        await add_act(connection, act)


async def _settle(connection: AsyncConnection, before: Render, after: Render, caps: Collection[Cap]) -> None:
    reserved, spent = after.reserved - before.reserved, after.spent - before.spent
    await settle_in(connection, after.scopes, reserved=reserved, spent=spent, caps=caps)


async def _one(connection: AsyncConnection, query: Select[Any], **values: Any) -> Render | None:
    row = (await connection.execute(query, values)).mappings().one_or_none()
    return None if row is None else render_of(row)


def _found(render: Render | None, render_id: str) -> Render:
    if render is None:
        raise RenderNotFoundError(f"Expected a render of this ledger, got {render_id!r}; list them to see which exist.")
    return render
