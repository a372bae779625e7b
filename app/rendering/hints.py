"""Hints: somebody called back about a token, so whoever waits for it may look at once. Losing one costs time only."""

import asyncio
from collections.abc import Awaitable, Callable


class Hints:
    """Pauses by token that end early when the token is called."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._waiting: dict[str, asyncio.Event] = {}

    def call(self, token: str) -> bool:
        """End the pauses of this token; False when nobody here waits for it."""
        event = self._waiting.get(token)
        if event is not None:
            event.set()
        return event is not None

    async def pause(self, token: str, seconds: float) -> None:
        """Sleep, or until the token is called."""
        event = self._waiting.setdefault(token, asyncio.Event())
        sides = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(event.wait())]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            self._waiting.pop(token, None)
