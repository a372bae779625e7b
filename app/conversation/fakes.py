"""Fakes of a conversation's ports, for tests and examples; all of them work in memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from app.conversation.ports import PlayableCaption, PlayableClip, Step
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.visitor_speech.recognition import HeardQuestion
from app.conversation.visitor_speech.sound import SpokenQuestion
from app.errors import EncoderUnavailableError, ProviderUnavailableError
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.turn_log import TurnOutcome
from app.matching.decision import Decision, Receipt, Thresholds
from app.matching.turns.previous import Previous


def fake_clip(text: str, *, duration_s: float = 2.0) -> PlayableClip:
    """Return a clip whose digest is that of its words; there are no bytes behind it."""
    digest = sha256(text.encode()).hexdigest()
    return PlayableClip(
        url=f"/clips/{digest}.mp4",
        media_type="video/mp4",
        duration_s=duration_s,
        poster=f"/clips/{digest}.jpg",
        digest=digest,
        captions=(PlayableCaption(0.0, duration_s, text),) if text else (),
        text=text,
    )


def fake_decision(outcome: Literal["answer", "clarify", "miss"], *intents: str) -> Decision:
    """Return a decision with a plausible receipt."""
    receipt = Receipt(
        stage="exact",
        intent=intents[0] if intents else None,
        score=1.0 if intents else 0.0,
        probability=0.99 if intents else 0.0,
        thresholds=Thresholds(answer=0.6, margin=0.05, clarify=0.45, source="fake"),
        normalised="",
        locale="en",
        release="fake",
        encoder="fake",
        latency_ms=0.1,
    )
    named = intents[0] if outcome == "answer" else None
    return Decision(outcome=outcome, intent=named, choices=intents if outcome == "clarify" else (), receipt=receipt)


@dataclass
class FakeDecider:
    """Decider with a table of questions; all others are misses. A tuple of intents is a clarification."""

    table: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    broken: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Questions, and the question before each."""
    matcher: None = None
    """A fake has no fitted matcher: what needs one says that it is still loading."""

    async def decide(self, text: str, *, locale: str | None = None, previous: Previous | str | None = None) -> Decision:
        """Look the question up."""
        del locale
        self.asked.append((text, Previous.of(previous).question or None))
        if self.broken:
            raise EncoderUnavailableError("The encoder is still loading; try again in a moment.")
        found = self.table.get(text)
        if found is None:
            return fake_decision("miss")
        return fake_decision("answer", found) if isinstance(found, str) else fake_decision("clarify", *found)


@dataclass
class FakeClips:
    """Clips per intent, one for each variant."""

    clips: Mapping[str, tuple[PlayableClip, ...]] = field(default_factory=dict)
    knows_at_once: bool = False
    """True if every clip is at hand, as on a node that looked them up a moment ago."""

    async def for_intent(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Look the clip up."""
        del locale
        return self._of(intent_id, variant)

    def at_hand(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Look the clip up, where that needs no waiting."""
        del locale
        return self._of(intent_id, variant) if self.knows_at_once else None

    def _of(self, intent_id: str, variant: int) -> PlayableClip | None:
        found = self.clips.get(intent_id)
        return found[variant % len(found)] if found else None

    async def is_stored(self, intent_id: str, *, locale: str, variant: int) -> bool:
        """Look the clip up."""
        return await self.for_intent(intent_id, locale=locale, variant=variant) is not None

    async def if_stored(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Look the clip up."""
        return await self.for_intent(intent_id, locale=locale, variant=variant)


@dataclass
class FakeResponder:
    """Responder that gives the same pieces to any question; no pieces mean "I do not know"."""

    pieces: tuple[str, ...] = ()
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    """What it knew of the page, at each question."""

    async def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,
        page: Mapping[str, str] | None = None,
    ) -> AsyncIterator[str]:
        """Yield the pieces."""
        del locale, session
        self.asked.append((question, previous))
        self.told.append(dict(page or {}))
        for piece in self.pieces:
            yield piece


@dataclass
class FakeClipRequester:
    """Clip requester that waits for `gate`, and counts requests by their words."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False
    filmed: Counter[str] = field(default_factory=Counter)
    payers: list[str | None] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)

    async def film(self, text: str, *, locale: str, session: str | None = None, trace: str = "") -> PlayableClip:
        """Wait for the gate, then return a clip."""
        del locale
        self.traces.append(trace)
        self.filmed[text] += 1
        self.payers.append(session)
        await self.gate.wait()
        if self.broken:
            raise ProviderUnavailableError("The renderer takes no work now.")
        return fake_clip(text)


class FakeTurnLog(MemoryTurnLog):
    """Turns in memory; a test reads `turns`."""


@dataclass
class FakeClock:
    """Clock that a test sets."""

    elapsed_s: float = 0.0

    def monotonic(self) -> float:
        """Return the seconds set so far."""
        return self.elapsed_s

    def now(self) -> datetime:
        """Return New Year 2026 plus those seconds."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.elapsed_s)


@dataclass
class FakeMeter:
    """Metrics in memory."""

    sessions: int = 0
    outcomes: Counter[TurnOutcome] = field(default_factory=Counter)
    steps: Counter[Step] = field(default_factory=Counter)

    def session_opened(self) -> None:
        """Add one session."""
        self.sessions += 1

    def session_closed(self) -> None:
        """Subtract one session."""
        self.sessions -= 1

    def turn_done(self, outcome: TurnOutcome, *, after_s: float) -> None:
        """Count the outcome."""
        del after_s
        self.outcomes[outcome] += 1

    def took(self, step: Step, seconds: float) -> None:
        """Count the step."""
        del seconds
        self.steps[step] += 1


@dataclass
class FakeConnection:
    """Connection that records its messages and its close code."""

    sent: list[ServerMessage] = field(default_factory=list)
    closed: CloseCode | None = None

    def send(self, message: ServerMessage) -> None:
        """Record the message."""
        self.sent.append(message)

    def close(self, code: CloseCode) -> None:
        """Record the code."""
        self.closed = code

    @property
    def types(self) -> list[str]:
        """The types of the sent messages."""
        return [message.type for message in self.sent]


@dataclass
class FakeQuestionRecogniser:
    """Recogniser that hears the same words in every sound, and notes how long it was and in which language.

    While `gate` is closed it is at work.
    """

    text: str = "Open?"
    languages: frozenset[str] = frozenset({"en", "de"})
    asked: list[tuple[float, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Open the gate."""
        self.gate.set()

    async def load(self) -> None:
        """Load nothing."""

    async def recognise(self, question: SpokenQuestion, language: str) -> HeardQuestion:
        """Return the words once the gate is open."""
        self.asked.append((question.seconds, language))
        await self.gate.wait()
        return HeardQuestion(self.text, 0.9, question.seconds, 0.0)
