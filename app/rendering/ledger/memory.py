"""Ledger in memory: it ends with its process."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import nlargest
from itertools import islice
from uuid import uuid4

from app.audit import SYSTEM
from app.errors import LeaseLostError, RenderNotFoundError
from app.rendering.ledger.budgets import MemoryBudgets
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
    orphan_not_found,
    paid_tries_in,
)
from app.rendering.ledger.records import (
    FENCED,
    ORPHAN,
    REJECTED_CODES,
    TAKEN_OVER,
    Hook,
    Record,
    SpendLine,
    Total,
    TotalKind,
    correction_act,
    correction_of,
    record_of,
    refusal_of,
)
from app.rendering.ledger.states import CLOSED, OPEN, BeginSubmit, Event, Fenced, Ready, Render, RenderState, transition
from app.rendering.ledger.words import to_be_ended, wordless


class MemoryLedger:
    """Ledger of renders, money, records and webhooks in memory."""

    def __init__(self, budgets: MemoryBudgets | None = None) -> None:
        self._renders: dict[str, Render] = {}
        self._budgets = budgets or MemoryBudgets()
        self._records: list[Record] = []
        self._hooks: dict[tuple[str, str, str, str], Hook] = {}

    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        """Find or create the open render."""
        for render in self._renders.values():
            if render.recipe_key == request.recipe_key and render.state in OPEN:
                return render
        render = request.begun(uuid4().hex, now)
        self._renders[render.id] = render
        return render

    async def apply(
        self, render_id: str, event: Event, *, caps: Collection[Cap] = (), room: Headroom | None = None
    ) -> Render:
        """Make the transition, settle the money, store the render and its record."""
        before = await self.get(render_id)
        try:
            after = transition(before, bounded(event, caps))
        except LeaseLostError:
            self._records += [refusal_of(before, event)] if isinstance(event, Fenced) else []
            raise
        if room is not None and isinstance(event, BeginSubmit):
            self._check(room, before, event)
        self._settle(before, after, caps)
        self._renders[render_id] = after
        record = record_of(before, after, event)
        self._records += [record] if record else []
        return after

    async def get(self, render_id: str) -> Render:
        """Look the render up."""
        if render_id not in self._renders:
            raise RenderNotFoundError(f"Expected a render of this ledger, got {render_id!r}; list them first.")
        return self._renders[render_id]

    async def latest(self, recipe_key: str) -> Render | None:
        """Return the open render of the recipe, or the newest."""
        own = [render for render in self._newest_first() if render.recipe_key == recipe_key]
        return next((render for render in own if render.state in OPEN), own[0] if own else None)

    async def paid_tries(self, recipe_keys: Collection[str]) -> PaidTries:
        """Add them up."""
        return paid_tries_in(render for render in self._newest_first() if render.recipe_key in recipe_keys)

    async def list(
        self,
        *,
        states: Collection[RenderState] = (),
        free_at: datetime | None = None,
        after: Render | None = None,
        limit: int = 100,
    ) -> tuple[Render, ...]:
        """Return a page."""
        matching = (
            render
            for render in self._newest_first()
            if (not states or render.state in states)
            and (free_at is None or render.free(free_at))
            and (after is None or _place(render) < _place(after))
        )
        return tuple(islice(matching, limit))

    async def by_prefix(self, prefix: str) -> tuple[int, Render | None]:
        """Search the ids."""
        ids = [one for one in self._renders if one.startswith(prefix)]
        return len(ids), self._renders[ids[0]] if len(ids) == 1 else None

    async def models(self) -> frozenset[tuple[str, str]]:
        """Return providers and models of renders with attempts."""
        return frozenset((render.provider, render.model) for render in self._renders.values() if render.attempts)

    async def refused(self, scope: str) -> tuple[int, Decimal]:
        """Count and sum."""
        spent = [r.spent for r in self._renders.values() if _is_refused(r) and scope in r.scopes]
        return len(spent), sum(spent, Decimal(0))

    async def counts(self) -> Mapping[RenderState, int]:
        """Count by state."""
        states = [render.state for render in self._renders.values()]
        return {state: states.count(state) for state in set(states)}

    async def totals(self) -> tuple[Total, ...]:
        """Count renders, their ends, and incidents."""
        wanted: list[tuple[str, TotalKind]] = [(render.provider, "wanted") for render in self._renders.values()]
        ended: list[tuple[str, TotalKind]] = [
            (r.provider, _ending(r)) for r in self._renders.values() if r.state in CLOSED
        ]
        names: dict[str, TotalKind] = {TAKEN_OVER: "taken_over", FENCED: "fenced"}
        incidents = [(record.provider, names[record.event]) for record in self._records if record.event in names]
        return tuple(
            Total(provider, kind, count) for (provider, kind), count in Counter(wanted + ended + incidents).items()
        )

    async def spend(self, scope: str) -> Spend:
        """Return the scope's counters."""
        return self._budgets.of(scope)

    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Group the records."""
        groups: dict[tuple[date, str, str, str], list[Record]] = {}
        for record in self._records:
            if (since is None or record.day >= since) and (until is None or record.day <= until):
                groups.setdefault((record.day, record.provider, record.intent, record.currency), []).append(record)
        lines = (_line(key, records) for key, records in sorted(groups.items()))
        return tuple(line for line in lines if line.submits or line.reserved or line.spent)

    async def history(self, render_id: str) -> tuple[Record, ...]:
        """Return the render's records."""
        return tuple(record for record in self._records if record.render_id == render_id)

    async def verdicts(self, provider: str, *, since: datetime, limit: int = 20) -> tuple[ProviderSignal, ...]:
        """Return the newest verdicts."""
        found = (
            (record.at, record.verdict)
            for record in reversed(self._records)
            if record.provider == provider and record.verdict and record.at >= since
        )
        return tuple(verdict for _, verdict in zip(range(limit), found, strict=False))

    async def by_token(self, token: str) -> Render | None:
        """Search renders, then records."""
        for render in self._renders.values():
            if render.token == token:
                return render
        return next((self._renders[record.render_id] for record in self._records if record.token == token), None)

    async def by_request(self, provider: str, provider_request_id: str) -> Render | None:
        """Search the renders."""
        known = (provider, provider_request_id)
        return next((r for r in self._newest_first() if (r.provider, r.provider_request_id) == known), None)

    async def forget_words(self, recipe_keys: Collection[str]) -> tuple[Render, ...]:
        """Replace the labels."""
        found = [one for one in self._renders.values() if one.recipe_key in recipe_keys and to_be_ended(one)]
        self._renders.update({one.id: wordless(one) for one in found})
        return tuple(found)

    async def keep_hook(self, hook: Hook) -> bool:
        """Store the webhook once."""
        if _key(hook) in self._hooks:
            return False
        self._hooks[_key(hook)] = hook
        return True

    async def hooks(self, token: str) -> tuple[Hook, ...]:
        """Return the token's webhooks."""
        return tuple(hook for hook in self._hooks.values() if hook.token == token and hook.state != ORPHAN)

    async def orphans(
        self, *, after: Hook | None = None, limit: int = 100, acknowledged: bool = False
    ) -> tuple[Hook, ...]:
        """Return a page of webhooks without a render."""
        orphans = (hook for hook in self._orphans() if acknowledged or hook.acknowledged_at is None)
        rest = (hook for hook in orphans if after is None or _order(hook) < _order(after))
        return tuple(nlargest(limit, rest, key=_order))

    async def orphan_count(self) -> int:
        """Count webhooks without a render that nobody has acknowledged."""
        return sum(hook.acknowledged_at is None for hook in self._orphans())

    async def correct(self, render_id: str, amount: Decimal, *, note: str, now: datetime) -> Record:
        """Add the record, and count it under the day."""
        render = await self.get(render_id)
        act = correction_act(render.id, amount, render.currency, note=note, actor=SYSTEM, now=now)
        record = correction_of(render, await self.history(render_id), amount, by=act)
        self._records.append(record)
        more = max(amount, Decimal(0))
        self._budgets.settle((f"day:{record.day}",), reserved=Decimal(0), spent=more, caps=())
        return record

    async def acknowledge(self, provider: str, request_id: str, *, note: str, now: datetime) -> Hook:
        """Mark the orphan."""
        known = [hook for hook in self._orphans() if (hook.provider, hook.request_id) == (provider, request_id)]
        if not known:
            raise orphan_not_found(provider, request_id)
        for hook in known:
            if hook.acknowledged_at is None:
                told = replace(hook, acknowledged_at=now, acknowledged_by=SYSTEM, note=note)
                self._hooks[_key(hook)] = told
        return max((self._hooks[_key(hook)] for hook in known), key=_order)

    def _orphans(self) -> tuple[Hook, ...]:
        return tuple(hook for hook in self._hooks.values() if hook.state == ORPHAN)

    def _newest_first(self) -> tuple[Render, ...]:
        renders = self._renders.values()
        return tuple(sorted(renders, key=lambda render: (render.created_at, render.id), reverse=True))

    def _check(self, room: Headroom, render: Render, event: BeginSubmit) -> None:
        now, minute_ago = event.now, event.now - timedelta(minutes=1)
        if event.amount > 0:
            keys = {render.recipe_key, *room.rivals}
            check_tries(room, paid_tries_in(r for r in self._newest_first() if r.recipe_key in keys))
        check_room(
            room,
            render.provider,
            at_work=sum(_at_work(other, now) for other in self._others_at_provider(render)),
            last_minute=sum(
                bool(other.begun_at and other.begun_at > minute_ago) for other in self._others_at_provider(render)
            ),
            rival=next(
                (r.id for r in self._renders.values() if r.recipe_key in room.rivals and r.state in HANDED_OVER), None
            ),
        )

    def _others_at_provider(self, render: Render) -> Iterator[Render]:
        """Yield the other renders at its provider."""
        return (o for o in self._renders.values() if o.provider == render.provider and o.id != render.id)

    def _settle(self, before: Render, after: Render, caps: Collection[Cap]) -> None:
        reserved, spent = after.reserved - before.reserved, after.spent - before.spent
        self._budgets.settle(after.scopes, reserved=reserved, spent=spent, caps=caps)


