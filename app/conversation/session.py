"""Session of one visitor, a state machine without I/O: a message, a result or a timer in, actions out.

It never awaits and never reads a clock: `now` is seconds on a clock that never goes back. At most one turn is
current; a new question replaces it. Results that the session no longer waits for are ignored.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.catalog.model import Role
from app.conversation.actions import Action, Close, NoteTurn, RecordFeedback, Work
from app.conversation.ladder import Ladder
from app.conversation.outbox import Outbox
from app.conversation.ports import PlayableClip
from app.conversation.protocol import client_messages, server_messages
from app.conversation.protocol.client_messages import QUIET, ClientMessage, InputChoice, InputText
from app.conversation.protocol.rules import RING_FRAMES, CloseCode
from app.conversation.rate_limits import TokenBucket
from app.conversation.replies import gone, prefetch_told, refusal
from app.conversation.script import Script
from app.conversation.session_intro import SessionIntro, greeting_in, greeting_told, in_locale, updated
from app.conversation.session_limits import REMEMBERED_IDS, IdleTimer, SessionConfig
from app.conversation.session_store import Frames
from app.conversation.snapshot import Snapshot
from app.conversation.turn import Turn, VisitorHistory
from app.errors import GreenroomError, ProtocolError, RateLimitedError, TurnNotFoundError
from app.matching.decision import Decision


class Session:
    """State of one session: its turns, its outbox, its ladder."""

    def __init__(
        self, session_id: str, script: Script, *, locale: str, config: SessionConfig, new_id: Callable[[], str]
    ) -> None:
        """`new_id` returns ids of turns: unguessable, and unique over all sessions."""
        self.id = session_id
        self.locale = locale
        self._script = script
        self._config = config
        self._new_id = new_id
        self.outbox = self._out = Outbox()
        self._visit = VisitorHistory(session_id)
        self._ladder = Ladder(self._out, script, self._visit, config.deadlines, max_films=config.max_films)
        self.page = self._ladder.page
        self._turn: Turn | None = None
        self._turns: OrderedDict[str, str] = OrderedDict()
        """The client's ids of questions, and the ids of their turns."""
        self._questions = TokenBucket(burst=config.questions_burst, per_s=config.questions_per_s)
        self._opening: dict[str, Any] = {}
        self._idle_timer = IdleTimer(self._out, config)
        self._restored = False
        self.ended = False

    # -- start, resume, end ----------------------------------------------------------------------------------

    def begin(self, resume_token: str, now: float, opening: SessionIntro) -> list[Action]:
        """Open the session."""
        self._out.now = now
        self._opening = self._opened(opening)
        if opening.greeting:
            self._visit.note_greeting(self._script.first(Role.GREETING), opening.greeting.text)
        self._out.send(server_messages.SessionCreated(resume_token=resume_token, **self._opening))
        self._idle_timer.renew()
        return self._out.take()

    def restore(
        self, stored: Snapshot, now: float, *, seq: int, frames: Sequence[Frames], opening: SessionIntro
    ) -> None:
        """Restore a session that another node stored; its work starts again with the next `resume`."""
        self._out.now = now
        self._out.restore(seq, frames)
        self._visit.memory = stored.visit
        self._opening = self._opened(opening)
        self._turns.update(stored.refs)
        self._turn = stored.turn.moved_by(now) if stored.turn else None
        stored.restore(self._ladder, now)
        self._restored = True

    def snapshot(self, now: float) -> Snapshot:
        """Return the state from which another node resumes the session."""
        memory = self._visit.memory
        return Snapshot.of(self._ladder, self._turn, now, locale=self.locale, refs=self._turns, visit=memory)

    @property
    def open_turn(self) -> Turn | None:
        """The current turn if it is not over yet."""
        return self._turn if self._turn and self._turn.outcome is None else None

    def asks(self, message: ClientMessage) -> bool:
        """Return whether a message is a new question."""
        return isinstance(message, InputText | InputChoice) and not self.ended and message.id not in self._turns

    def use(self, script: Script) -> None:
        """Use this script from the next question on."""
        self._script = script
        self._ladder.use(script)

    def resume(self, resume_token: str, now: float, *, last_seq: int) -> list[Action]:
        """Continue on a new connection with exactly the missed frames; end the session if some are gone."""
        self._out.now = now
        if self._restored and last_seq <= self._out.seq + RING_FRAMES:
            self._out.skip_to(last_seq)
        missed = None if self.ended else self._out.since(last_seq)
        if missed is None:
            return [*self.end(now), Close(CloseCode.EXPIRED)]
        self._out.send_unkept(server_messages.SessionResumed(seq=last_seq, resume_token=resume_token, **self._opening))
        for message in missed:
            self._out.send_unkept(message)
        if self._restored:
            self._restored = False
            self._go_on()
        return self._out.take()

    def going_away(self, now: float, *, after_s: float) -> list[Action]:
        """Notify the visitor that the server restarts soon."""
        self._out.now = now
        if not self.ended:
            self._out.send(server_messages.SessionEnding(reason="restart", after_s=after_s))
        return self._out.take()

    def end(self, now: float) -> list[Action]:
        """End the session: drop its work and record the open turn."""
        self._out.now = now
        self._stop_all()
        return self._out.take()

    # -- messages --------------------------------------------------------------------------------------------

    def receive(self, message: ClientMessage, now: float) -> list[Action]:
        """Handle a message."""
        self._out.now = now
        if not self.ended:
            if not isinstance(message, QUIET):
                self._idle_timer.renew()
            self._handle(message)
        return self._out.take()

    def refuse(self, error: GreenroomError, now: float, *, ref: str | None) -> list[Action]:
        """Answer a frame that is no message, or that asks for something impossible, with an error."""
        self._out.now = now
        if not self.ended:
            self._out.send(refusal(error, ref=ref))
        return self._out.take()

    # -- results ---------------------------------------------------------------------------------------------

    def decided(self, turn: str, decision: Decision, now: float) -> list[Action]:
        """Handle the result of `Decide`."""
        return self._result(turn, Work.DECIDE, now, lambda current: self._ladder.decided(current, decision))

    def clip_found(self, turn: str, work: Work, clip: PlayableClip | None, now: float) -> list[Action]:
        """Handle the result of `FindClip`; None if the clip is not rendered yet."""
        if work is Work.GREETING:
            return self._greet(clip, now)
        return self._result(turn, work, now, lambda current: self._ladder.clip_found(current, work, clip))

    def words(self, turn: str, piece: str, now: float) -> list[Action]:
        """Handle a piece of the answer from `Respond`."""
        return self._result(turn, Work.RESPOND, now, lambda current: self._ladder.words(current, piece), more=True)

    def words_ended(self, turn: str, now: float) -> list[Action]:
        """Handle the end of `Respond`."""
        return self._result(turn, Work.RESPOND, now, self._ladder.words_ended)

    def filmed(self, turn: str, clip: PlayableClip, now: float) -> list[Action]:
        """Handle the result of `RequestClip`."""
        return self._result(turn, Work.FILM, now, lambda current: self._ladder.filmed(current, clip))

    def failed(self, turn: str, work: Work, error: GreenroomError, now: float) -> list[Action]:
        """Handle the failure of work."""
        if work is Work.GREETING:
            return self._greet(None, now)
        return self._result(turn, work, now, lambda current: self._ladder.failed(current, work, error))

    def prefetched(self, turn: str, clips: Sequence[PlayableClip], now: float) -> list[Action]:
        """Handle the result of `Prefetch`; it is dropped if the visitor has asked another question."""
        self._out.now = now
        if clips and not self.ended and self._turn and self._turn.id == turn:
            self._out.send(prefetch_told(self._script, clips))
        return self._out.take()

    def wake(self, turn: str, work: Work, now: float) -> list[Action]:
        """Handle a timer: work is late, the speech is over, or the visitor is idle."""
        self._out.now = now
        if work is Work.SPEECH:
            self._ladder.speech_over(turn)
        elif work is Work.IDLE:
            if not self.ended and self._idle_timer.is_over():
                self._end_now()
        elif current := self._awaiting(turn, work):
            self._ladder.late(current, work)
        return self._out.take()

    # -- inside ----------------------------------------------------------------------------------------------

    def _opened(self, opening: SessionIntro) -> dict[str, Any]:
        page = self._visit.memory.values
        return opening.fields(self._script, session=self.id, locale=self.locale, config=self._config, page=page)

    def _go_on(self) -> None:
        """Start the work again that the node before had not finished."""
        self._idle_timer.renew()
        self._ladder.speak_on()
        if self.open_turn:
            self._ladder.go_on(self.open_turn)

    def _end_now(self) -> None:
        self._stop_all()
        self._out.do(Close(CloseCode.ENDED))

    def _stop_all(self) -> None:
        self._stop()
        self._ladder.hush()
        self._idle_timer.stop()
        self.ended = True

    def _result(
        self, turn: str, work: Work, now: float, step: Callable[[Turn], None], *, more: bool = False
    ) -> list[Action]:
        self._out.now = now
        if current := self._awaiting(turn, work):
            if not more:
                current.pending.discard(work)
            step(current)
        return self._out.take()

    def _awaiting(self, turn: str, work: Work) -> Turn | None:
        """Return the current turn if it is this one and waits for this work."""
        current = self._turn
        return current if current and current.id == turn and work in current.pending else None

    def _handle(self, message: ClientMessage) -> None:
        handler = _HANDLERS.get(type(message))
        if handler is not None:
            handler(self, message)
            return
        chosen = self._ladder.page.take(message, self._script, self._turn, self.locale)
        if chosen:
            self._choice(chosen)

    def _text(self, message: client_messages.InputText) -> None:
        turn = self._accept(message.id, message.text)
        if turn:
            self._ladder.ask(turn)

    def _choice(self, message: client_messages.InputChoice) -> None:
        intent = self._script.intent(message.intent)
        if intent is None:
            self._out.send(refusal(gone(), ref=message.id))
            return
        before = self._turn
        turn = self._accept(message.id, intent.title_in(self.locale))
        if turn:
            turn.chosen_for = before.asked_for(intent.id) if before else None
            if before and intent.id in before.offered:
                self._out.do(NoteTurn(before.id, chosen=intent.id))
            self._ladder.choose(turn, intent)

    def _accept(self, ref: str, question: str) -> Turn | None:
        """Open a turn, unless this question was accepted before or comes too fast."""
        if ref in self._turns:
            self._out.send(server_messages.InputAccepted(ref=ref, turn=self._turns[ref]))
            return None
        wait_s = self._questions.take(self._out.now)
        if wait_s:
            message = "Too many questions in a short time; wait a little."
            self._out.send(refusal(RateLimitedError(message, retry_after_s=wait_s), ref=ref))
            return None
        self._stop()
        self._ladder.hush()
        turn = self._turn = self._new_turn(ref, question)
        self._turns[ref] = turn.id
        if len(self._turns) > REMEMBERED_IDS:
            self._turns.popitem(last=False)
        self._out.send(server_messages.InputAccepted(ref=ref, turn=turn.id, repeats=turn.repeats or None))
        return turn

    def _new_turn(self, ref: str, question: str) -> Turn:
        locale = self._script.detected(question, self.locale) if self._config.detects_locale else self.locale
        told, may_log = self._visit.memory.values, self._config.logs_context
        previous, before, repeats = self._visit.opened(question, locale)
        before = replace(before, may_look=self._visit.memory.looks < self._config.max_looks)
        now, new = self._out.now, self._new_id()
        return Turn(new, ref, question, locale, now, previous, before, repeats, page=told, may_log_page=may_log)

    def _cancel(self, message: client_messages.ResponseCancel) -> None:
        if message.turn not in self._turns.values():
            self._out.send(refusal(TurnNotFoundError(f"This session has no turn {message.turn!r}."), ref=None))
        elif self._turn and self._turn.id == message.turn:
            self._stop()
            self._ladder.hush()
            self._ladder.show("listening")

    def _stop(self) -> None:
        """End the current turn if it is still open."""
        turn = self._turn
        if turn and turn.outcome is None:
            self._ladder.cancel(turn)

    def _playback(self, message: client_messages.Playback) -> None:
        if message.event == "ended" and self._ladder.playing == (message.turn, message.clip):
            self._ladder.speech_over(message.turn)

    def _feedback(self, message: client_messages.Feedback) -> None:
        self._out.do(RecordFeedback(message.turn, message.score, message.comment))

    def _ack(self, message: client_messages.Ack) -> None:
        self._out.forget(message.seq)

    def _start(self, message: client_messages.SessionStart) -> None:
        message_ = "The session has started already; open another connection for another one."
        self._out.send(refusal(ProtocolError(message_), ref=message.id))

    def _update(self, message: client_messages.SessionUpdate) -> None:
        self.locale = self._script.locale(message.locale)
        self._opening = in_locale(self._opening, self._script, self.locale)
        if self.open_turn:
            self.open_turn.chips_locale = self.locale
        for told in updated(self._opening, self._script, ref=message.id, turn=self._turn):
            self._out.send(told)
        if self._turn is None and (search := greeting_in(self._script, self.locale)):
            self._out.do(search)

    def _greet(self, clip: PlayableClip | None, now: float) -> list[Action]:
        """Greet in another language, unless something was asked meanwhile."""
        told = greeting_told(self._script, self.locale, self._visit.memory.values, clip)
        self._out.now = now
        if told and self._turn is None and not self.ended:
            self._out.send(told)
        return self._out.take()

    def _goodbye(self, _: client_messages.SessionEnd) -> None:
        self._end_now()


_HANDLERS: dict[type, Callable[[Session, Any], None]] = {
    client_messages.InputText: Session._text,  # noqa: SLF001 - its own
    client_messages.InputChoice: Session._choice,  # noqa: SLF001
    client_messages.ResponseCancel: Session._cancel,  # noqa: SLF001
    client_messages.Playback: Session._playback,  # noqa: SLF001
    client_messages.Feedback: Session._feedback,  # noqa: SLF001
    client_messages.Ack: Session._ack,  # noqa: SLF001
    client_messages.Ping: lambda session, _: session._out.send(server_messages.Pong()),  # noqa: SLF001
    client_messages.SessionStart: Session._start,  # noqa: SLF001
    client_messages.SessionUpdate: Session._update,  # noqa: SLF001
    client_messages.SessionEnd: Session._goodbye,  # noqa: SLF001
}
