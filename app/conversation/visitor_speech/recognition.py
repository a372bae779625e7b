"""Recognition of spoken questions: the port, and the queue in front of it."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from app.author_errors import SpeechBusyError, SpeechUnavailableError
from app.conversation.visitor_speech.sound import SpokenQuestion

WAITING_EACH = 2
"""Sounds that may wait for each that is heard: about three seconds on one core. More are refused at once, so that a
visitor can still type instead."""

RETRY_S = 2.0
"""Time after which a refused visitor may try again: about one recognition."""

_UNAVAILABLE = "This server cannot hear now; type instead."


@dataclass(frozen=True, slots=True)
class HeardQuestion:
    """Words of a spoken question; `text` is empty if nobody spoke.

    `confidence` is the mean probability of its word pieces by the recogniser's own account, 0 to 1. `speech_s` is how
    long somebody spoke, `silence_s` how long nobody had when the sound ended.
    """

    text: str
    confidence: float
    speech_s: float
    silence_s: float


class QuestionRecogniser(Protocol):
    """Recogniser of visitors' speech; works off the event loop and keeps nothing."""

    @property
    def languages(self) -> frozenset[str]:
        """Languages that it knows (ISO 639-1), once it is loaded."""
        ...

    async def load(self) -> None:
        """Load the model now, so that the first visitor does not wait for it."""
        ...

    async def recognise(self, question: SpokenQuestion, language: str) -> HeardQuestion:
        """Return the words of a question in one of its languages."""
        ...


class RecognitionQueue:
    """Queue in front of a recogniser: `at_once` sounds are heard, twice as many wait, the others are refused."""

    def __init__(self, recogniser: QuestionRecogniser, *, at_once: int) -> None:
        self.recogniser = recogniser
        self._failed: Exception | None = None
        self._places = asyncio.Semaphore(at_once)
        self._most = at_once * (1 + WAITING_EACH)
        self._inside = 0

    async def load(self) -> None:
        """Load the recogniser if it is not; one that could not be loaded is not tried again.

        Raises:
            SpeechUnavailableError: it cannot be loaded.
        """
        if self._failed is not None:
            raise SpeechUnavailableError(_UNAVAILABLE) from self._failed
        try:
            await self.recogniser.load()
        except Exception as error:  # whatever a model's library raises, visitors can still type
            self._failed = error
            raise SpeechUnavailableError(_UNAVAILABLE) from error

    async def recognise(self, question: SpokenQuestion, language: str) -> HeardQuestion:
        """Hear a question when its turn comes.

        Raises:
            SpeechBusyError: too many wait already.
        """
        if self._inside >= self._most:
            raise SpeechBusyError("Too many visitors speak at once; try again, or type.", retry_after_s=RETRY_S)
        self._inside += 1
        try:
            async with self._places:
                return await self.recogniser.recognise(question, language)
        finally:
            self._inside -= 1
