"""Ladder of a question: clip from the store, else words and a new clip, else an apology.

Each step has a deadline; a step that fails or is late is replaced by the next one.
"""

from typing import assert_never

from app.catalog.model import Intent, Role
from app.catalog.page_variables import has_variables
from app.conversation.actions import Deadlines, Decide, Prefetch, RequestClip, Respond, Work
from app.conversation.hot_path.prepared import done
from app.conversation.outbox import Outbox
from app.conversation.page.context import fill_words, mentions
from app.conversation.page.requests import PageRequests
from app.conversation.player import Player
from app.conversation.ports import NamedIntent, PlayableClip
from app.conversation.protocol.server_messages import (
    ClipRole,
    ResponseTextDelta,
    ResponseTextDone,
)
from app.conversation.refusals import chips_beside, near, refuse
from app.conversation.replies import acknowledgement, chips_told, in_words, offers, trouble
from app.conversation.script import Script, role_of
from app.conversation.turn import LastWords, Turn, VisitorHistory
from app.conversation.turn_record import record_of, source_of
from app.errors import ContentBlockedError, GenerationCappedError, GreenroomError
from app.learning.turn_log import TurnOutcome
from app.matching.decision import Decision, Rejoinder
from app.matching.guards.topic import leans_on_another
from app.matching.reading.machine_talk import is_order

MAX_WORDS_CHARS = 4000
"""Longest answer in words; a responder that goes on is stopped."""

_EXCUSES = frozenset((ClipRole.CLARIFY, ClipRole.APOLOGY, ClipRole.HANDOVER))


