"""Single flight for new questions: who asks what somebody else is just having answered gets the same words.

Near-identical questions are told by the encoder and the same guards that matching uses. An answer is shared for a
while after it was made, so that a hundred visitors who ask one thing in an hour make one film.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from app.conversation.ports import Responder
from app.conversation.responders import generator
from app.errors import GreenroomError
from app.matching.gathering import Gathering
from app.matching.guard import inspect
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from app.matching.ports import Encoder, Vectors

SAME_QUESTION = 0.9
"""Cosine from which two questions may be one, if every guard agrees."""
SHARED_FOR_S = 3600.0
_MOST = 200
"""Answers remembered; the oldest goes first."""


@dataclass
class _Flight:
    """One answer, on its way or there: pieces, and who still listens."""

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

    def tell(self) -> None:
        """Wake whoever listens."""
        news, self.news = self.news, asyncio.Event()
        news.set()


class SharedResponder:
    """One answer for all who ask the same at the same time, or soon after."""

    def __init__(self, responder: Responder, encoder: Encoder, now: Callable[[], float]) -> None:
        """`now` is monotonic seconds."""
        self._responder = responder
        self._encoding = Gathering(encoder)
        self._now = now
        self._flights: list[_Flight] = []

    async def respond(self, question: str, *, locale: str, previous: str | None = None) -> AsyncIterator[str]:
        """Join the flight for this question, or begin one. The last listener who leaves an unfinished one ends it."""
        whole = normalise(f"{previous} {question}" if previous else question)
        vector = await self._encoding.encode(whole)
        flight = self._same(whole, locale, vector)
        if flight is None:
            flight = _Flight(whole, question, locale, vector, self._now())
            self._begin(flight, question, previous)
        flight.listeners += 1
        try:
            async for piece in _heard(flight):
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

    def _begin(self, flight: _Flight, question: str, previous: str | None) -> None:
        self._flights.append(flight)
        flight.task = asyncio.create_task(self._fly(flight, question, previous), name="answer a new question")

    async def _fly(self, flight: _Flight, question: str, previous: str | None) -> None:
        try:
            async with aclosing(generator(self._responder, question, flight.locale, previous)) as pieces:
                async for piece in pieces:
                    flight.pieces.append(piece)
                    flight.tell()
        except GreenroomError as error:
            flight.error = error
        finally:
            if flight.error or not flight.pieces:
                self._drop(flight)

    def _drop(self, flight: _Flight) -> None:
        if flight in self._flights:
            self._flights.remove(flight)


async def _heard(flight: _Flight) -> AsyncIterator[str]:
    """The pieces there are, then those that come, then how it ended."""
    assert flight.task  # noqa: S101  (set where the flight begins)
    said = 0
    while True:
        while said < len(flight.pieces):
            yield flight.pieces[said]
            said += 1
        if flight.task.done():
            break
        news = asyncio.ensure_future(flight.news.wait())
        await asyncio.wait({flight.task, news}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
    if flight.error:
        raise flight.error
    if said == 0 and not flight.task.cancelled():
        flight.task.result()


def _is_same(question: str, vector: Vectors, flight: _Flight) -> bool:
    """The same words, or near enough with no guard against it, in both directions."""
    if question == flight.question:
        return True
    cosine = float(vector @ flight.vector)
    if cosine < SAME_QUESTION:
        return False
    pairs = ((question, flight.question), (flight.question, question))
    return all(
        verdict.passed
        for asked, other in pairs
        for verdict in inspect(asked, [Neighbour(LexicalPhrase(other, "", flight.locale, other), cosine)])
    )
