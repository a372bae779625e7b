"""What an attempt is given: the task, the means, and the words in which it tells how far it is."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.catalog.model import Avatar
from app.digest import Digest
from app.rendering.ledger.port import Cap, Headroom, Ledger
from app.rendering.media.pipeline import Pipeline
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.providers import AvatarProviders
from app.tracing import NoTracer, Tracer


class AttemptAgainError(Exception):
    """Nothing was accepted and the ledger says so: the render may be claimed again; `counts` against the tries."""

    def __init__(self, message: str, *, counts: bool = True) -> None:
        super().__init__(message)
        self.counts = counts


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """How far a clip is: `done_share` of its stage, from 0 to 1."""

    stage: Literal["waiting", "speaking", "rendering", "storing"]
    done_share: float = 0.0


OnProgress = Callable[[ClipProgress], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be filmed, by whom, within which caps and room.

    `tries_left`: submits that may still fail; `waits_left`: pauses that the provider may still ask for. `rivals` are
    the keys of the same clip by other renderers, `idles` those of the avatar's idle loop.
    """

    wanted: WantedClip
    avatar: Avatar
    providers: AvatarProviders
    caps: Collection[Cap]
    on_progress: OnProgress
    tries_left: int = 1
    waits_left: int = 1
    rivals: Sequence[Digest] = ()
    idles: Sequence[Digest] = ()

    @property
    def room(self) -> Headroom:
        """What must be free before it is handed over."""
        facts = self.providers.renderer.capabilities
        return Headroom(facts.concurrency, facts.per_minute, tuple(self.rivals))


@dataclass(frozen=True, slots=True)
class AttemptContext:
    """What every attempt works with.

    `pause` sleeps, but not on when a webhook with the token comes; `checkpoint` is told where the work is.
    """

    pipeline: Pipeline
    ledger: Ledger
    sleep: Callable[[float], Awaitable[None]]
    pause: Callable[[str, float], Awaitable[None]]
    checkpoint: Callable[[str], None]
    tracer: Tracer = field(default_factory=NoTracer)
