"""One question on its way to an answer, and what a visitor has met before it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from app.catalog.model import Role
from app.conversation.actions import Record, Work
from app.conversation.ports import PlayableClip
from app.conversation.script import Script
from app.learning.ports import TurnOutcome


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
    intent: str | None = None
    variant: int = 0
    choices: tuple[str, ...] = ()
    receipt: Mapping[str, Any] = field(default_factory=dict)
    pending: set[Work] = field(default_factory=set)
    """Work that was asked for and has not come back."""
    words: str = ""
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

    def record(self, outcome: TurnOutcome, now: float) -> Record:
        """What is written down about it."""
        return Record(
            turn=self.id,
            question=self.question,
            locale=self.locale,
            outcome=outcome,
            intent=self.intent,
            clip=self.clip,
            receipt=self.receipt,
            asked_s=self.asked_s,
            latency_s=(now if self.answered_s is None else self.answered_s) - self.asked_s,
        )


class Visit:
    """What this visitor has met: variants rotate, and no holding clip comes twice in a row."""

    def __init__(self, session: str) -> None:
        """Different visitors start with different variants."""
        self._offset = crc32(session.encode())
        self._played: Counter[str] = Counter()
        self._held = 0
        self.last_holding: str | None = None
        """Digest of the previous turn's holding clip."""
        self.previous_question: str | None = None
        self.films = 0

    def next_variant(self, intent_id: str) -> int:
        """The variant to play when this intent is next."""
        return self._offset + self._played[intent_id]

    def play_variant(self, intent_id: str) -> int:
        """The variant to play now; the next time it is another one."""
        variant = self.next_variant(intent_id)
        self._played[intent_id] += 1
        return variant

    def next_holding(self, script: Script, locale: str) -> tuple[str, int] | None:
        """The holding clip to try now: they take turns."""
        choices = script.variants(Role.HOLDING, locale)
        self._held += 1
        return choices[(self._offset + self._held) % len(choices)] if choices else None
