"""Responders for questions that no intent answers: moderation, fallback, shared answers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from app.conversation.ports import NamedIntent, Quotation, Responder
from app.errors import ContentBlockedError, GreenroomError, RenderingError
from app.matching.normalise import normalise


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


_AROUND_CHARS = 800
"""Characters before a text that are judged with it; a judge may cut what is longer than 2000."""


@dataclass(frozen=True, slots=True)
class ModeratedResponder:
    """Responder whose question, and (with `words`) each piece of the answer, must pass all moderators.

    A question is judged with the one before it, which it may lean on; a piece with all that was said before it, since
    what is blocked may be said in two sentences.
    """

    responder: Responder
    moderators: Sequence[Moderator]
    words: bool = True

    async def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,
        page: Mapping[str, str] | None = None,
    ) -> AsyncIterator[str]:
        """Ask, unless the question is blocked; yield the pieces that pass."""
        await self._check(question, "question", session)
        if previous:
            await self._check(previous, "question", session)
            await self._check(f"{previous[-_AROUND_CHARS:]}\n{question[:_AROUND_CHARS]}", "question", session)
        if page:
            await self._check("\n".join(page.values()), "question", session)
        spoken = ""
        async with aclosing(
            generator(self.responder, question, locale, previous, session=session, page=page)
        ) as pieces:
            async for piece in pieces:
                if self.words and not isinstance(piece, NamedIntent):
                    await self._check(f"{spoken[-_AROUND_CHARS:]}{piece}", "answer", session)
                spoken += piece
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
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,
        page: Mapping[str, str] | None = None,
    ) -> AsyncIterator[str]:
        """Decide with the first piece; a responder that fails later is not replaced."""
        async with aclosing(generator(self.first, question, locale, previous, session=session, page=page)) as pieces:
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
            async with aclosing(
                generator(self.second, question, locale, previous, session=session, page=page)
            ) as others:
                async for piece in others:
                    yield piece


async def generator(
    responder: Responder,
    question: str,
    locale: str,
    previous: str | None,
    *,
    session: str | None = None,
    page: Mapping[str, str] | None = None,
) -> AsyncGenerator[str, None]:
    """Return a responder's pieces as a generator that can be closed."""
    async for piece in responder.respond(question, locale=locale, previous=previous, session=session, page=page):
        yield piece


class _Key(NamedTuple):
    """Question, as far as its answer depends on it."""

    locale: str
    previous: str
    question: str
    page: tuple[tuple[str, str], ...]


SHARED_FOR_S = 3600.0
_MOST = 200
"""Number of shared answers; the oldest is dropped first."""


@dataclass
class _Flight:
    """Answer to a question, finished or not: its pieces, and the number of listeners."""

    key: _Key
    session: str | None
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
    """Responder that gives one answer to all who ask the same at the same time, or soon after.

    Nobody's words reach another visitor: questions are the same only if they are equal after normalising, they are
    asked in that form, and only an answer that quotes the author's documents is given to another session. One that
    was given with knowledge of the page is given to nobody else.
    """

    def __init__(self, responder: Responder, quotes: Callable[[str], bool], now: Callable[[], float]) -> None:
        """`quotes` tells whether words stand in a document as they are; `now` is monotonic seconds."""
        self._responder = responder
        self._quotes = quotes
        self._now = now
        self._flights: dict[_Key, _Flight] = {}

    async def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,
        page: Mapping[str, str] | None = None,
    ) -> AsyncIterator[str]:
        """Join the answer to this question, or begin one, which the session that began it pays for.

        The last listener who leaves an unfinished one ends it.
        """
        known = tuple(sorted((page or {}).items()))
        key = _Key(locale, normalise(previous or ""), normalise(question), known)
        flight = self._fresh(key)
        if flight is None:
            flight = self._begin(key, session)
            self._flights[key] = flight
        elif session is None or flight.session != session:
            async with _listening(flight, self._drop):
                shared = await self._may_be_shared(flight)
            if not shared:
                self._drop(flight)
                flight = self._begin(key, session)
        async with _listening(flight, self._drop):
            async for piece in _pieces_of(flight):
                yield piece

    def forget(self, session: str) -> None:
        """Drop the answers that a session caused."""
        for flight in tuple(self._flights.values()):
            if flight.session == session:
                self._drop(flight)

    def _fresh(self, key: _Key) -> _Flight | None:
        oldest = self._now() - SHARED_FOR_S
        for flight in tuple(self._flights.values())[: -_MOST or None]:
            self._drop(flight)
        for flight in tuple(self._flights.values()):
            if flight.at >= oldest:
                break  # they are in the order of their beginning
            self._drop(flight)
        return self._flights.get(key)

    async def _may_be_shared(self, flight: _Flight) -> bool:
        """Wait for the whole answer, or its first piece that is no quotation.

        An answer that failed, or that has no words, is not shared: it may be the other session's money that was short.
        """
        if flight.key.page:
            return False
        try:
            async for piece in _pieces_of(flight):
                if not isinstance(piece, Quotation | NamedIntent) and not self._quotes(piece):
                    return False
        except GreenroomError:
            return False
        return bool(flight.pieces) and flight.task is not None and not flight.task.cancelled()

    def _begin(self, key: _Key, session: str | None) -> _Flight:
        flight = _Flight(key, session, self._now())
        flight.task = asyncio.create_task(self._fly(flight), name="answer a new question")
        return flight

    async def _fly(self, flight: _Flight) -> None:
        key, page = flight.key, dict(flight.key.page)
        try:
            answer = generator(
                self._responder, key.question, key.locale, key.previous or None, session=flight.session, page=page
            )
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
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]


@asynccontextmanager
async def _listening(flight: _Flight, drop: Callable[[_Flight], None]) -> AsyncIterator[None]:
    """Count a listener; the last who leaves an unfinished answer ends it."""
    flight.listeners += 1
    try:
        yield
    finally:
        flight.listeners -= 1
        if flight.listeners == 0 and flight.task and not flight.task.done():
            drop(flight)
            flight.task.cancel()


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
