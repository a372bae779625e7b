"""Eraser of sessions: transcript, films, counts, and whatever this process remembers."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from app.conversation.erasing.pseudonym import session_scope
from app.conversation.erasing.receipt import ErasureReceipt
from app.conversation.erasing.traces import SessionTraces
from app.conversation.page.deliveries import Deliveries, NoDeliveries
from app.conversation.rate_limits import Quota
from app.digest import Digest, digest_bytes
from app.learning.turn_log import TurnLog
from app.rendering.work.film_erasing import ErasedFilms
from app.text import forget_texts

EraseFilms = Callable[[Collection[Digest]], Awaitable[ErasedFilms]]


async def nothing_filmed(keys: Collection[Digest]) -> ErasedFilms:
    """Return that nothing went: for conversations that film nothing."""
    del keys
    return ErasedFilms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Eraser of what a session has caused, its own row and frames apart; each call may be repeated."""

    turns: TurnLog
    traces: SessionTraces
    tally: Quota
    erase_films: EraseFilms = nothing_filmed
    deliveries: Deliveries = field(default_factory=NoDeliveries)

    async def erase(self, session: str, *, now: datetime) -> ErasureReceipt:
        """Erase, and return the receipt.

        The session is marked first: from then on nothing is written about it, on any node. Its own row, whose token
        lets the visitor ask again after a failure, is the caller's to empty last.

        Raises:
            StateUnavailableError, StoreError: something is left; another call, or `finish`, goes on.
        """
        keys = await self.traces.erase(session, now=now)
        turns = await self.turns.erase(session)
        deliveries = await self.deliveries.forget(session)
        tallies = await self.tally.forget(session_scope(session))
        forget_texts()
        films = await self.erase_films(keys)
        gone = Counter(films.gone)
        gone.update(turns=turns, tallies=tallies, deliveries=deliveries)
        name = digest_bytes(session.encode())[:16]
        return ErasureReceipt(name, now, gone, films.copies_deleted, films.copies_left)

    async def finish(self, *, expired_before: datetime, swept_before: datetime, now: datetime) -> int:
        """Delete films that nobody has asked for since a time, and what was stored late; return how many went.

        Deliveries of before that time go, too.

        Raises:
            StateUnavailableError, StoreError: something is left; the next run goes on.
        """
        await self.deliveries.expire(before=expired_before)
        await self.traces.expire(before=expired_before, now=now)
        keys = await self.traces.gone()
        films = await self.erase_films(keys)
        await self.traces.sweep(before=swept_before)
        return films.gone["clip"]
