"""The ledger: the truth about paid work. Queues, events and webhooks are only hints to look here."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from itertools import takewhile
from typing import Protocol

from app.errors import (
    BudgetExceededError,
    ChargedWithoutClipError,
    LeaseLostError,
    ProviderBusyError,
    RenderNotFoundError,
)
from app.rendering.ledger.records import HealthVerdict, Hook, Record, SpendLine, Total
from app.rendering.ledger.states import BeginSubmit, Event, Render, RenderState
from app.rendering.ports import MICRO
from app.store.labels import Labels

ProviderSignal = tuple[datetime, HealthVerdict]
"""When, and what it says about a provider's health."""

PAGE_ROWS = 500
"""How many rows are in memory at once where all of them are gone through."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on what may be reserved and spent under one scope, such as `day:2026-11-22` or `run:4f1c`.

    `source` names the setting it came from.
    """

    scope: str
    limit: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class Headroom:
    """Headroom that a submit needs to begin, counted over all processes.

    `at_once` and `per_minute` are what the provider takes; `rivals` are the recipe keys of the same clip by other
    renderers, of which none may be handed over. `per_clip` bounds the paid tries of the clip, by all its renderers.
    """

    at_once: int | None = None
    per_minute: int | None = None
    rivals: tuple[str, ...] = ()
    per_clip: int | None = None


AT_WORK = frozenset({RenderState.SUBMITTING, RenderState.SUBMITTED})
"""A render in one of these takes up a place at its provider, as long as it costs money or somebody holds it."""

HANDED_OVER = AT_WORK | {RenderState.UNKNOWN, RenderState.PARKED, RenderState.FETCHED}
"""The provider has, may have, or had its job, and no clip is stored yet: nobody else may be given the same one.

Wider than what may be called off (`attempt`): what is fetched cannot be any more, and what is parked waits for a
person; the money of both is not settled.
"""


@dataclass(frozen=True, slots=True)
class Spend:
    """Money that a scope has used: reserved for unsettled submits, and billed."""

    scope: str
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)

    @property
    def committed(self) -> Decimal:
        """All that counts against a cap."""
        return self.reserved + self.spent


