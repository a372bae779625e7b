r"""The pure state machine of one paid attempt: a render, the events that may happen to it, one total transition.

    wanted -> leased -> submitting -> submitted -> fetched -> ready
                            \-> unknown -> submitted | wanted | parked
    any open state -> failed | cancelled

Nothing here reads a clock or a database. An adapter makes each arrow one transaction, conditional on the fence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.errors import LeaseLostError, OutcomeUnknownError, RenderStateError
from app.rendering.ports import ProviderFigures
from app.store.labels import Labels


class RenderState(StrEnum):
    """State of a render."""

    WANTED = "wanted"
    LEASED = "leased"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    FETCHED = "fetched"
    READY = "ready"
    UNKNOWN = "unknown"
    PARKED = "parked"
    FAILED = "failed"
    CANCELLED = "cancelled"


CLOSED = frozenset({RenderState.READY, RenderState.FAILED, RenderState.CANCELLED})
"""Nothing happens to a closed render any more; a new one may be wanted for its recipe."""

OPEN = frozenset(RenderState) - CLOSED
"""At most one render per recipe is open."""

_WORKED = frozenset(
    {RenderState.LEASED, RenderState.SUBMITTING, RenderState.SUBMITTED, RenderState.FETCHED, RenderState.UNKNOWN}
)

Arrows = Mapping[RenderState, RenderState]


@dataclass(frozen=True, slots=True)
class Render:
    """One attempt to have a recipe filmed.

    `fence` grows with every change of hands: whoever holds an older one has lost the render. `token` is ours and names
    one submit, which began at `begun_at`; `provider_request_id` is the provider's own id in what that returned.
    `reserved` is money set aside for a submit that is not settled, `spent` money that is or may be billed. `paid_tries`
    counts the submits that are, or may be, billed; `granted_tries` those of them that a person allowed.
    """

    id: str
    recipe_key: str
    provider: str
    model: str
    created_at: datetime
    updated_at: datetime
    state: RenderState = RenderState.WANTED
    fence: int = 0
    worker: str | None = None
    lease_until: datetime | None = None
    run_after: datetime | None = None
    attempts: int = 0
    token: str | None = None
    request_id: str | None = None
    provider_request_id: str | None = None
    begun_at: datetime | None = None
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    paid_tries: int = 0
    granted_tries: int = 0
    currency: str = "USD"
    scopes: tuple[str, ...] = ()
    error_code: str | None = None
    error: str | None = None
    retryable: bool = False
    labels: Labels = field(default_factory=Labels)

    def held(self, now: datetime) -> bool:
        """Return whether a worker's lease is still running."""
        return self.lease_until is not None and self.lease_until > now

    def free(self, now: datetime) -> bool:
        """Return whether a worker may claim it now."""
        return self.state in Claim.arrows and not self.held(now) and (self.run_after is None or self.run_after <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to a render at `now`; `figures` are what its provider says of the bill, once known."""

    arrows: ClassVar[Arrows] = {}
    now: datetime
    figures: ProviderFigures | None = None

    def effect(self, render: Render) -> Render:
        """The render after the event, its state apart."""
        return render


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced(Event):
    """An event that only the holder of the current fence may cause."""

    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Event):
    """A worker takes a render that nobody holds.

    One that was found in the middle of its submit was left by a worker that died: its outcome is unknown.
    """

    arrows: ClassVar[Arrows] = {state: state for state in _WORKED} | {
        RenderState.WANTED: RenderState.LEASED,
        RenderState.SUBMITTING: RenderState.UNKNOWN,
    }
    worker: str
    lease_s: float

    def effect(self, render: Render) -> Render:
        """Give the lease to the worker under a new fence."""
        if not render.free(self.now):
            raise LeaseLostError(
                f"Render {render.id} is held by {render.worker!r} until {render.lease_until} or waits until "
                f"{render.run_after}; wait for its clip instead."
            )
        until = self.now + timedelta(seconds=self.lease_s)
        return replace(render, fence=render.fence + 1, worker=self.worker, lease_until=until, run_after=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat(Fenced):
    """The holder is alive and wants to keep the lease."""

    arrows: ClassVar[Arrows] = {state: state for state in _WORKED}
    lease_s: float

    def effect(self, render: Render) -> Render:
        """Extend the lease, unless it was given back a moment ago."""
        if render.worker is None:
            return render
        return replace(render, lease_until=self.now + timedelta(seconds=self.lease_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Fenced):
    """The holder stops and leaves the render, where it stands, to whoever comes next."""

    arrows: ClassVar[Arrows] = {state: state for state in _WORKED} | {
        RenderState.LEASED: RenderState.WANTED,
        RenderState.SUBMITTING: RenderState.UNKNOWN,
    }
    run_after: datetime | None = None

    def effect(self, render: Render) -> Render:
        """Drop the lease."""
        return replace(unheld(render), run_after=self.run_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSubmit(Fenced):
    """The holder is about to hand the job over: the last thing written before money may flow."""

    arrows: ClassVar[Arrows] = {RenderState.LEASED: RenderState.SUBMITTING}
    token: str
    amount: Decimal
    scopes: tuple[str, ...] = ()
    seconds: float | None = None  # of video that is ordered

    def effect(self, render: Render) -> Render:
        """Note the attempt's token and set the money aside."""
        if not render.held(self.now):
            raise LeaseLostError(f"The lease on render {render.id} ran out at {render.lease_until}; claim it again.")
        begun = replace(render, token=self.token, begun_at=self.now, attempts=render.attempts + 1)
        paid_tries = render.paid_tries + (self.amount > 0)
        return replace(begun, reserved=self.amount, scopes=self.scopes, paid_tries=paid_tries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Fenced):
    """The provider took the job, or is found to have taken it."""

    arrows: ClassVar[Arrows] = {
        RenderState.SUBMITTING: RenderState.SUBMITTED,
        RenderState.UNKNOWN: RenderState.SUBMITTED,
    }
    request_id: str
    own_id: str = ""  # where it is not the whole of it

    def effect(self, render: Render) -> Render:
        """Note the provider's request id."""
        return replace(render, request_id=self.request_id, provider_request_id=self.own_id or self.request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccepted(Fenced):
    """It is certain that the provider has no such job and bills nothing for it; `blame` when it is not well."""

    arrows: ClassVar[Arrows] = {
        RenderState.SUBMITTING: RenderState.WANTED,
        RenderState.UNKNOWN: RenderState.WANTED,
        RenderState.SUBMITTED: RenderState.WANTED,
        RenderState.FETCHED: RenderState.WANTED,
    }
    run_after: datetime | None = None
    blame: bool = False

    def effect(self, render: Render) -> Render:
        """Free the money and wait for another turn."""
        waiting = replace(unbilled(unheld(render)), run_after=self.run_after)
        return replace(waiting, token=None, request_id=None, provider_request_id=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Fenced):
    """The answer to the submit never came."""

    arrows: ClassVar[Arrows] = {RenderState.SUBMITTING: RenderState.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(Fenced):
    """The finished video is on this machine."""

    arrows: ClassVar[Arrows] = {RenderState.SUBMITTED: RenderState.FETCHED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Fenced):
    """The clip is in the store."""

    arrows: ClassVar[Arrows] = {
        RenderState.LEASED: RenderState.READY,
        RenderState.SUBMITTED: RenderState.READY,
        RenderState.FETCHED: RenderState.READY,
        RenderState.UNKNOWN: RenderState.READY,
    }

    def effect(self, render: Render) -> Render:
        """Settle the money."""
        return charged(unheld(render))


@dataclass(frozen=True, slots=True, kw_only=True)
class Park(Fenced):
    """A person decides: it is or may be billed and there is no clip, or it was ordered as often as it may be."""

    arrows: ClassVar[Arrows] = {
        RenderState.LEASED: RenderState.PARKED,
        RenderState.UNKNOWN: RenderState.PARKED,
        RenderState.SUBMITTED: RenderState.PARKED,
        RenderState.FETCHED: RenderState.PARKED,
    }
    message: str
    code: str = OutcomeUnknownError.code

    def effect(self, render: Render) -> Render:
        """Record why; the money stays set aside."""
        return replace(unheld(render), error_code=self.code, error=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Fenced):
    """The attempt is over without a clip.

    `charged` when the provider bills for it all the same, `blame` when the provider is not well, or not willing to work
    for this account.
    """

    arrows: ClassVar[Arrows] = dict.fromkeys(_WORKED, RenderState.FAILED)
    code: str
    message: str
    retryable: bool = False
    charged: bool = False
    blame: bool = False

    def effect(self, render: Render) -> Render:
        """Record why and settle the money."""
        settled = charged(render) if self.charged else unbilled(render)
        return replace(unheld(settled), error_code=self.code, error=self.message, retryable=self.retryable)


EVENTS: tuple[type[Event], ...] = (
    Claim, Heartbeat, Release, BeginSubmit, Submitted, NotAccepted, Lost, Fetched, Ready, Park, Fail,
)  # fmt: skip
"""What workers cause; what people decide is in `decisions.py` beside this file."""


def transition(render: Render, event: Event) -> Render:
    """The render after the event; it never changes the one given.

    Raises:
        LeaseLostError: the event's fence is not the render's, or the render is not free to be claimed.
        RenderStateError: there is no such arrow from this state.
    """
    if isinstance(event, Fenced) and event.fence != render.fence:
        raise LeaseLostError(
            f"Render {render.id} was given on: fence {event.fence} was used, it is at {render.fence}; drop the work."
        )
    target = event.arrows.get(render.state)
    if target is None:
        name = type(event).__name__
        raise RenderStateError(f"Render {render.id} is {render.state.value}; {name} has no arrow from there.")
    return replace(event.effect(render), state=target, updated_at=event.now)


def unheld(render: Render) -> Render:
    """The render without a lease."""
    return replace(render, worker=None, lease_until=None)


def charged(render: Render) -> Render:
    """The render with its reserve booked as spent."""
    return replace(render, spent=render.spent + render.reserved, reserved=Decimal(0))


def unbilled(render: Render) -> Render:
    """The render with its reserve freed: that submit is not billed, and does not count."""
    return replace(render, reserved=Decimal(0), paid_tries=render.paid_tries - (render.reserved > 0))
