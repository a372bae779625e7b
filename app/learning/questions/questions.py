"""Questions of a site: pages of turns and groups, grouped anew when there is more to group."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from app.author_errors import QuestionNotFoundError
from app.errors import SessionNotFoundError
from app.learning.questions.grouping import grouped, packed, unpacked
from app.learning.questions.groups import (
    AskedQuestion,
    GroupedQuestion,
    GroupMember,
    GroupPage,
    QuestionBook,
    QuestionGroup,
    StateMark,
)
from app.learning.questions.query import GroupState, QuestionQuery
from app.learning.turn_log import TurnLog, TurnPage, TurnRecord
from app.matching.normalise import normalise
from app.matching.ports import Encoder

Progress = Callable[[int, int], None]
"""Told how many questions of how many are encoded."""

_BATCH = 64
"""Questions encoded together. A visitor's question waits for the same lock: for a fraction of a second."""

_AT_ONCE = 2_000
"""Questions up to which a page waits for the grouping; more are grouped behind it."""

_SETTLES = timedelta(minutes=1)
"""A turn is stored when it ends, which may be this much after it was asked."""

_LONG, _REMEMBERED_FOR, _MOST_PAGES = timedelta(seconds=0.2), timedelta(seconds=30), 50
"""A page that took longer is remembered for this long: many visitors may wait for the same busy processor."""

_REST, _TIMES = timedelta(seconds=5), 10
"""Shortest time between two groupings on one node, and how many times as long as the last one took it is at least: a
grouping that takes a minute slows the pages down meanwhile."""


@dataclass(kw_only=True)
class Questions:
    """Questions as command line, routes and Studio show them."""

    book: QuestionBook
    turns: TurnLog
    encoder: Callable[[], Encoder]
    """Returns the encoder of the served catalog; it may load when it is first used."""
    now: Callable[[], datetime]
    visitors: int = 2
    """Visitors that must have asked a question before its group is shown, unless a caller names a number."""
    progress: Progress | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _behind: asyncio.Task[None] | None = field(default=None, init=False, repr=False)
    _pages: dict[tuple[QuestionQuery, int], tuple[datetime, GroupPage]] = field(
        default_factory=dict, init=False, repr=False
    )
    _size: int = field(default=0, init=False, repr=False)
    _rest: timedelta = field(default=_REST, init=False, repr=False)

    async def groups(self, query: QuestionQuery, *, visitors: int | None = None) -> GroupPage:
        """Return a page of groups; one that took long to count may be half a minute old.

        Raises:
            QueryInvalidError: the cursor is not one of this list.
            EncoderUnavailableError: nothing is grouped yet, and the model cannot be loaded.
        """
        await self._freshen()
        least, began = self.visitors if visitors is None else visitors, self.now()
        remembered = self._pages.get((query, least))
        if remembered and began - remembered[0] < _REMEMBERED_FOR:
            return remembered[1]
        page = await self.book.groups(query, visitors=least)
        if self.now() - began > _LONG:
            self._pages = {**dict(list(self._pages.items())[-_MOST_PAGES:]), (query, least): (began, page)}
        return page

    async def group(self, question: str) -> QuestionGroup:
        """Return the group that holds the question with this id.

        Raises:
            QuestionNotFoundError: there is none.
        """
        found = await self.book.group(question)
        if found is None:
            raise _unknown(question)
        return found

    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Return the wordings of that group, most asked first."""
        return await self.book.members(question, limit=limit)

    async def mark(self, question: str, state: GroupState, *, by: str, note: str = "") -> QuestionGroup:
        """Give the group a state, and return it.

        Raises:
            QuestionNotFoundError: there is none.
        """
        if not await self.book.mark(question, StateMark(state, by, self.now(), note)):
            raise _unknown(question)
        self._pages.clear()
        return await self.group(question)

    async def asked(self, query: QuestionQuery) -> TurnPage:
        """Return a page of turns, newest first.

        Raises:
            QueryInvalidError: the cursor is not one of this list.
        """
        return await self.turns.questions(query)

    async def transcript(self, session: str) -> tuple[TurnRecord, ...]:
        """Return the turns of one visit, oldest first.

        Raises:
            SessionNotFoundError: nothing is stored of it.
        """
        found = await self.turns.transcript(session)
        if not found:
            raise SessionNotFoundError(
                f"Cannot find questions of session {session[:80]!r}. Check the id; old turns are deleted after a time."
            )
        return found

    async def regroup(self) -> int:
        """Group all questions anew; return how many there are.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        async with self._lock:
            return await self._regrouped()

    async def _regrouped(self) -> int:
        at = self.now()
        asked = await self.book.counted()
        encoder = self.encoder()
        known = dict(await self.book.vectors(encoder.name))
        await self._encode([one for one in asked if one.id not in known], encoder, known)
        groups = await asyncio.to_thread(_by_locale, asked, known)
        await self.book.regroup(groups, encoder=encoder.name, at=at)
        self._size, self._rest = len(asked), max(_REST, _TIMES * (self.now() - at))
        self._pages.clear()
        return len(asked)

    async def is_stale(self) -> bool:
        """Return whether something was asked since the last grouping."""
        newest = await self.turns.newest(limit=1)
        at = await self.book.grouped_at()
        return bool(newest) and (at is None or newest[0].asked_at > at - _SETTLES)

    async def aclose(self) -> None:
        """Stop grouping."""
        if self._behind:
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)

    async def _freshen(self) -> None:
        at = await self.book.grouped_at()
        if (at is not None and self.now() - at < self._rest) or not await self.is_stale():
            return
        if at is None or 0 < self._size <= _AT_ONCE:
            async with self._lock:
                if await self.book.grouped_at() == at:  # else another page waited for the same grouping
                    await self._regrouped()
        elif self._behind is None or self._behind.done():
            self._behind = asyncio.create_task(self._regroup_behind(), name="group questions")

    async def _regroup_behind(self) -> None:
        await self.regroup()

    async def _encode(self, new: list[AskedQuestion], encoder: Encoder, known: dict[str, bytes]) -> None:
        for start in range(0, len(new), _BATCH):
            some = new[start : start + _BATCH]
            vectors = await asyncio.to_thread(encoder.encode, [normalise(one.text) for one in some])
            known |= zip((one.id for one in some), packed(vectors), strict=True)
            if self.progress:
                self.progress(min(start + _BATCH, len(new)), len(new))


def _by_locale(asked: tuple[AskedQuestion, ...], vectors: dict[str, bytes]) -> list[GroupedQuestion]:
    """Group each locale by itself; blocking."""
    found: list[GroupedQuestion] = []
    for locale in dict.fromkeys(one.locale for one in asked):
        some = [one for one in asked if one.locale == locale]
        labels = grouped(unpacked([vectors[one.id] for one in some])) if some else np.zeros(0, dtype=np.int64)
        found.extend(
            GroupedQuestion(one, some[label].id, vectors[one.id]) for one, label in zip(some, labels, strict=True)
        )
    return found


def _unknown(question: str) -> QuestionNotFoundError:
    return QuestionNotFoundError(
        f"Cannot find a group with the question {question[:80]!r}. `greenroom questions` lists groups with their ids."
    )
