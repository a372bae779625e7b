"""Words for what no intent answers: checked before and after, with a second way when the first is broken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from app.conversation.ports import Responder
from app.errors import ContentBlockedError, RenderingError


class Moderator(Protocol):
    """Whether words may be said to, or by, the presenter."""

    async def blocked(self, text: str) -> str | None:
        """Why these words may not pass, in a word or two; None when they may.

        Raises:
            ProviderUnavailableError, ProviderRefusedError: it cannot be told now.
        """
        ...


class Passages(Protocol):
    """What the author's documents say about something."""

    async def find(self, question: str) -> tuple[str, ...]:
        """The passages that are about it, best first; none when the documents are silent.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        ...

    async def support(self, sentence: str, passages: Sequence[str]) -> bool:
        """Whether a sentence says what these passages say, in their words or in others.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        ...


@dataclass(frozen=True, slots=True)
class Moderated:
    """A responder whose question, and (with `words`) whose every piece, must pass all moderators."""

    responder: Responder
    moderators: Sequence[Moderator]
    words: bool = True

    async def respond(self, question: str, *, locale: str, previous: str | None = None) -> AsyncIterator[str]:
        """Ask, unless the question is blocked; say pieces as they pass."""
        await self._check(question, "question")
        async with aclosing(generator(self.responder, question, locale, previous)) as pieces:
            async for piece in pieces:
                if self.words:
                    await self._check(piece, "answer")
                yield piece

    async def _check(self, text: str, what: str) -> None:
        for moderator in self.moderators:
            reason = await moderator.blocked(text)
            if reason:
                raise ContentBlockedError(f"The {what} was blocked: {reason}.")


@dataclass(frozen=True, slots=True)
class Degrading:
    """The first responder, or the second when the first is broken or says nothing in time."""

    first: Responder
    second: Responder
    patience_s: float = 8.0

    async def respond(self, question: str, *, locale: str, previous: str | None = None) -> AsyncIterator[str]:
        """Decide with the first piece; what breaks later has begun to speak and stays."""
        async with aclosing(generator(self.first, question, locale, previous)) as pieces:
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
            async with aclosing(generator(self.second, question, locale, previous)) as others:
                async for piece in others:
                    yield piece


async def generator(
    responder: Responder, question: str, locale: str, previous: str | None
) -> AsyncGenerator[str, None]:
    """A responder's pieces as something that can be closed."""
    async for piece in responder.respond(question, locale=locale, previous=previous):
        yield piece
