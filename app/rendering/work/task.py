"""Inputs of an attempt: the task, its context, and the reports of its progress."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from app.catalog.model import Avatar
from app.digest import Digest
from app.errors import ProviderUnavailableError
from app.rendering.ledger.port import Cap, Headroom, Ledger
from app.rendering.ledger.rejections import PER_CLIP_ATTEMPTS
from app.rendering.media.pipeline import Pipeline
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.providers import AvatarProviders
from app.tracing import NoTracer, Tracer

LONGEST_RETRY_S = 300.0
"""A longer pause is not waited for: a job is asked after sooner all the same, an order is left to a later run."""

LONGEST_HOLD_S = 3600.0
"""A provider that wants no orders for longer is tried sooner all the same."""


class AttemptAgainError(Exception):
    """Nothing was accepted, and the ledger has recorded it: claim the render again.

    `counts`: it is one of the tries.
    """

    def __init__(self, message: str, *, counts: bool = True) -> None:
        super().__init__(message)
        self.counts = counts


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """Progress of a clip: `done_share` of its stage, from 0 to 1; `waited_s` of at most `limit_s` for its job."""

    stage: Literal["waiting", "speaking", "rendering", "storing"]
    done_share: float = 0.0
    waited_s: float = 0.0
    limit_s: float = 0.0


OnProgress = Callable[[ClipProgress], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Clip to render, its providers, caps and headroom.

    `tries_left`: submits that may still fail; `waits_left`: pauses that the provider may still ask for.
    `rivals` are the keys of the same clip by other renderers, `idles` those of the avatar's idle loop.
    `per_clip` bounds the paid orders of the clip.
    """

    wanted: WantedClip
    avatar: Avatar
    providers: AvatarProviders
    caps: Collection[Cap]
    on_progress: OnProgress
    per_clip: int = PER_CLIP_ATTEMPTS
    tries_left: int = 1
    waits_left: int = 1
    rivals: Sequence[Digest] = ()
    idles: Sequence[Digest] = ()

    @property
    def room(self) -> Headroom:
        """Headroom that the provider must have before the submit."""
        facts = self.providers.renderer.capabilities
        return Headroom(facts.concurrency, facts.per_minute, tuple(self.rivals), self.per_clip)


@dataclass(frozen=True, slots=True)
class AttemptContext:
    """Context of every attempt.

    `pause` sleeps, but ends when a webhook with the token comes; `checkpoint` is called at named points of
    the work. `held_off` is until when a provider asked this process for a pause, by its name.
    """

    pipeline: Pipeline
    ledger: Ledger
    sleep: Callable[[float], Awaitable[None]]
    pause: Callable[[str, float], Awaitable[None]]
    checkpoint: Callable[[str], None]
    tracer: Tracer = field(default_factory=NoTracer)
    held_off: dict[str, datetime] = field(default_factory=dict)

    async def keep_off(self, provider: str) -> None:
        """Wait until the pause is over that a provider asked for, whichever order it refused.

        Raises:
            ProviderUnavailableError: it is a long one; nothing was sent.
        """
        while (left_s := self._left_s(provider)) > 0:
            if left_s > LONGEST_RETRY_S:
                message = f"Renderer `{provider}` wants no orders for {left_s:.0f} s more; a later run orders it."
                raise ProviderUnavailableError(message, retry_after_s=left_s)
            await self.sleep(left_s)

    def is_long(self, provider: str, asked_s: float) -> bool:
        """Return whether a pause is too long to be waited for; until it is over, no order is sent there."""
        if asked_s <= LONGEST_RETRY_S:
            return False
        self.held_off[provider] = self.pipeline.clock() + timedelta(seconds=min(asked_s, LONGEST_HOLD_S))
        return True

    def _left_s(self, provider: str) -> float:
        now = self.pipeline.clock()
        return (self.held_off.get(provider, now) - now).total_seconds()
