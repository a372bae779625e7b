"""Waits of a warm-up: a provider's circuit breaker, and what passes by itself and is tried again."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from app.errors import GreenroomError, StateFullError, StateUnavailableError
from app.rendering.ledger.circuit_breaker import WINDOW_S, opening
from app.rendering.ledger.port import Ledger
from app.rendering.work.warm_events import ProviderPaused, ProviderResumed, Summary, TryingAgain

LOOK_EVERY_S = 2.0
"""Interval of looking at the ledger, which all processes' failures are in."""

AGAIN_AFTER_S = 30.0
"""Pause between two tries: a provider that is busy or down is not asked more often."""


@dataclass(frozen=True, slots=True)
class BreakerWatch:
    """Watch over the circuit breakers of some providers: one event an opening, and one at its end."""

    ledger: Ledger
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    on_event: Callable[[ProviderPaused | ProviderResumed], None]
    _paused: set[str] = field(default_factory=set, init=False)

    async def run(self, providers: Iterable[str]) -> NoReturn:
        """Look again and again; ends by being cancelled."""
        names = tuple(providers)
        while True:
            for name in names:
                with contextlib.suppress(GreenroomError):  # the database is away: what works with it says so
                    await self.look(name)
            await self.sleep(LOOK_EVERY_S)

    async def look(self, provider: str) -> None:
        """Report what has changed about one provider."""
        now = self.clock()
        signals = await self.ledger.verdicts(provider, since=now - timedelta(seconds=WINDOW_S))
        found = opening(signals, now)
        if found and provider not in self._paused:
            self._paused.add(provider)
            self.on_event(ProviderPaused(provider=provider, until=found.until, reason=found.reason))
        elif not found and provider in self._paused:
            self._paused.discard(provider)
            self.on_event(ProviderResumed(provider=provider))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWindow:
    """Window of time in which tries are repeated: until a moment of the clock `now`; `tell` hears of each pause."""

    until: float
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    tell: Callable[[TryingAgain], None] = lambda _event: None

    async def pause(self, code: str, message: str) -> bool:
        """Wait until the next try; False if the time is over by then."""
        left_s = self.until - self.now()
        if left_s < AGAIN_AFTER_S:
            return False
        self.tell(TryingAgain(code=code, message=message, after_s=AGAIN_AFTER_S, left_s=round(left_s, 3)))
        await self.sleep(AGAIN_AFTER_S)
        return True

    async def bears(self, error: GreenroomError) -> bool:
        """Wait for a database that is away; False if the error does not pass, or the time is over."""
        if isinstance(error, StateFullError) or not isinstance(error, StateUnavailableError):
            return False
        return await self.pause(error.code, str(error))


async def until_done(once: Callable[[], Awaitable[Summary]], window: RetryWindow) -> Summary:
    """Warm again while clips fail for passing reasons, or the database is away; return the last summary.

    Permanent failures, a spent budget and a cancelled run end it.

    Raises:
        StateUnavailableError: the database stayed away.
    """
    while True:
        try:
            summary = await once()
        except StateUnavailableError as error:
            if not await window.bears(error):
                raise
            continue
        passing = [failure for failure in summary.failures if failure.retryable]
        if summary.ended != "finished" or not passing:
            return summary
        if not await window.pause(passing[0].code, passing[0].message):
            return summary