@dataclass(frozen=True, slots=True)
class PaidTries:
    """Submits of one clip that are, or may be, billed since it was last stored; `granted` were allowed by a person."""

    made: int = 0
    granted: int = 0

    def exhaust(self, per_clip: int) -> bool:
        """Return whether no further one is allowed."""
        return self.made >= per_clip + self.granted


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Request for a recipe's render; `labels` say for people what it is for.

    `granted_tries`: how many submits a person allows with it. `brought`: id of a render whose video a person has put in
    its folder: it begins as fetched, so that no worker may order it.
    """

    recipe_key: str
    provider: str
    model: str
    labels: Labels
    currency: str = "USD"
    granted_tries: int = 0
    brought: str = ""

    def begun(self, render_id: str, now: datetime) -> Render:
        """The render that it becomes."""
        return Render(
            id=self.brought or render_id,
            state=RenderState.FETCHED if self.brought else RenderState.WANTED,
            recipe_key=self.recipe_key,
            provider=self.provider,
            model=self.model,
            created_at=now,
            updated_at=now,
            labels=self.labels,
            currency=self.currency,
            granted_tries=self.granted_tries,
        )


class Ledger(Protocol):
    """Renders and money. Every method is one transaction; time is given by the caller."""

    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        """The recipe's open render, made if there is none: a recipe never has two."""
        ...

    async def apply(
        self, render_id: str, event: Event, *, caps: Collection[Cap] = (), room: Headroom | None = None
    ) -> Render:
        """Let the event happen, together with what it does to the money of the render's scopes, and record it.

        `caps` and `room` bind a `BeginSubmit`: its amount counts under each of the caps' scopes.

        Raises:
            RenderNotFoundError: there is no such render.
            LeaseLostError, RenderStateError: as `transition` says; nothing has changed. An old fence is recorded.
            BudgetExceededError: one of the caps would be exceeded; nothing has changed.
            ProviderBusyError: there is no room at the provider; nothing has changed.
            ChargedWithoutClipError: the clip was ordered as often as it may be; nothing has changed.
            LeaseLostError: also when a rival is handed over; nothing has changed.
        """
        ...

    async def get(self, render_id: str) -> Render:
        """One render.

        Raises:
            RenderNotFoundError: there is none with this id.
        """
        ...

    async def latest(self, recipe_key: str) -> Render | None:
        """The recipe's open render; without one its newest. A process that stood still may have made the open one."""
        ...

    async def paid_tries(self, recipe_keys: Collection[str]) -> PaidTries:
        """The paid tries of one clip, whose recipes by all its renderers these are."""
        ...

    async def list(
        self,
        *,
        states: Collection[RenderState] = (),
        free_at: datetime | None = None,
        after: Render | None = None,
        limit: int = 100,
    ) -> tuple[Render, ...]:
        """A page of the renders in these states (all when none are named), newest first.

        `free_at`: only those that a worker may claim at this time. `after` is the last render of the page before.
        """
        ...

    async def by_prefix(self, prefix: str) -> tuple[int, Render | None]:
        """Count the renders whose ids begin like this; return the render, too, if there is only one."""
        ...

    async def models(self) -> frozenset[tuple[str, str]]:
        """Each provider and model that a render was ever submitted to."""
        ...

    async def refused(self, scope: str) -> tuple[int, Decimal]:
        """Count the clips that the quality gate refused under a scope, such as a run's, and add up their cost."""
        ...

    async def counts(self) -> Mapping[RenderState, int]:
        """Count the renders by state; empty states are left out."""
        ...

    async def totals(self) -> tuple[Total, ...]:
        """Count what happened at each provider since the ledger began; zeros are left out."""
        ...

    async def spend(self, scope: str) -> Spend:
        """Return the money that the scope has used."""
        ...

    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Return the spending, a line for each day, provider and intent, oldest first; `until` is the last day."""
        ...

    async def history(self, render_id: str) -> tuple[Record, ...]:
        """A render's steps, oldest first."""
        ...

    async def verdicts(self, provider: str, *, since: datetime, limit: int = 20) -> tuple[ProviderSignal, ...]:
        """Return the verdicts of the newest steps on a provider's health, newest first."""
        ...

    async def by_token(self, token: str) -> Render | None:
        """The render one of whose submits had this token, also when a later one has another."""
        ...

    async def by_request(self, provider: str, provider_request_id: str) -> Render | None:
        """The newest render of a provider's job, by the provider's own id."""
        ...

    async def forget_words(self, recipe_keys: Collection[str]) -> tuple[Render, ...]:
        """Delete words and reasons from the generated answers of these recipes; the money stays.

        Returns the renders that had words, or are open (a run may have failed, or they came late), as they were.
        """
        ...

    async def keep_hook(self, hook: Hook) -> bool:
        """Keep a webhook; False when the same provider, token, request and state are kept already."""
        ...

    async def hooks(self, token: str) -> tuple[Hook, ...]:
        """Return the webhooks for this token, oldest first, without orphans."""
        ...

    async def orphans(
        self, *, after: Hook | None = None, limit: int = 100, acknowledged: bool = False
    ) -> tuple[Hook, ...]:
        """A page of the calls about jobs that no render knows, newest first: each may be money for nothing.

        `after` is the last one of the page before. With `acknowledged` also those that a person has looked into.
        """
        ...

    async def orphan_count(self) -> int:
        """Count the orphans that nobody has acknowledged."""
        ...

    async def correct(self, render_id: str, amount: Decimal, *, note: str, now: datetime) -> Record:
        """Add an amount to, or with a minus take it off, what is booked for a render, as a record of today.

        The render's own `spent` stays. More counts under today's cap at once; a refund gives today no more room.

        Raises:
            RenderNotFoundError: there is no such render.
            RenderStateError: its money is not settled, or less than nothing would be booked; nothing has changed.
        """
        ...

    async def acknowledge(self, provider: str, request_id: str, *, note: str, now: datetime) -> Hook:
        """Record that a person has looked into an orphan; a second time changes nothing.

        Raises:
            RenderNotFoundError: there is no such orphan.
        """
        ...