def _place(render: Render) -> tuple[datetime, str]:
    return render.created_at, render.id


def _key(hook: Hook) -> tuple[str, str, str, str]:
    return hook.provider, hook.token, hook.request_id, hook.state


def _order(hook: Hook) -> tuple[datetime, str, str, str]:
    return hook.received_at, hook.provider, hook.token, hook.request_id


def _is_refused(render: Render) -> bool:
    return render.state is RenderState.FAILED and render.error_code in REJECTED_CODES


def _ending(render: Render) -> TotalKind:
    if render.state is RenderState.FAILED:
        return "rejected" if _is_refused(render) else "failed"
    return "ready" if render.state is RenderState.READY else "cancelled"


def _at_work(render: Render, now: datetime) -> bool:
    return render.state in AT_WORK and bool(render.reserved or render.held(now))


def _line(key: tuple[date, str, str, str], records: list[Record]) -> SpendLine:
    return SpendLine(
        *key,
        submits=sum(record.event == BeginSubmit.__name__ for record in records),
        clips=sum(record.event == Ready.__name__ for record in records),
        reserved=sum((record.reserved for record in records), start=Decimal(0)),
        spent=sum((record.spent for record in records), start=Decimal(0)),
        rejected=sum((record.spent for record in records if record.code in REJECTED_CODES), start=Decimal(0)),
    )