class Ladder(Player):
    """Takes turns down the steps; the session decides which turn is the current one."""

    def __init__(
        self, outbox: Outbox, script: Script, visit: VisitorHistory, deadlines: Deadlines, *, max_films: int
    ) -> None:
        """`max_films` limits the new clips of one session."""
        super().__init__(outbox, script, visit, deadlines)
        self._max_films = max_films
        self.page = PageRequests(outbox, visit)

    def use(self, script: Script) -> None:
        """Use this script."""
        self._script = script

    # -- questions -------------------------------------------------------------------------------------------

    def ask(self, turn: Turn) -> None:
        """Start with a typed question."""
        self.show("thinking")
        self._begin(turn, Work.DECIDE)
        self._out.do(Decide(turn.id, turn.question, turn.locale, turn.before))

    def choose(self, turn: Turn, intent: Intent) -> None:
        """Start with a chip."""
        self.show("thinking")
        turn.receipt, turn.answered_by = {"stage": "choice", "intent": intent.id}, "choice"
        self._visit.note_choice(intent)
        self._answer(turn, intent)

    # -- results ---------------------------------------------------------------------------------------------

    def decided(self, turn: Turn, decision: Decision) -> None:
        """Continue with the decision."""
        turn.receipt = decision.receipt.model_dump(mode="json")
        if (look := decision.receipt.second_look) and look.said != "over budget":
            self._visit.memory.looks += 1
        intent, reply = self._script.intent(decision.intent), decision.receipt.reply
        if reply == "repeat" and self._visit.memory.last:
            self._say_again(turn, self._visit.memory.last)
        elif decision.outcome == "answer" and intent:
            self._visit.note_answer(turn, decision)
            self._answer(turn, intent)
        elif decision.outcome == "clarify":
            turn.choices = decision.choices
            self._excuse(turn, "clarify")
        elif is_order(decision.receipt.guards):  # neither a document nor a model is to follow it
            self._excuse(turn, "missed")
        elif reply and reply != "repeat":
            self._acknowledge(turn, reply)
        else:
            turn.choices = near(self._script, decision, but=turn.before.intent)
            self._miss(turn)

    def clip_found(self, turn: Turn, work: Work, clip: PlayableClip | None) -> None:
        """Continue with a clip that was looked up; None if it is not stored."""
        match work:
            case Work.ANSWER:
                self._answer_found(turn, clip)
            case Work.EXCUSE:
                self._play_excuse(turn, clip)
                self.finish(turn, turn.if_no_clip)
            case _:
                turn.holding = clip
                self._hold(turn)

    def words(self, turn: Turn, piece: str) -> None:
        """Send a piece of the answer in words, or answer with the intent that it names."""
        if isinstance(piece, NamedIntent):
            if (named := self._script.intent(piece)) and named.call and not turn.words:
                self._end(turn, Work.RESPOND)
                self._answer(turn, named)
            return
        if turn.intent is None and not turn.words:
            turn.answered_by, turn.document = source_of(piece)
        piece = piece[: MAX_WORDS_CHARS - len(turn.words)]
        piece = piece if turn.words else piece.lstrip()
        if not piece:
            return
        turn.words += piece
        turn.mark_answered(self._out.now)
        self._hold(turn)
        if not turn.quiet:
            turn.shown = True
            self._out.send(ResponseTextDelta(turn=turn.id, delta=piece))
        self._begin(turn, Work.RESPOND)
        if len(turn.words) >= MAX_WORDS_CHARS:
            self._end(turn, Work.RESPOND)
            self.words_ended(turn)

    def words_ended(self, turn: Turn) -> None:
        """Continue after the last piece; without any, the answer is not known."""
        if not turn.words.strip():
            self._excuse(turn, "missed")
            return
        self._out.send(in_words(self._script, turn, turn.words))
        self._visit.memory.last = LastWords(turn.words, turn.intent, turn.variant)
        if turn.will_film and self._script.film_locale(*turn.wording) and not mentions(turn.words, turn.page):
            self._render_counted(turn)
        else:
            self.finish(turn, turn.if_no_clip)

    def filmed(self, turn: Turn, clip: PlayableClip) -> None:
        """Play the new clip."""
        intent = self._script.intent(turn.intent)
        self._play(turn, clip, role_of(intent) if intent else ClipRole.ANSWER, "generated")
        self.finish(turn, turn.if_no_clip)

    def failed(self, turn: Turn, work: Work, error: GreenroomError | None) -> None:
        """Take the next step after work that failed, or (no error) was late."""
        match work:
            case Work.DECIDE:
                turn.receipt = {"failed": error.code if error else "late"}
                self._out.send(trouble(turn, error))
                self._excuse(turn, "failed")
            case Work.ANSWER | Work.EXCUSE | Work.HOLDING:
                self.clip_found(turn, work, None)
            case Work.RESPOND:
                self._without_words(turn, error)
            case Work.FILM:
                self.finish(turn, turn.if_no_clip)
            case Work.SPEECH | Work.IDLE | Work.GREETING:
                pass
            case _:
                assert_never(work)

    def _without_words(self, turn: Turn, error: GreenroomError | None) -> None:
        """Continue without words, or with those that came."""
        if isinstance(error, ContentBlockedError | GenerationCappedError):
            turn.receipt = {**turn.receipt, "refused": str(error)}
            self._excuse(turn, "blocked" if isinstance(error, ContentBlockedError) else "missed")
        elif turn.words:
            self.words_ended(turn)
        else:
            self._excuse(turn, "failed")

    def late(self, turn: Turn, work: Work) -> None:
        """Cancel work that has passed its deadline, and take the next step."""
        self._end(turn, work)
        self.failed(turn, work, None)

    def go_on(self, turn: Turn) -> None:
        """Start the work again that another node had not finished."""
        unfinished, turn.pending = set(turn.pending), set()
        if Work.DECIDE in unfinished:
            self._begin(turn, Work.DECIDE)
            self._out.do(Decide(turn.id, turn.question, turn.locale, turn.before))
        if Work.ANSWER in unfinished and turn.intent:
            self._find(turn, Work.ANSWER, (turn.intent, turn.variant))
        if Work.EXCUSE in unfinished and turn.excuse:
            self._find(turn, Work.EXCUSE, (turn.excuse, turn.variant))
        if Work.RESPOND in unfinished:
            turn.words, turn.quiet = "", turn.shown
            self._respond(turn)
        if Work.FILM in unfinished:
            self._render(turn)
        if not turn.pending:
            self._excuse(turn, "failed")

    # -- ends ------------------------------------------------------------------------------------------------

    def finish(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Close a turn: chips, `response.done`, the record, and clips that are likely next."""
        turn.outcome = outcome
        self._visit.note_outcome(turn, outcome)
        self._abandon(turn)
        refused = outcome in {"missed", "failed", "blocked"}
        offered = chips_beside(self._script, turn) if refused else offers(self._script, turn, outcome)
        if offered:
            turn.offered, locale = offered, turn.chips_locale or turn.locale
            self._out.send(chips_told(self._script, turn, offered, locale))
        self.page.shown(turn, self._script)
        self._out.send(done(turn.id, outcome))
        if self.playing is None or self.playing[0] != turn.id:
            self.show("listening")
        self._out.do(record_of(turn, outcome, self._out.now, self._script))
        if offered:
            self._out.do(Prefetch(turn.id, tuple((one, self._visit.next_variant(one)) for one in offered), locale))

    def cancel(self, turn: Turn) -> None:
        """Close a turn that was cancelled or replaced."""
        turn.outcome = "cancelled"
        self._abandon(turn)
        self._out.send(done(turn.id, "cancelled"))
        self._out.do(record_of(turn, "cancelled", self._out.now, self._script))

    # -- steps -----------------------------------------------------------------------------------------------

    def _answer(self, turn: Turn, intent: Intent) -> None:
        turn.intent, turn.if_no_clip, turn.answered_by = intent.id, "answered", turn.answered_by or "intent"
        turn.variant = self._visit.play_variant(intent.id)
        if has_variables(self._words(turn, intent.id)):
            self._answer_found(turn, None)
        else:
            self._find(turn, Work.ANSWER, (intent.id, turn.variant))

    def _answer_found(self, turn: Turn, clip: PlayableClip | None) -> None:
        intent = self._script.intent(turn.intent)
        if clip and intent:
            self._play(turn, clip, role_of(intent), "cache")
            self.finish(turn, "answered")
            return
        text = self._words(turn, turn.intent)
        if text and intent and intent.role is Role.URGENT:
            self._tell(turn, fill_words(text, turn.page))
        elif text:
            if not has_variables(text):
                self._plan_render(turn)
            self.words(turn, fill_words(text, turn.page))
            self._end(turn, Work.RESPOND)
            self.words_ended(turn)
        else:
            self._excuse(turn, "failed")

    def _say_again(self, turn: Turn, last: LastWords) -> None:
        """Play once more what was said last, whatever it was."""
        turn.if_no_clip, turn.variant, turn.answered_by = "answered", last.variant, "reply"
        intent = self._script.intent(last.intent)
        if intent and last.role in _EXCUSES:
            turn.excuse = intent.id
            self._find(turn, Work.EXCUSE, (intent.id, last.variant))
        elif intent:
            turn.intent = intent.id
            self._find(turn, Work.ANSWER, (intent.id, last.variant))
        else:
            turn.words = last.text
            self._say(turn, last.text)
            if last.rendered and self._visit.memory.films < self._max_films:
                self._render_counted(turn)
            else:
                self.finish(turn, "answered")

    def _acknowledge(self, turn: Turn, reply: Rejoinder) -> None:
        """Reply in words to words that are no question, and offer what was offered before."""
        answered = self._script.intent(self._visit.memory.answered)
        chips = self._script.choices(answered.next, turn.locale) if answered and reply != "no" else ()
        turn.choices = tuple(one.intent for one in chips or self._script.opening_choices(turn.locale))
        turn.answered_by = "reply"
        self._say(turn, acknowledgement(reply, turn.locale))
        self.finish(turn, "answered")

    def _tell(self, turn: Turn, text: str) -> None:
        """Send an urgent answer that has no clip: words and card, at once and whole; nobody waits for a render."""
        turn.mark_answered(self._out.now)
        turn.said = text
        self._out.send(in_words(self._script, turn, text, ClipRole.URGENT))
        self.finish(turn, "answered")

    def _miss(self, turn: Turn) -> None:
        self._plan_render(turn)
        self._respond(turn)

    def _respond(self, turn: Turn) -> None:
        self._begin(turn, Work.RESPOND)
        previous = turn.previous if leans_on_another(turn.question, turn.locale) else None
        told = {name: turn.page[name] for name in self._script.catalog.fallback.context if name in turn.page}
        self._out.do(Respond(turn.id, turn.question, turn.locale, previous, told))

    def _plan_render(self, turn: Turn) -> None:
        """Find a holding clip if a new clip may follow; it plays once that is certain."""
        turn.will_film = self._visit.memory.films < self._max_films and bool(self._script.film_locale(*turn.wording))
        place = self._visit.next_holding(self._script, turn.locale) if turn.will_film else None
        if place:
            self._find(turn, Work.HOLDING, place)

    def _render_counted(self, turn: Turn) -> None:
        self._visit.memory.films += 1
        self._render(turn)

    def _render(self, turn: Turn) -> None:
        self._begin(turn, Work.FILM)
        text, locale = turn.words, self._script.film_locale(*turn.wording) or turn.locale
        self._out.do(RequestClip(turn.id, text if turn.intent else self._script.shortened(text), locale))

    def _excuse(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Play the clip for an unclear question, an unknown answer or a failure."""
        turn.if_no_clip = outcome
        place = refuse(self._script, self._visit, turn, outcome)
        if place:
            turn.excuse, turn.variant = place
            self._find(turn, Work.EXCUSE, place)
        else:
            self._hand_over(turn)
            self.finish(turn, outcome)

    def _play_excuse(self, turn: Turn, clip: PlayableClip | None) -> None:
        """Play the excuse; send its words if it is not rendered, or if the rendered one was the last refusal."""
        memory, words, again = self._visit.memory, self._excuse_words(turn), turn.if_no_clip == "answered"
        if clip and (again or clip.text != memory.refused_with or words == memory.refused_with):
            if turn.shown:  # words that must not stay on screen: the apology's words replace them
                self._out.send(ResponseTextDone(turn=turn.id, text=words))
            self._play(turn, clip, self._excuse_role(turn), "cache")
            memory.refused_with = clip.text
        elif words:
            memory.last = LastWords(words, turn.excuse, turn.variant, ClipRole.APOLOGY)
            memory.refused_with = words
            self._say(turn, words)
        self._hand_over(turn)

    def _excuse_role(self, turn: Turn) -> ClipRole:
        excuse = self._script.intent(turn.excuse)
        if excuse and excuse.role is Role.HANDOVER:
            return ClipRole.HANDOVER
        return ClipRole.CLARIFY if turn.if_no_clip == "clarify" else ClipRole.APOLOGY

    def _excuse_words(self, turn: Turn) -> str:
        return fill_words(self._words(turn, turn.excuse), turn.page)
