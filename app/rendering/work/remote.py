"""Remote renders: a visitor's node asks, a worker renders, and the node finds the clip in the store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

from app.catalog.model import Avatar
from app.errors import BudgetExceededError, GreenroomError, RenderingError
from app.rendering.ledger.port import Cap
from app.rendering.ledger.states import Render, RenderState
from app.rendering.plan.clips import WantedClip
from app.rendering.work.notifications import clip_topic
from app.rendering.work.recorded_errors import error_class
from app.rendering.work.studio import Studio
from app.rendering.work.task import ClipProgress, OnProgress
from app.store.labels import Labels
from app.store.ports import Entry

LOOK_EVERY_S = 1.0
"""Interval of looking without a notification."""

ASK_AGAIN = timedelta(seconds=5)
"""Time without a worker after which the message counts as lost and is sent again."""

MOST_PAUSE = timedelta(seconds=60)
"""Longest pause: it doubles with each message, because all workers may be busy."""

_OVER = {RenderState.FAILED, RenderState.CANCELLED, RenderState.PARKED}


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """Job of a worker: the clip, and the caps on its cost."""

    avatar: str
    key: str
    text: str | None
    locale: str
    labels: Labels
    caps: tuple[Cap, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the job as JSON values."""
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
        """Read a job from JSON values.

        Raises:
            RenderingError: it is not a job of this version.
        """
        try:
            caps = [Cap(cap["scope"], Decimal(cap["limit"]), cap["source"]) for cap in document["caps"]]
            names = ("avatar", "key", "text", "locale")
            labels = Labels.from_json(document["labels"])
            return cls(**{name: document[name] for name in names}, labels=labels, caps=tuple(caps))
        except (KeyError, TypeError, ArithmeticError) as error:
            message = f"Expected a render job, got {str(document)[:80]!r}; run the same version on all nodes."
            raise RenderingError(message) from error


class RenderQueue(Protocol):
    """Queue of jobs for workers, at most once each: callers ask again until the ledger shows a worker."""

    async def ask(self, job: RemoteJob) -> None:
        """Ask for a worker; never fails."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteStudio:
    """Studio whose renders are made by workers; all but the work itself is the local studio's."""

    studio: Studio
    engine: RenderQueue

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """Return the clip that these words would be."""
        return self.studio.wanted(avatar, text=text, locale=locale, labels=labels)

    async def clip(
        self,
        wanted: WantedClip,
        *,
        avatar: Avatar,
        caps: Collection[Cap] = (),
        on_progress: OnProgress | None = None,
    ) -> Entry:
        """Return the clip: at once if it is stored, else when a worker has rendered it.

        Workers render the pieces of a long answer, and this process joins them.

        Raises:
            RenderingError: it cannot be rendered, by the ledger. The caller sets the limit of the wait.
        """
        if on_progress is not None:
            on_progress(ClipProgress("waiting"))  # how far a worker is, only the worker knows
        if wanted.parts:
            for part in wanted.parts:
                await self.clip(part, avatar=avatar, caps=caps)
            return await self.studio.clip(wanted, avatar=avatar, caps=caps)
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
        """Raise the error of the last render that ended since the call; by ids, since clocks differ."""
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
                raise BudgetExceededError(
                    f"Cannot render: all {cap.limit} of `{cap.scope}` are used. Wait, or raise {cap.source}."
                )


def _is_news(render: Render, before: Collection[str]) -> bool:
    return render.id not in before or render.state is RenderState.PARKED


Worked = Literal["filmed", "failed", "not ours", "in hand"]


@dataclass(slots=True)
class RenderWorker:
    """Worker: carries jobs out with its own studio, and notifies every node of their end."""

    studio: Studio
    avatars: Sequence[Avatar]
    _busy: set[str] = field(default_factory=set, init=False, repr=False)

    async def work(self, job: RemoteJob) -> Worked:
        """Carry a job out.

        A job of another catalog is left to other workers. A repeated job that a worker already has is
        skipped.
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
        """Return avatar and clip of the job: one id may be different avatars in two releases."""
        for avatar in self.avatars:
            if avatar.id == job.avatar:
                wanted = self.studio.wanted(avatar, text=job.text, locale=job.locale, labels=job.labels)
                if wanted.key == job.key:
                    return avatar, wanted
        return None, None


async def is_held(studio: Studio, wanted: WantedClip) -> bool:
    """Return whether a living worker has this clip."""
    now = studio.clock()
    return any(render.held(now) for render in await _latest(studio, wanted))


async def _latest(studio: Studio, wanted: WantedClip) -> list[Render]:
    found = [await studio.ledger.latest(key) for key in wanted.keys]
    return [render for render in found if render is not None]
