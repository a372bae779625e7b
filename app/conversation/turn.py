"""One question on its way to its end, and what a visitor has met before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from app.catalog.model import Role
from app.conversation.actions import RecordTurn, Work
from app.conversation.ports import PlayableClip
from app.conversation.script import Script
from app.learning.turn_log import TurnOutcome
from app.text import fold

_REMEMBERED_QUESTIONS = 200


@dataclass(slots=True)
class Turn:
    """The state of one question; only the session's ladder writes to it."""

    id: str
    ref: str
    """The client's id of the question."""
    question: str
    locale: str
    asked_s: float
    previous: str | None = None
    repeats: int = 0
    """How often this visitor had asked the same before."""
    intent: str | None = None
    variant: int = 0
    choices: tuple[str, ...] = ()
    receipt: Mapping[str, Any] = field(default_factory=dict)
    pending: set[Work] = field(default_factory=set)
    """Work that was asked for and has not come back."""
    words: str = ""
    shown: bool = False
    """Whether words went out as deltas."""
    quiet: bool = False
    """Words are found a second time, on another node: they go out whole, not again piece by piece."""
    holding: PlayableClip | None = None
    will_film: bool = False
    clip: str | None = None
    """Digest of the clip that answered."""
    answered_s: float | None = None
    outcome: TurnOutcome | None = None
    """Set once: the turn is over."""
    if_no_clip: TurnOutcome = "generated"
    """What the turn comes to when words were given and filming fails, or when an excuse is played."""
    excuse: str | None = None
    """The intent that says what cannot be answered."""

    def mark_answered(self, now: float) -> None:
        """The first frame of an answer goes out now."""
        if self.answered_s is None:
            self.answered_s = now

    def moved_by(self, seconds: float) -> "Turn":
        """The same turn on a clock that shows this much more."""
        answered = None if self.answered_s is None else self.answered_s + seconds
        return replace(self, asked_s=self.asked_s + seconds, answered_s=answered, pending=set(self.pending))

    def record(self, outcome: TurnOutcome, now: float) -> RecordTurn:
        """What is written down about it."""
        return RecordTurn(
            turn=self.id,
            question=self.question,
            locale=self.locale,
            outcome=outcome,
            intent=self.intent,
            clip=self.clip,
            receipt={**self.receipt, "repeats": self.repeats} if self.repeats else self.receipt,
            asked_s=self.asked_s,
            latency_s=(now if self.answered_s is None else self.answered_s) - self.asked_s,
        )


@dataclass(slots=True)
class StoredHistory:
    """What goes along when a visit moves to another node."""

    played: dict[str, int] = field(default_factory=dict)
    """How often each intent was played."""
    asked: dict[str, int] = field(default_factory=dict)
    """How often each question came, by its key."""
    held: int = 0
    last_holding: str | None = None
    """Digest of the previous turn's holding clip."""
    previous_question: str | None = None
    films: int = 0


class VisitorHistory:
    """What this visitor has met: variants rotate, and no holding clip comes twice in a row."""

    def __init__(self, session: str, memory: StoredHistory | None = None) -> None:
        """Different visitors start with different variants."""
        self._offset = crc32(session.encode())
        self.memory = memory or StoredHistory()

    def next_variant(self, intent_id: str) -> int:
        """The variant to play when this intent is next."""
        return self._offset + self.memory.played.get(intent_id, 0)

    def play_variant(self, intent_id: str) -> int:
        """The variant to play now; the next time it is another one."""
        variant = self.next_variant(intent_id)
        self.memory.played[intent_id] = self.memory.played.get(intent_id, 0) + 1
        return variant

    def next_holding(self, script: Script, locale: str) -> tuple[str, int] | None:
        """The holding clip to try now: they take turns."""
        choices = script.variants(Role.HOLDING, locale)
        self.memory.held += 1
        return choices[(self._offset + self.memory.held) % len(choices)] if choices else None

    def note_question(self, question: str) -> int:
        """Remember a question; how often it came before."""
        asked, key = self.memory.asked, fold(question)[:200]
        times = asked.pop(key, 0)
        asked[key] = times + 1
        if len(asked) > _REMEMBERED_QUESTIONS:
            del asked[next(iter(asked))]
        return times
