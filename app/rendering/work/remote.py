"""Films made by workers: the node that has the visitor asks, a worker films, the store is where it is found."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

from app.catalog.model import Avatar
from app.errors import BudgetExceededError, GreenroomError, RenderingError, error_class
from app.rendering.ledger.port import Cap
from app.rendering.ledger.states import Render, RenderState
from app.rendering.plan.clips import WantedClip
from app.rendering.work.notifications import clip_topic
from app.rendering.work.studio import Studio
from app.store.labels import Labels
from app.store.ports import Entry

LOOK_EVERY_S = 1.0
"""How often a node looks without a hint."""

ASK_AGAIN = timedelta(seconds=5)
"""After so long without anybody at work, the message counts as lost and is sent again."""

MOST_PAUSE = timedelta(seconds=60)
"""Each time it is sent again it waits twice as long, up to this: perhaps all workers are busy."""

_OVER = {RenderState.FAILED, RenderState.CANCELLED, RenderState.PARKED}


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """What a worker is told: enough to want the same clip, and what it may cost."""

    avatar: str
    key: str
    text: str | None
    locale: str
    labels: Labels
    caps: tuple[Cap, ...] = ()

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        caps = [{"scope": cap.scope, "limit": str(cap.limit), "source": cap.source} for cap in self.caps]
        return {
            "avatar": self.avatar,
            "key": self.key,
            "text": self.text,
            "locale": self.locale,
            "labels": self.labels.to_json(),
            "caps": caps,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RemoteJob":
        """Read it back.

        Raises:
            RenderingError: it is not one of ours.
        """
        try:
            caps = [Cap(cap["scope"], Decimal(cap["limit"]), cap["source"]) for cap in document["caps"]]
            names = ("avatar", "key", "text", "locale")
            labels = Labels.from_json(document["labels"])
            return cls(**{name: document[name] for name in names}, labels=labels, caps=tuple(caps))
        except (KeyError, TypeError, ArithmeticError) as error:
            told = f"Expected a film job, got {str(document)[:80]!r}; is every node of one version?"
            raise RenderingError(told) from error


class RenderQueue(Protocol):
    """Brings jobs to workers, at most once each: whoever wants one asks again until the ledger shows somebody at it."""

    async def ask(self, job: RemoteJob) -> None:
        """Ask for a worker; never fails."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteStudio:
    """A studio whose films are made by workers; everything but the work itself is the same."""

    studio: Studio
    engine: RenderQueue

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """The clip these words would be."""
        return self.studio.wanted(avatar, text=text, locale=locale, labels=labels)

    async def clip(self, wanted: WantedClip, *, avatar: Avatar, caps: Collection[Cap] = ()) -> Entry:
        """The clip: at once if it is stored, else when a worker has filmed it.

        Raises:
            RenderingError: it cannot be filmed, as the ledger tells; waiting longer is the caller's to end.
        """
        job = RemoteJob(
            avatar=avatar.id,
            key=wanted.key,
            text=wanted.labels.text,
            locale=wanted.labels.locale or "",
            labels=wanted.labels,
            caps=tuple(caps),
        )
        next_at, pause = self.studio.clock(), ASK_AGAIN
        before = {render.id for render in await _latest(self.studio, wanted) if render.state in _OVER}
        while (entry := await self.studio.stored(wanted)) is None:
            await self._raise_if_over(wanted, before)
            if self.studio.clock() >= next_at and not await is_held(self.studio, wanted):
                await self._raise_if_spent(caps)
                await self.engine.ask(job)
                next_at, pause = self.studio.clock() + pause, min(2 * pause, MOST_PAUSE)
            await self.studio.notifications.wait(clip_topic(wanted.key), LOOK_EVERY_S)
        return entry

    async def _raise_if_over(self, wanted: WantedClip, before: Collection[str]) -> None:
        """The last of the chain that ended since we asked tells how; by ids, for clocks of two computers differ."""
        over = [one for one in await _latest(self.studio, wanted) if one.state in _OVER and _is_news(one, before)]
        parked = any(one.state is RenderState.PARKED for one in over)
        if parked or (over and len(over) == len(wanted.keys)):
            last = over[-1]
            message = last.error or f"Render {last.id} was {last.state.value}; want it again."
            raise error_class(last.error_code or RenderingError.code)(message)

    async def _raise_if_spent(self, caps: Collection[Cap]) -> None:
        for cap in caps:
            used = await self.studio.ledger.spend(cap.scope)
            if used.committed >= cap.limit > 0:
                raise BudgetExceededError(f"Expected room under `{cap.scope}`, got all {cap.limit} used; {cap.source}.")


def _is_news(render: Render, before: Collection[str]) -> bool:
    return render.id not in before or render.state is RenderState.PARKED


Worked = Literal["filmed", "failed", "not ours", "in hand"]


@dataclass(slots=True)
class RenderWorker:
    """A worker's side: carries jobs out with its own studio, and says on every node when one has ended."""

    studio: Studio
    avatars: Sequence[Avatar]
    _busy: set[str] = field(default_factory=set, init=False, repr=False)

    async def work(self, job: RemoteJob) -> Worked:
        """Film what is wanted.

        A job for another catalog than ours is left to other workers; one that was asked for again while somebody is at
        it takes up no place.
        """
        avatar, wanted = self._found(job)
        if avatar is None or wanted is None:
            return "not ours"
        if wanted.key in self._busy or await is_held(self.studio, wanted):
            return "in hand"
        self._busy.add(wanted.key)
        try:
            await self.studio.clip(wanted, avatar=avatar, caps=job.caps)
        except GreenroomError:
            return "failed"
        finally:
            self._busy.discard(wanted.key)
            self.studio.notifications.notify(clip_topic(wanted.key))
        return "filmed"

    def _found(self, job: RemoteJob) -> tuple[Avatar, WantedClip] | tuple[None, None]:
        """Whose clip it is: the avatar of one release may look and sound different from that of another."""
        for avatar in self.avatars:
            if avatar.id == job.avatar:
                wanted = self.studio.wanted(avatar, text=job.text, locale=job.locale, labels=job.labels)
                if wanted.key == job.key:
                    return avatar, wanted
        return None, None


async def is_held(studio: Studio, wanted: WantedClip) -> bool:
    """Whether a living worker is at this clip."""
    now = studio.clock()
    return any(render.held(now) for render in await _latest(studio, wanted))


async def _latest(studio: Studio, wanted: WantedClip) -> list[Render]:
    found = [await studio.ledger.latest(key) for key in wanted.keys]
    return [render for render in found if render is not None]
