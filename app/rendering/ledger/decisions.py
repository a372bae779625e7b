"""Decisions: what happens to a render by a person's word, or by late news from its provider."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from app.rendering.ledger.states import OPEN, Arrows, Event, Render, RenderState, charged, unbilled, unheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Event):
    """A person stops it. Whoever works on it finds its lease lost; what was submitted counts as billed."""

    arrows: ClassVar[Arrows] = dict.fromkeys(OPEN, RenderState.CANCELLED)

    def effect(self, render: Render) -> Render:
        """Move the fence on and settle the money."""
        return replace(charged(unheld(render)), fence=render.fence + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Event):
    """A person allows one more submit of a parked render; what the one before may have cost counts as billed."""

    arrows: ClassVar[Arrows] = {RenderState.PARKED: RenderState.WANTED}

    def effect(self, render: Render) -> Render:
        """Forget the attempt but not its cost."""
        granted = replace(charged(render), granted_tries=render.granted_tries + 1)
        fresh = replace(granted, token=None, request_id=None, provider_request_id=None)
        return replace(fresh, fence=render.fence + 1, error_code=None, error=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt(Event):
    """The provider, late, or a person says which request a parked render is."""

    arrows: ClassVar[Arrows] = {RenderState.PARKED: RenderState.SUBMITTED}
    request_id: str
    own_id: str = ""

    def effect(self, render: Render) -> Render:
        """Go on with that request."""
        known = replace(render, request_id=self.request_id, provider_request_id=self.own_id or self.request_id)
        return replace(known, fence=render.fence + 1, error_code=None, error=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver(Event):
    """A person brought the video of a parked render: it is on this machine."""

    arrows: ClassVar[Arrows] = {RenderState.PARKED: RenderState.FETCHED}

    def effect(self, render: Render) -> Render:
        """Go on with that video."""
        return replace(render, fence=render.fence + 1, error_code=None, error=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Event):
    """A person says what a parked render's job was billed; nothing where it was not billed, or never ordered."""

    arrows: ClassVar[Arrows] = {RenderState.PARKED: RenderState.FAILED}
    code: str
    message: str
    billed: Decimal = Decimal(0)
    retryable: bool = False

    def effect(self, render: Render) -> Render:
        """Book what was billed in place of what was set aside."""
        booked = replace(render, reserved=Decimal(0), spent=render.spent + self.billed)
        settled = booked if self.billed else unbilled(render)
        told = replace(settled, error_code=self.code, error=self.message, retryable=self.retryable)
        return replace(told, fence=render.fence + 1)


DECISIONS: tuple[type[Event], ...] = (Cancel, Retry, Adopt, Deliver, Resolve)
