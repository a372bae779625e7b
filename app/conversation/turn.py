"""State of one question, and the history of its visitor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from app.catalog.model import Intent, Role
from app.conversation.actions import Work
from app.conversation.ports import PlayableClip
from app.conversation.protocol.server_messages import ClipRole
from app.conversation.script import Script
from app.learning.turn_log import AnswerSource, TurnOutcome
from app.matching.decision import Decision
from app.matching.guards.topic import leans_back
from app.matching.normalise import normalise
from app.matching.reading.gloss import in_english
from app.matching.turns.previous import Previous
from app.matching.turns.rejoinders import rejoinder
from app.text import fold

_REMEMBERED_QUESTIONS = 200


@dataclass(slots=True)
class Turn:
    """State of one question; only the session's ladder writes to it."""

    id: str
    ref: str
    """The client's id of the question."""
    question: str
    locale: str
    asked_s: float
    previous: str | None = None
    before: Previous = field(default_factory=Previous)
    """The turn before, for matching."""
    repeats: int = 0
    """Number of times that this visitor asked the same before."""
    intent: str | None = None
    variant: int = 0
    choices: tuple[str, ...] = ()
    chosen_for: str | None = None
    """The question before it, if this turn picks one of the chips that it got."""
    receipt: Mapping[str, Any] = field(default_factory=dict)
    pending: set[Work] = field(default_factory=set)
    """Work that was started and has no result yet."""
    words: str = ""
    shown: bool = False
    """Set if words were sent as deltas."""
    quiet: bool = False
    """Set if another node words the answer a second time: it is sent whole, not piece by piece again."""
    holding: PlayableClip | None = None
    will_film: bool = False
    clip: str | None = None
    """Digest of the clip that answered."""
    said: str = ""
    """Words that were played or said whole, of an answer or an excuse."""
    answered_by: AnswerSource | None = None
    document: str | None = None
    """Title of the document that is quoted."""
    offered: tuple[str, ...] = ()
    """Chips that were sent at its end."""
    chips_locale: str = ""
    """Locale of these chips, if the visitor changed the language before the turn's end."""
    answered_s: float | None = None
    outcome: TurnOutcome | None = None
    """Set once: the turn is over."""
    if_no_clip: TurnOutcome = "generated"
    """Outcome if words were given and the render fails, or if an apology is played."""
    excuse: str | None = None
    """The intent that is played instead of an answer: not understood, not known, or broken."""
    hands_over: bool = False
    """Set if the excuse says how to reach a person."""
    page: dict[str, str] = field(default_factory=dict)
    """Values of the page that its words and cards are filled with."""
    may_log_page: bool = False
    """Set if these values may stand in the log."""

    @property
    def wording(self) -> tuple[str, str, str | None]:
        """Words of the answer so far, the visitor's locale, and the intent whose words they are."""
        return self.words, self.locale, self.intent

    def asked_for(self, intent: str) -> str | None:
        """Return the question if it got this intent among its chips because it could mean it."""
        return self.question if self.outcome == "clarify" and intent in self.choices else None

    def mark_answered(self, now: float) -> None:
        """Set the time of the answer's first frame, once."""
        if self.answered_s is None:
            self.answered_s = now

    def moved_by(self, seconds: float) -> "Turn":
        """Return a copy with its times moved by this much."""
        answered = None if self.answered_s is None else self.answered_s + seconds
        return replace(self, asked_s=self.asked_s + seconds, answered_s=answered, pending=set(self.pending))


@dataclass(frozen=True, slots=True)
class LastWords:
    """Words that were said last, for visitors who want to hear them again."""

    text: str
    intent: str | None = None
    """The intent that was played, answer or excuse; None for words made for one question."""
    variant: int = 0
    role: ClipRole = ClipRole.ANSWER
    rendered: bool = False
    """Set if a clip was rendered for them alone. It is asked for anew: consent may have been withdrawn meanwhile."""


@dataclass(slots=True)
class SharedWithPage:
    """Requests between page and session: those that wait for an answer, and those that were taken."""

    forms: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Turns that showed a form: the intent that it belongs to, and the locale that it was shown in."""
    calls: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Calls without a result: their turn, and the intent that made them."""
    requests: list[str] = field(default_factory=list)
    """Ids of the page's last requests that were accepted."""
    sent: int = 0
    """Number of forms and wishes for a person."""


