"""Responders for questions that no intent answers: moderation, fallback, shared answers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from app.conversation.ports import Responder
from app.errors import ContentBlockedError, GreenroomError, RenderingError
from app.matching.batching import QuestionBatcher
from app.matching.guards.chain import inspect
from app.matching.guards.polarity import negated
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from app.matching.ports import Encoder, Vectors


class Moderator(Protocol):
    """Moderator of questions to the avatar and of its answers."""

    async def blocked(self, text: str, *, session: str | None = None) -> str | None:
        """Return the reason to block these words, in a word or two; None if they pass.

        What it costs counts against the session's budget.

        Raises:
            BudgetExceededError: there is no money for it.
            ProviderUnavailableError, ProviderRefusedError: the words cannot be judged now.
        """
        ...


@dataclass(frozen=True, slots=True)
class ModeratedResponder:
    """Responder whose question, and (with `words`) each piece of the answer, must pass all moderators."""

    responder: Responder
    moderators: Sequence[Moderator]
    words: bool = True

    async def respond(
        self, question: str, *, locale: str, previous: str | None = None, session: str | None = None
    ) -> AsyncIterator[str]:
        """Ask, unless the question is blocked; yield the pieces that pass."""
        await self._check(question, "question", session)
        async with aclosing(generator(self.responder, question, locale, previous, session)) as pieces:
            async for piece in pieces:
                if self.words:
                    await self._check(piece, "answer", session)
                yield piece

    async def _check(self, text: str, what: str, session: str | None) -> None:
        for moderator in self.moderators:
            reason = await moderator.blocked(text, session=session)
            if reason:
                raise ContentBlockedError(f"The {what} was blocked: {reason}.")


@dataclass(frozen=True, slots=True)
class FallbackResponder:
    """Responder that uses the second one if the first fails, or gives no piece in time."""

    first: Responder
    second: Responder
    patience_s: float = 8.0

    async def respond(
        self, question: str, *, locale: str, previous: str | None = None, session: str | None = None
    ) -> AsyncIterator[str]:
        """Decide with the first piece; a responder that fails later is not replaced."""
        async with aclosing(generator(self.first, question, locale, previous, session)) as pieces:
            try:
                async with asyncio.timeout(self.patience_s):
                    opening = await anext(pieces, None)
            except (RenderingError, TimeoutError):
                opening, broken = None, True
            else:
                broken = False
            if opening is not None:
                yield opening
                async for piece in pieces:
                    yield piece
                return
        if broken:
            async with aclosing(generator(self.second, question, locale, previous, session)) as others:
                async for piece in others:
                    yield piece


async def generator(
    responder: Responder, question: str, locale: str, previous: str | None, session: str | None = None
) -> AsyncGenerator[str, None]:
    """Return a responder's pieces as a generator that can be closed."""
    async for piece in responder.respond(question, locale=locale, previous=previous, session=session):
        yield piece


SAME_QUESTION = 0.9
"""Cosine from which two questions may be the same, if all guards agree."""
SHARED_FOR_S = 3600.0
_MOST = 200
"""Number of shared answers; the oldest is dropped first."""


@dataclass
class _Flight:
    """Shared answer, finished or not: its pieces, and the number of listeners."""

    question: str
    original: str
    locale: str
    vector: Vectors
    at: float
    pieces: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    error: GreenroomError | None = None
    task: asyncio.Task[None] | None = None
    listeners: int = 0

    def notify(self) -> None:
        """Wake the listeners."""
        news, self.news = self.news, asyncio.Event()
        news.set()


class SharedResponder:
    """Responder that gives one answer to all who ask the same at the same time, or soon after."""

    def __init__(self, responder: Responder, encoder: Encoder, now: Callable[[], float]) -> None:
        """`now` is monotonic seconds."""
        self._responder = responder
        self._encoding = QuestionBatcher(encoder)
        self._now = now
        self._flights: list[_Flight] = []

    async def respond(
        self, question: str, *, locale: str, previous: str | None = None, session: str | None = None
    ) -> AsyncIterator[str]:
        """Join the answer to this question, or begin one, which the session that began it pays for.

        The last listener who leaves an unfinished one ends it.
        """
        whole = normalise(f"{previous} {question}" if previous else question)
        vector = await self._encoding.encode(whole)
        flight = self._same(whole, locale, vector)
        if flight is None:
            flight = _Flight(whole, question, locale, vector, self._now())
            self._begin(flight, question, previous, session)
        flight.listeners += 1
        try:
            async for piece in _pieces_of(flight):
                yield piece
        finally:
            flight.listeners -= 1
            if flight.listeners == 0 and flight.task and not flight.task.done():
                self._drop(flight)
                flight.task.cancel()

    def _same(self, question: str, locale: str, vector: Vectors) -> _Flight | None:
        oldest = self._now() - SHARED_FOR_S
        self._flights = [one for one in self._flights if one.at >= oldest][-_MOST:]
        for flight in reversed(self._flights):
            if flight.locale == locale and flight.error is None and _is_same(question, vector, flight):
                return flight
        return None

    def _begin(self, flight: _Flight, question: str, previous: str | None, session: str | None) -> None:
        self._flights.append(flight)
        flight.task = asyncio.create_task(self._fly(flight, question, previous, session), name="answer a new question")

    async def _fly(self, flight: _Flight, question: str, previous: str | None, session: str | None) -> None:
        try:
            answer = generator(self._responder, question, flight.locale, previous, session)
            async with aclosing(answer) as pieces:
                async for piece in pieces:
                    flight.pieces.append(piece)
                    flight.notify()
        except GreenroomError as error:
            flight.error = error
        finally:
            if flight.error or not flight.pieces:
                self._drop(flight)

    def _drop(self, flight: _Flight) -> None:
        if flight in self._flights:
            self._flights.remove(flight)


async def _pieces_of(flight: _Flight) -> AsyncIterator[str]:
    """Yield the pieces so far, then those that come; raise the error, if any."""
    assert flight.task  # noqa: S101  (set where the flight begins)
    sent = 0
    while True:
        while sent < len(flight.pieces):
            yield flight.pieces[sent]
            sent += 1
        if flight.task.done():
            break
        news = asyncio.ensure_future(flight.news.wait())
        await asyncio.wait({flight.task, news}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
    if flight.error:
        raise flight.error
    if sent == 0 and not flight.task.cancelled():
        flight.task.result()


def _is_same(question: str, vector: Vectors, flight: _Flight) -> bool:
    """Return whether the words are the same, or near enough with all guards passed in both directions."""
    if question == flight.question:
        return True
    cosine = float(vector @ flight.vector)
    # A clip may answer "is there a cat?" and "is there no cat?"; words made for one of them may say only yes or no.
    if cosine < SAME_QUESTION or negated(question) is not negated(flight.question):
        return False
    pairs = ((question, flight.question), (flight.question, question))
    return all(
        verdict.passed
        for asked, other in pairs
        for verdict in inspect(
            asked, [Neighbour(LexicalPhrase(other, "", flight.locale, other), cosine)], locale=flight.locale
        )
    )