async def pages(
    ledger: Ledger, *, states: Collection[RenderState] = (), free_at: datetime | None = None
) -> AsyncIterator[tuple[Render, ...]]:
    """All renders in these states, newest first, a page at a time.

    A page begins where the one before ended, whatever became of its renders; what is wanted meanwhile is left out.
    """
    page = await ledger.list(states=states, free_at=free_at, limit=PAGE_ROWS)
    while page:
        yield page
        page = await ledger.list(states=states, free_at=free_at, after=page[-1], limit=PAGE_ROWS)


async def orphan_pages(ledger: Ledger, *, acknowledged: bool = False) -> AsyncIterator[tuple[Hook, ...]]:
    """All orphans, newest first, a page at a time; with `acknowledged` also those that a person has looked into."""
    page = await ledger.orphans(limit=PAGE_ROWS, acknowledged=acknowledged)
    while page:
        yield page
        page = await ledger.orphans(after=page[-1], limit=PAGE_ROWS, acknowledged=acknowledged)


def orphan_not_found(provider: str, request_id: str) -> RenderNotFoundError:
    """The error for a job that is no orphan."""
    return RenderNotFoundError(
        f"Expected an orphan, got job {request_id!r} at `{provider}`; `greenroom renders orphans` lists them."
    )


def check_cap(cap: Cap, used: Spend, amount: Decimal) -> None:
    """Refuse an amount that would take the scope over its cap; an amount of nothing always passes.

    Raises:
        BudgetExceededError: `used` and the amount are more than the cap.
    """
    if amount > 0 and used.committed + amount > cap.limit:
        raise BudgetExceededError(
            f"{amount} more would take `{cap.scope}` to {used.committed + amount}, its budget is {cap.limit}; "
            f"raise {cap.source or 'the budget'} or render less."
        )


def paid_tries_in(newest_first: Iterable[Render]) -> PaidTries:
    """Add up the paid tries of one clip's renders since it was last stored."""
    renders = tuple(takewhile(lambda render: render.state is not RenderState.READY, newest_first))
    return PaidTries(sum(one.paid_tries for one in renders), sum(one.granted_tries for one in renders))


def check_tries(room: Headroom, tries: PaidTries) -> None:
    """Refuse a paid submit of a clip that was ordered as often as it may be.

    Raises:
        ChargedWithoutClipError: only a person may allow another one.
    """
    if room.per_clip is not None and tries.exhaust(room.per_clip):
        raise ChargedWithoutClipError(
            f"The clip was ordered {tries.made} times, each of which is or may be billed, and none brought a clip that "
            f"could be kept; `budget.per_clip_attempts` allows {room.per_clip}."
        )


def check_room(room: Headroom, provider: str, *, at_work: int, last_minute: int, rival: str | None) -> None:
    """Refuse a submit for which there is no room.

    Raises:
        ProviderBusyError: the provider has as many jobs, or was given as many in the last minute, as it takes.
        LeaseLostError: the same clip is handed over to another renderer.
    """
    if rival is not None:
        raise LeaseLostError(f"Render {rival} has the same clip filmed elsewhere; wait for that one.")
    if room.at_once is not None and at_work >= room.at_once:
        raise ProviderBusyError(f"`{provider}` has {at_work} jobs and takes {room.at_once} at once; wait for one.")
    if room.per_minute is not None and last_minute >= room.per_minute:
        raise ProviderBusyError(f"`{provider}` was given {last_minute} jobs this minute and takes {room.per_minute}.")


def bounded(event: Event, caps: Collection[Cap]) -> Event:
    """A `BeginSubmit` with its amount in whole millionths and every cap's scope named; other events as they are."""
    if not isinstance(event, BeginSubmit):
        return event
    scopes = tuple(dict.fromkeys((*event.scopes, *(cap.scope for cap in caps))))
    return replace(event, amount=event.amount.quantize(MICRO, rounding=ROUND_UP), scopes=scopes)
