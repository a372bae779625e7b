"""Traces of sessions: which films a session caused, and which sessions are erased, shared by all nodes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.conversation.erasing.pseudonym import session_scope
from app.digest import Digest
from app.errors import SessionNotFoundError


class SessionTraces(Protocol):
    """Films by the sessions that asked for them, films that are to be gone, and erased sessions.

    A film is named by the recipe keys of its video and its speech. Every method is one transaction.
    """

    async def ask(self, session: str, keys: Collection[Digest], *, now: datetime) -> None:
        """Note that a session asks for a film, before it is made; what was to be gone is wanted again.

        Raises:
            SessionNotFoundError: the session is erased.
        """
        ...

    async def keep(self, keys: Collection[Digest]) -> None:
        """Take films off those that are to be gone: an author says the words, whoever said them before."""
        ...

    async def erase(self, session: str, *, now: datetime) -> tuple[Digest, ...]:
        """Mark a session as erased, and as to be gone the films that nobody else asked for; return those."""
        ...

    async def expire(self, *, before: datetime, now: datetime) -> tuple[Digest, ...]:
        """Mark films as to be gone that were last asked for before this; return them."""
        ...

    async def films(self, session: str) -> tuple[Digest, ...]:
        """Return the films that a session asked for."""
        ...

    async def gone(self) -> tuple[Digest, ...]:
        """Return all films that are to be gone: a render that was under way may yet store one."""
        ...

    async def is_gone(self, key: Digest) -> bool:
        """Return whether a film is to be gone."""
        ...

    async def sweep(self, *, before: datetime) -> None:
        """Forget what was erased or marked before this: no work of that time is under way any more."""
        ...


@dataclass
class MemoryTraces:
    """Traces in dictionaries, for tests and for what needs no database."""

    asked: dict[tuple[Digest, str], datetime] = field(default_factory=dict)
    marked: dict[Digest, datetime] = field(default_factory=dict)
    erased: dict[str, datetime] = field(default_factory=dict)

    def is_erased(self, session: str) -> bool:
        """Return whether a session is erased."""
        return session_scope(session) in self.erased

    async def ask(self, session: str, keys: Collection[Digest], *, now: datetime) -> None:
        """Note the keys."""
        if self.is_erased(session):
            raise erased_session()
        for key in keys:
            self.asked[key, session_scope(session)] = now
            self.marked.pop(key, None)

    async def keep(self, keys: Collection[Digest]) -> None:
        """Drop the marks."""
        for key in keys:
            self.marked.pop(key, None)

    async def erase(self, session: str, *, now: datetime) -> tuple[Digest, ...]:
        """Drop the session's keys."""
        self.erased[session_scope(session)] = now
        mine = await self.films(session)
        for key in mine:
            del self.asked[key, session_scope(session)]
        return self._mark([key for key in mine if not self._is_asked(key)], now)

    async def expire(self, *, before: datetime, now: datetime) -> tuple[Digest, ...]:
        """Drop old keys."""
        old = [place for place, at in self.asked.items() if at < before]
        for place in old:
            del self.asked[place]
        return self._mark([key for key in dict.fromkeys(key for key, _ in old) if not self._is_asked(key)], now)

    async def films(self, session: str) -> tuple[Digest, ...]:
        """Search the keys."""
        return tuple(sorted(key for key, who in self.asked if who == session_scope(session)))

    async def gone(self) -> tuple[Digest, ...]:
        """Return the marked keys."""
        return tuple(sorted(self.marked))

    async def is_gone(self, key: Digest) -> bool:
        """Look the key up."""
        return key in self.marked

    async def sweep(self, *, before: datetime) -> None:
        """Drop old marks."""
        self.marked = {key: at for key, at in self.marked.items() if at >= before}
        self.erased = {session: at for session, at in self.erased.items() if at >= before}

    def _is_asked(self, key: Digest) -> bool:
        return any(one == key for one, _ in self.asked)

    def _mark(self, keys: Collection[Digest], now: datetime) -> tuple[Digest, ...]:
        self.marked.update(dict.fromkeys(keys, now))
        return tuple(sorted(keys))


def erased_session() -> SessionNotFoundError:
    """Return the error for a session that asks for something after it was erased."""
    return SessionNotFoundError("The session is erased; nothing more is made for it. Begin another one.")
