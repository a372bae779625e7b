"""Driver of a session: carries out its actions as tasks and timers, and traces every turn."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from app.conversation import actions
from app.conversation.actions import Action, Work
from app.conversation.hot_path.attempt import BROKE, attempt, attempt_now
from app.conversation.hot_path.record_batches import FinishedTurn, RecordBatches
from app.conversation.hot_path.turn_traces import TurnTraces
from app.conversation.page.deliveries import Delivery
from app.conversation.ports import Clock, Connection, Meter, PlayableClip
from app.conversation.protocol.client_messages import ClientMessage
from app.conversation.protocol.page_messages import SessionContext
from app.conversation.protocol.rules import CloseCode
from app.conversation.script import ServedRelease
from app.conversation.session import Session
from app.conversation.session_intro import SessionIntro
from app.conversation.turn_record import logged
from app.errors import GreenroomError, TurnNotFoundError
from app.learning.turn_log import TurnRecord

Job = Coroutine[Any, Any, None]
Spawn = Callable[[Job], asyncio.Task[None]]
"""Starts a task in the task group that outlives the sessions."""

_SLOW = frozenset({Work.RESPOND, Work.FILM})
"""Work that goes on without a connection."""


class SessionDriver:
    """One session with its tasks, its timers and its connection."""

    def __init__(
        self,
        session: Session,
        served: Callable[[], ServedRelease],
        *,
        clock: Clock,
        meter: Meter,
        spawn: Spawn,
        records: RecordBatches | None = None,
    ) -> None:
        """Start nothing yet; `served` returns the release that answers a new question."""
        self.session = session
        self.address = ""
        """Hash of the visitor's address: caps count by session and by address."""
        self.changed: Callable[[], None] = lambda: None
        """Called if the session has changed and must be stored."""
        self._served = served
        self._services, self._release = served().services, served().name
        self._clock = clock
        self._meter = meter
        self._spawn = spawn
        self._records = records or RecordBatches(spawn)
        self._forgotten = False
        self._traces = TurnTraces(self._services.tracer)
        self._connection: Connection | None = None
        self._tasks: dict[tuple[str, Work], asyncio.Task[None]] = {}
        self._timers: dict[tuple[str, Work], asyncio.TimerHandle] = {}
        self._at_hand: deque[Callable[[], list[Action]]] = deque()
        """Results of actions that needed no waiting, to be handled after the actions beside them."""

    # -- connections -----------------------------------------------------------------------------------------

    @property
    def urgent(self) -> bool:
        """True if a change must be stored at once: no visitor is connected, or it took long to make."""
        turn = self.session.open_turn
        return self._connection is None or (turn is not None and not turn.pending.isdisjoint(_SLOW))

    def begin(self, connection: Connection, *, token: str, opening: SessionIntro) -> None:
        """Open the session on a connection."""
        self._connection = connection
        self._apply(self.session.begin(token, self._now(), opening))

    def resume(self, connection: Connection, *, token: str, last_seq: int) -> None:
        """Continue on another connection; one that is still open is closed as taken over."""
        if self._connection:
            self._connection.close(CloseCode.TAKEN_OVER)
        self._connection = connection
        self._apply(self.session.resume(token, self._now(), last_seq=last_seq))

    def leave(self, connection: Connection) -> bool:
        """Drop the connection; False if the session continues on another one."""
        if self._connection is not connection:
            return False
        self._connection = None
        self.changed()
        return True

    def receive(self, message: ClientMessage) -> None:
        """Handle a message of the visitor."""
        if self.session.asks(message):
            self._use_served_release()
        self._apply(self.session.receive(message, self._now()))

    def tell(self, page: Mapping[str, str]) -> None:
        """Handle what the page tells of its visitor when it connects."""
        self.receive(SessionContext(type="session.context", id="start", values=dict(page)))

    def refuse(self, error: GreenroomError, *, ref: str | None) -> None:
        """Answer a frame that is no message with an error."""
        self._apply(self.session.refuse(error, self._now(), ref=ref))

    def going_away(self, *, after_s: float) -> None:
        """Notify the visitor that the server restarts soon."""
        self._apply(self.session.going_away(self._now(), after_s=after_s))

    def end(self, code: CloseCode) -> None:
        """End the session: cancel its work and close the connection."""
        self._apply(self.session.end(self._now()))
        if self._connection:
            self._connection.close(code)

    def part(self, code: CloseCode) -> None:
        """Stop all work and close the connection, without ending the session: another node continues it."""
        for key in (*self._tasks, *self._timers):
            self._do(actions.Drop(*key))
        if self._connection:
            self._connection.close(code)
            self._connection = None

    def _use_served_release(self) -> None:
        """Switch to the release that is served now; only a new question does so."""
        served = self._served()
        self._services, self._release = served.services, served.name
        self.session.use(served.script())

    # -- actions ---------------------------------------------------------------------------------------------

    def _apply(self, todo: list[Action]) -> None:
        """Carry actions out, and at once those that follow from results which are at hand."""
        for action in todo:
            self._do(action)
        while self._at_hand:
            for action in self._at_hand.popleft()():
                self._do(action)
        self.changed()

    def _do(self, action: Action) -> None:
        _ACTIONS[type(action)](self, action)

    def _send(self, action: actions.Send) -> None:
        if self._connection:
            self._connection.send(action.message)

    def _close(self, action: actions.Close) -> None:
        if self._connection:
            self._connection.close(action.code)

    def _arm(self, action: actions.Arm) -> None:
        self._disarm(action.turn, action.work)
        timer = asyncio.get_running_loop().call_later(action.after_s, self._wake, action.turn, action.work)
        self._timers[action.turn, action.work] = timer

    def _drop(self, action: actions.Drop) -> None:
        self._disarm(action.turn, action.work)
        task = self._tasks.pop((action.turn, action.work), None)
        if task:
            task.cancel()
        self._traces.end(action.turn, action.work, error="dropped")

    def _start_decide(self, action: actions.Decide) -> None:
        self._start(action.turn, Work.DECIDE, partial(self._decide, action))

    def _start_find(self, action: actions.FindClip) -> None:
        clip = self._clip_at_hand(action.intent, action.locale, action.variant)
        if clip is not None:
            self._traces.begin(action.turn, action.work)
            self._at_hand.append(partial(self._found_at_hand, action, clip))
            return
        self._start(action.turn, action.work, partial(self._find, action))

    def _start_respond(self, action: actions.Respond) -> None:
        self._start(action.turn, Work.RESPOND, partial(self._respond, action))

    def _start_render(self, action: actions.RequestClip) -> None:
        self._start(action.turn, Work.FILM, partial(self._render, action))

    def _start_prefetch(self, action: actions.Prefetch) -> None:
        clips = [self._clip_at_hand(intent, action.locale, variant) for intent, variant in action.intents]
        if all(clips):
            prefetched = partial(self._prefetched, action, clips)
            self._at_hand.append(lambda: attempt_now(prefetched, "aside", list[Action]))
            return
        self._spawn(self._run_in_background(partial(self._prefetch, action)))

    def _start_record(self, action: actions.RecordTurn) -> None:
        self._traces.close(action)
        self._meter.turn_done(action.outcome, after_s=action.latency_s)
        record = partial(self._record, action, self._release)
        self._records.add(FinishedTurn(self._services.turn_log, record, lambda: not self._forgotten))

    def _start_note(self, action: actions.NoteTurn) -> None:
        self._spawn(self._run_in_background(partial(self._note, action)))

    def _start_rate(self, action: actions.RecordFeedback) -> None:
        self._spawn(self._run_in_background(partial(self._rate, action)))

    def _start_deliver(self, action: actions.PostToSite) -> None:
        self._spawn(self._run_in_background(partial(self._deliver, action)))

    def _clip_at_hand(self, intent: str, locale: str, variant: int) -> PlayableClip | None:
        try:
            return self._services.clips.at_hand(intent, locale=locale, variant=variant)
        except Exception:  # noqa: BLE001  (the look-up that is started then breaks as well, and is told)
            return None

    def forget(self) -> None:
        """Write nothing down from now on: the visitor had the session erased."""
        self._forgotten = True

    # -- work ------------------------------------------------------------------------------------------------

    async def _decide(self, action: actions.Decide) -> None:
        began = self._now()
        decision = await self._services.decider.decide(action.text, locale=action.locale, previous=action.previous)
        self._meter.took("match", self._now() - began)
        self._settle(action.turn, Work.DECIDE)
        self._apply(self.session.decided(action.turn, decision, self._now()))

    async def _find(self, action: actions.FindClip) -> None:
        clip = await self._services.clips.for_intent(action.intent, locale=action.locale, variant=action.variant)
        self._apply(self._found(action, clip))

    def _found(self, action: actions.FindClip, clip: PlayableClip | None) -> list[Action]:
        self._settle(action.turn, action.work)
        return self.session.clip_found(action.turn, action.work, clip, self._now())

    async def _respond(self, action: actions.Respond) -> None:
        await self._services.allowance.take(self.session.id, self.address)
        respond = partial(self._services.responder.respond, session=self.session.id, page=action.page)
        async for piece in respond(action.text, locale=action.locale, previous=action.previous):
            self._apply(self.session.words(action.turn, piece, self._now()))
        self._settle(action.turn, Work.RESPOND)
        self._apply(self.session.words_ended(action.turn, self._now()))

    async def _render(self, action: actions.RequestClip) -> None:
        await self._services.allowance.hold()
        began = self._now()
        trace = self._traces.parent(action.turn, Work.FILM)
        request = self._services.film.film
        clip = await request(action.text, locale=action.locale, session=self.session.id, trace=trace)
        self._meter.took("film", self._now() - began)
        self._settle(action.turn, Work.FILM)
        self._apply(self.session.filmed(action.turn, clip, self._now()))

    async def _prefetch(self, action: actions.Prefetch) -> None:
        find = self._services.clips.for_intent
        found = [await find(intent, locale=action.locale, variant=variant) for intent, variant in action.intents]
        self._apply(self._prefetched(action, found))

    def _found_at_hand(self, action: actions.FindClip, clip: PlayableClip) -> list[Action]:
        """Handle a clip that was at hand; whatever breaks then is this step's failure, as in a task."""

        def broke() -> list[Action]:
            error = GreenroomError(BROKE)
            return self.session.failed(action.turn, action.work, error, self._now())

        return attempt_now(partial(self._found, action, clip), action.work, broke)

    def _prefetched(self, action: actions.Prefetch, found: Sequence[PlayableClip | None]) -> list[Action]:
        return self.session.prefetched(action.turn, [clip for clip in found if clip], self._now())

    def _record(self, action: actions.RecordTurn, release: str) -> TurnRecord:
        asked_at = self._clock.now() - timedelta(seconds=self._now() - action.asked_s)
        return logged(action, session=self.session.id, asked_at=asked_at, release=release)

    async def _note(self, action: actions.NoteTurn) -> None:
        await self._services.turn_log.note(
            action.turn, session=self.session.id, chosen=action.chosen, stopped_after_s=action.stopped_after_s
        )

    async def _rate(self, action: actions.RecordFeedback) -> None:
        found = await self._services.turn_log.feedback(
            action.turn, session=self.session.id, score=action.score, comment=action.comment
        )
        if not found:
            error = TurnNotFoundError(f"This session has no finished turn {action.turn!r}.")
            self._apply(self.session.refuse(error, self._now(), ref=None))

    async def _deliver(self, action: actions.PostToSite) -> None:
        letter = Delivery.of(action.kind, action.ref, action.told, session=self.session.id, at=self._clock.now())
        error = await attempt(lambda: self._services.deliveries.keep(letter), "deliver")
        self._apply(self.session.page.posted(action.ref, error, self._now()))

    # -- tasks and timers ------------------------------------------------------------------------------------

    def _start(self, turn: str, work: Work, job: Callable[[], Job]) -> None:
        self._traces.begin(turn, work)
        self._tasks[turn, work] = self._spawn(self._run_step(turn, work, job))

    async def _run_step(self, turn: str, work: Work, job: Callable[[], Job]) -> None:
        """Run a job; its failure becomes an input of the session, which takes the ladder's next step."""
        error = await attempt(job, work)
        if error:
            self._settle(turn, work, error=error.code)
            self._apply(self.session.failed(turn, work, error, self._now()))

    async def _run_in_background(self, job: Callable[[], Job]) -> None:
        """Run a job that the visitor does not wait for; an erased session leaves nothing behind."""
        if not self._forgotten:
            await attempt(job, "aside")

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


_ACTIONS: dict[type, Callable[[SessionDriver, Any], None]] = {
    actions.Send: SessionDriver._send,  # noqa: SLF001
    actions.Close: SessionDriver._close,  # noqa: SLF001
    actions.Arm: SessionDriver._arm,  # noqa: SLF001
    actions.Drop: SessionDriver._drop,  # noqa: SLF001
    actions.Decide: SessionDriver._start_decide,  # noqa: SLF001
    actions.FindClip: SessionDriver._start_find,  # noqa: SLF001
    actions.Respond: SessionDriver._start_respond,  # noqa: SLF001
    actions.RequestClip: SessionDriver._start_render,  # noqa: SLF001
    actions.Prefetch: SessionDriver._start_prefetch,  # noqa: SLF001
    actions.RecordTurn: SessionDriver._start_record,  # noqa: SLF001
    actions.NoteTurn: SessionDriver._start_note,  # noqa: SLF001
    actions.RecordFeedback: SessionDriver._start_rate,  # noqa: SLF001
    actions.PostToSite: SessionDriver._start_deliver,  # noqa: SLF001
}
