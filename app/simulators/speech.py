"""Speech engine of simulated providers: one voice, places for requests at once, a line on the bill."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import ParamSpec, TypeVar

from app.adapters.local.audio import resample
from app.simulators.audio import Samples
from app.simulators.vendor import SimulatedProvider, Usage
from app.simulators.voice import RATE, Utterance

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Utterance, with its samples at any rate."""

    utterance: Utterance

    def at_rate(self, rate: int) -> Samples:
        """Resample the sound."""
        return resample(self.utterance.samples, from_rate=RATE, to_rate=rate)


class SpeechEngine:
    """Speech engine of a provider."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._busy = 0

    @asynccontextmanager
    async def place(self, places: int) -> AsyncIterator[None]:
        """Hold one of the account's places.

        Raises:
            ErrorReply: 429, if all are taken.
        """
        if self._busy >= places:
            raise self._vendor.refuse(429, "Too many concurrent requests.")
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def speak(self, words: str, *, speed: float) -> Spoken:
        """Speak a text, in a thread."""
        return Spoken(await self.run(self._vendor.stage.voice.speak, words, speed=speed))

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a job in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    def charge(self, what: str, characters: int, amount: Decimal) -> None:
        """Add the speech to the bill."""
        self._vendor.usage.append(Usage(what, characters, amount))
