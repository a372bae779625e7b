"""The spans of a session's questions: a root each, and a child for every step of work."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial, singledispatchmethod
from typing import Any, Protocol

from app.conversation import actions
from app.conversation.actions import Action, RecordTurn, Work
from app.conversation.ports import Clock, Meter, PlayableClip
from app.conversation.protocol.client_messages import ClientMessage
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.script import ServedRelease
from app.conversation.session import Session
from app.errors import GreenroomError, TurnNotFoundError
from app.learning.turn_log import TurnRecord
from app.tracing import Span, Tracer


class TurnTraces:
    """Begins and ends them. Words of visitors are no attributes: only what became of a question."""

    def __init__(self, tracer: Tracer) -> None:
        """Nothing is under way."""
        self._tracer = tracer
        self._questions: dict[str, Span] = {}
        self._steps: dict[tuple[str, Work], Span] = {}

    def begin(self, turn: str, work: Work) -> None:
        """A step of work begins, and with the first one the question."""
        if turn not in self._questions:
            self._questions[turn] = self._tracer.begin("question", turn=turn)
        parent = self._questions[turn].traceparent
        self._steps[turn, work] = self._tracer.begin(work.value, parent=parent, turn=turn)

    def parent(self, turn: str, work: Work) -> str:
        """What work done elsewhere for this step names as its parent."""
        span = self._steps.get((turn, work))
        return span.traceparent if span else ""

    def end(self, turn: str, work: Work, *, error: str = "") -> None:
        """A step is over."""
        span = self._steps.pop((turn, work), None)
        if span:
            span.end(error=error)

    def close(self, record: RecordTurn) -> None:
        """A question came to its end; what it still waited for is over with it."""
        for turn, work in [key for key in self._steps if key[0] == record.turn]:
            self.end(turn, work, error="dropped")
        span = self._questions.pop(record.turn, None)
        if span:
            told = {name: str(record.receipt.get(name) or "") for name in ("stage", "release", "encoder")}
            span.note(outcome=record.outcome, intent=record.intent or "", locale=record.locale, **told)
            span.end(error="failed" if record.outcome == "failed" else "")


_log = logging.getLogger(__name__)

Job = Coroutine[Any, Any, None]
Spawn = Callable[[Job], asyncio.Task[None]]
"""Starts a task in the group that outlives the sessions."""


_SLOW = frozenset({Work.RESPOND, Work.FILM})
"""Work that outlasts a lost connection."""


class Connection(Protocol):
    """A connection to the visitor; both calls return at once and may come after it broke."""

    def send(self, message: ServerMessage) -> None:
        """Send a message after those before it."""
        ...

    def close(self, code: CloseCode) -> None:
        """Close after what was sent."""
        ...


class SessionDriver:
    """One session with its tasks, its timers and its line."""

    def __init__(
        self, session: Session, served: Callable[[], ServedRelease], *, clock: Clock, meter: Meter, spawn: Spawn
    ) -> None:
        """Nothing runs before the first message; `served` gives the release that a new question is answered from."""
        self.session = session
        self.address = ""
        """Whose caps count, besides the session's own: a hash."""
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something new to keep."""
        self._served = served
        self._services = served().services
        self._clock = clock
        self._meter = meter
        self._spawn = spawn
        self._traces = TurnTraces(self._services.tracer)
        self._line: Connection | None = None
        self._tasks: dict[tuple[str, Work], asyncio.Task[None]] = {}
        self._timers: dict[tuple[str, Work], asyncio.TimerHandle] = {}

    # -- the line ------------------------------------------------------------------------------------------------

    @property
    def urgent(self) -> bool:
        """Whether what is new should be kept at once: nobody is there to hear it, or it took long to make."""
        turn = self.session.open_turn
        return self._line is None or (turn is not None and not turn.pending.isdisjoint(_SLOW))

    def begin(self, line: Connection, *, token: str, idle: PlayableClip | None, greeting: PlayableClip | None) -> None:
        """Open the session on a line."""
        self._line = line
        self._apply(self.session.begin(token, self._now(), idle=idle, greeting=greeting))

    def resume(self, line: Connection, *, token: str, last_seq: int) -> None:
        """Go on over another line; the one before it, if it is still there, is taken over."""
        if self._line:
            self._line.close(CloseCode.TAKEN_OVER)
        self._line = line
        self._apply(self.session.resume(token, self._now(), last_seq=last_seq))

    def leave(self, line: Connection) -> bool:
        """The line is gone; False when the session goes on over another one."""
        if self._line is not line:
            return False
        self._line = None
        self.changed()
        return True

    def receive(self, message: ClientMessage) -> None:
        """A message came over the line."""
        if self.session.asks(message):
            self._keep_up()
        self._apply(self.session.receive(message, self._now()))

    def refuse(self, error: GreenroomError, *, ref: str | None) -> None:
        """A frame came that is no message."""
        self._apply(self.session.refuse(error, self._now(), ref=ref))

    def going_away(self, *, after_s: float) -> None:
        """Say that the server restarts soon."""
        self._apply(self.session.going_away(self._now(), after_s=after_s))

    def end(self, code: CloseCode) -> None:
        """Drop everything this visitor was waiting for."""
        self._apply(self.session.end(self._now()))
        if self._line:
            self._line.close(code)

    def part(self, code: CloseCode) -> None:
        """Leave the session as it is to another node: nothing is said about it any more here."""
        for key in (*self._tasks, *self._timers):
            self._do(actions.Drop(*key))
        if self._line:
            self._line.close(code)
            self._line = None

    def _keep_up(self) -> None:
        """A new question is answered from what is served now; until one comes, all goes on as it began."""
        served = self._served()
        self._services = served.services
        self.session.use(served.script())

    # -- actions -------------------------------------------------------------------------------------------------

    def _apply(self, todo: list[Action]) -> None:
        do = self._do
        for action in todo:
            do(action)
        self.changed()

    @singledispatchmethod
    def _do(self, action: Action) -> None:
        raise NotImplementedError(action)

    @_do.register
    def _send(self, action: actions.Send) -> None:
        if self._line:
            self._line.send(action.message)

    @_do.register
    def _close(self, action: actions.Close) -> None:
        if self._line:
            self._line.close(action.code)

    @_do.register
    def _arm(self, action: actions.Arm) -> None:
        self._disarm(action.turn, action.work)
        timer = asyncio.get_running_loop().call_later(action.after_s, self._wake, action.turn, action.work)
        self._timers[action.turn, action.work] = timer

    @_do.register
    def _drop(self, action: actions.Drop) -> None:
        self._disarm(action.turn, action.work)
        task = self._tasks.pop((action.turn, action.work), None)
        if task:
            task.cancel()
        self._traces.end(action.turn, action.work, error="dropped")

    @_do.register
    def _start_decide(self, action: actions.Decide) -> None:
        self._start(action.turn, Work.DECIDE, partial(self._decide, action))

    @_do.register
    def _start_find(self, action: actions.FindClip) -> None:
        self._start(action.turn, action.work, partial(self._find, action))

    @_do.register
    def _start_respond(self, action: actions.Respond) -> None:
        self._start(action.turn, Work.RESPOND, partial(self._respond, action))

    @_do.register
    def _start_film(self, action: actions.RequestClip) -> None:
        self._start(action.turn, Work.FILM, partial(self._film, action))

    @_do.register
    def _start_prefetch(self, action: actions.Prefetch) -> None:
        self._spawn(self._aside(partial(self._prefetch, action)))

    @_do.register
    def _start_record(self, action: actions.RecordTurn) -> None:
        self._traces.close(action)
        self._meter.turn_done(action.outcome, after_s=action.latency_s)
        self._spawn(self._aside(partial(self._record, action)))

    @_do.register
    def _start_rate(self, action: actions.RecordFeedback) -> None:
        self._spawn(self._aside(partial(self._rate, action)))

    # -- work ----------------------------------------------------------------------------------------------------

    async def _decide(self, action: actions.Decide) -> None:
        began = self._now()
        decision = await self._services.decider.decide(action.text, locale=action.locale, previous=action.previous)
        self._meter.took("match", self._now() - began)
        self._settle(action.turn, Work.DECIDE)
        self._apply(self.session.decided(action.turn, decision, self._now()))

    async def _find(self, action: actions.FindClip) -> None:
        clip = await self._services.clips.for_intent(action.intent, locale=action.locale, variant=action.variant)
        self._settle(action.turn, action.work)
        self._apply(self.session.clip_found(action.turn, action.work, clip, self._now()))

    async def _respond(self, action: actions.Respond) -> None:
        await self._services.allowance.take(self.session.id, self.address)
        async for piece in self._services.responder.respond(
            action.text, locale=action.locale, previous=action.previous
        ):
            self._apply(self.session.words(action.turn, piece, self._now()))
        self._settle(action.turn, Work.RESPOND)
        self._apply(self.session.words_ended(action.turn, self._now()))

    async def _film(self, action: actions.RequestClip) -> None:
        began = self._now()
        trace = self._traces.parent(action.turn, Work.FILM)
        film = self._services.film.film
        clip = await film(action.text, locale=action.locale, session=self.session.id, trace=trace)
        self._meter.took("film", self._now() - began)
        self._settle(action.turn, Work.FILM)
        self._apply(self.session.filmed(action.turn, clip, self._now()))

    async def _prefetch(self, action: actions.Prefetch) -> None:
        find = self._services.clips.for_intent
        found = [await find(intent, locale=action.locale, variant=variant) for intent, variant in action.intents]
        clips = [clip for clip in found if clip]
        self._apply(self.session.prefetched(action.turn, clips, self._now()))

    async def _record(self, action: actions.RecordTurn) -> None:
        asked_at = self._clock.now() - timedelta(seconds=self._now() - action.asked_s)
        record = TurnRecord(
            id=action.turn,
            session=self.session.id,
            asked_at=asked_at,
            question=action.question,
            locale=action.locale,
            outcome=action.outcome,
            intent=action.intent,
            clip=action.clip,
            receipt=action.receipt,
            latency_ms=round(action.latency_s * 1000, 3),
        )
        await self._services.turn_log.record(record)

    async def _rate(self, action: actions.RecordFeedback) -> None:
        known = await self._services.turn_log.feedback(
            action.turn, session=self.session.id, score=action.score, comment=action.comment
        )
        if not known:
            error = TurnNotFoundError(f"This session has no finished turn {action.turn!r}.")
            self._apply(self.session.refuse(error, self._now(), ref=None))

    # -- tasks and timers ----------------------------------------------------------------------------------------

    def _start(self, turn: str, work: Work, job: Callable[[], Job]) -> None:
        self._traces.begin(turn, work)
        self._tasks[turn, work] = self._spawn(self._carried(turn, work, job))

    async def _carried(self, turn: str, work: Work, job: Callable[[], Job]) -> None:
        """Do a job; whatever goes wrong in it becomes the session's next step down."""
        error = await _attempt(job, work)
        if error:
            self._settle(turn, work, error=error.code)
            self._apply(self.session.failed(turn, work, error, self._now()))

    async def _aside(self, job: Callable[[], Job]) -> None:
        """Do a job that the visitor does not wait for."""
        await _attempt(job, "aside")

    def _settle(self, turn: str, work: Work, *, error: str = "") -> None:
        self._traces.end(turn, work, error=error)
        self._disarm(turn, work)
        self._tasks.pop((turn, work), None)

    def _disarm(self, turn: str, work: Work) -> None:
        timer = self._timers.pop((turn, work), None)
        if timer:
            timer.cancel()

    def _wake(self, turn: str, work: Work) -> None:
        self._timers.pop((turn, work), None)
        self._apply(self.session.wake(turn, work, self._now()))

    def _now(self) -> float:
        return self._clock.monotonic()


async def _attempt(job: Callable[[], Job], work: str) -> GreenroomError | None:
    """Do a job; what went wrong, as the session understands it: surprises are logged with their trace, told without."""
    try:
        await job()
    except GreenroomError as error:
        _log.warning("conversation.work_failed", extra={"work": work, "code": error.code, "reason": str(error)})
        return error
    except Exception:  # noqa: BLE001  (the edge of a job: a session outlives whatever its cast does)
        _log.exception("conversation.work_broke", extra={"work": work})
        return GreenroomError("Something broke while answering; ask again.")
    return None