@dataclass(slots=True)
class StoredHistory:
    """The part of a visitor's history that moves to another node."""

    played: dict[str, int] = field(default_factory=dict)
    """Number of times that each intent was played."""
    asked: dict[str, int] = field(default_factory=dict)
    """Number of times that each question came, by its key."""
    held: int = 0
    last_holding: str | None = None
    """Digest of the previous turn's holding clip."""
    previous_question: str | None = None
    films: int = 0
    looks: int = 0
    """Number of second looks that were paid for."""
    answered: str | None = None
    """The intent that was answered last, until an answer of another kind comes."""
    answered_question: str = ""
    """What it answers: the visitor's question, or a phrase if that one leaned on another."""
    offered: tuple[str, ...] = ()
    """The chips of the last turn, if it asked the visitor to choose."""
    last: LastWords | None = None
    refusals: int = 0
    """Number of questions in a row that got no answer."""
    refused_with: str = ""
    """Words of the last refusal, whatever its role."""
    page: dict[str, str] = field(default_factory=dict)
    """What the page has told of its visitor."""
    results: dict[str, str] = field(default_factory=dict)
    """Results of the page's functions, by their names; they stay when the page tells other values."""
    shared: SharedWithPage = field(default_factory=SharedWithPage)

    @property
    def values(self) -> dict[str, str]:
        """Values for words and cards: the page's values, and over them the results of its functions."""
        return {**self.page, **self.results}


class VisitorHistory:
    """History of one visitor: variants rotate, and no holding clip comes twice in a row."""

    def __init__(self, session: str, memory: StoredHistory | None = None) -> None:
        """Different visitors start with different variants."""
        self._offset = crc32(session.encode())
        self.memory = memory or StoredHistory()

    def next_variant(self, intent_id: str) -> int:
        """Return the variant that this intent would play next."""
        return self._offset + self.memory.played.get(intent_id, 0)

    def play_variant(self, intent_id: str) -> int:
        """Return the variant to play now; the next call returns the next one."""
        variant = self.next_variant(intent_id)
        self.memory.played[intent_id] = self.memory.played.get(intent_id, 0) + 1
        return variant

    def opened(self, question: str, locale: str) -> tuple[str | None, Previous, int]:
        """Note a new question; return the one before it, the turn before for matching, and how often it came before.

        A question that refers back refers to the last one that did not.
        """
        memory, said, previous = self.memory, in_english(normalise(question), locale), self.memory.previous_question
        if not (previous and (leans_back(said) or rejoinder(said))):
            memory.previous_question = question
        repeats = self.note_question(question)
        asked = memory.answered_question or previous or ""
        return previous, Previous(asked, memory.answered, memory.offered, repeats > 0), repeats

    def note_greeting(self, intent: str | None, text: str) -> None:
        """Remember the greeting as what was said last."""
        self.memory.last = LastWords(text, intent, role=ClipRole.GREETING)

    def note_answer(self, turn: Turn, decision: Decision) -> None:
        """Remember which intent answers, and a question of its own for it: the next turn may lean on both."""
        memory, phrases = self.memory, {one.intent: one.phrase for one in decision.receipt.candidates}
        whole = decision.receipt.stage not in {"follow-up", "reply"}
        memory.answered = decision.intent
        memory.answered_question = turn.question if whole else phrases.get(decision.intent or "", "")

    def note_choice(self, intent: Intent) -> None:
        """Remember an intent that was chosen by its chip."""
        self.memory.answered, self.memory.answered_question = intent.id, intent.title

    def note_outcome(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Remember the chips among which to choose; an answer made for one question ends the subject before."""
        self.memory.offered = turn.choices if outcome == "clarify" else ()
        if outcome in {"answered", "generated", "clarify"}:
            self.memory.refusals = 0
        if outcome == "generated":
            self.memory.answered, self.memory.answered_question = None, ""

    def next_holding(self, script: Script, locale: str) -> tuple[str, int] | None:
        """Return intent and variant of the holding clip to try now; they take turns."""
        choices = script.variants(Role.HOLDING, locale)
        self.memory.held += 1
        return choices[(self._offset + self.memory.held) % len(choices)] if choices else None

    def note_question(self, question: str) -> int:
        """Count a question; return how often it came before."""
        asked, key = self.memory.asked, fold(question)[:200]
        times = asked.pop(key, 0)
        asked[key] = times + 1
        if len(asked) > _REMEMBERED_QUESTIONS:
            del asked[next(iter(asked))]
        return times
