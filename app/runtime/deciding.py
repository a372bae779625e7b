"""Questions that come before the matcher is there."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from app.errors import EncoderUnavailableError
from app.matching.decision import Decision
from app.matching.matcher import Matcher

_PATIENCE_S = 4.0
"""How long a question waits for the matcher at start-up: less than the conversation's own deadline for a decision."""


@dataclass
class LoadingDecider:
    """The matcher once it is loaded; until then questions wait a little, and are then told to come again."""

    matcher: Matcher | None = None
    failure: str = ""
    """Why there will never be a matcher."""
    _loaded: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def use(self, matcher: Matcher) -> None:
        """Decide with this matcher from now on."""
        self.matcher = matcher
        self._loaded.set()

    def give_up(self, failure: str) -> None:
        """Let nobody wait any more."""
        self.failure = failure
        self._loaded.set()

    async def decide(self, text: str, *, locale: str | None = None, previous: str | None = None) -> Decision:
        """Decide, or raise EncoderUnavailableError when the encoder does not come in time."""
        if not self._loaded.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._loaded.wait(), _PATIENCE_S)
        if self.matcher is None:
            raise EncoderUnavailableError(
                self.failure or "The sentence encoder is still loading; ask again in a few seconds."
            )
        return await self.matcher.decide(text, locale=locale, previous=previous)
