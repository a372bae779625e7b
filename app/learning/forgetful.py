"""A log that keeps nothing: where transcripts are not wanted, not even for a moment."""

from datetime import datetime
from typing import Literal

from app.learning.ports import Miss, TurnRecord


class ForgetfulTurnLog:
    """The `TurnLog` port of a site with `GREENROOM_KEEP_TURNS_DAYS=0`."""

    async def record(self, turn: TurnRecord) -> None:
        """Let it go."""

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Nothing is there."""
        del turn_id
        return None

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Take it, so that a visitor is not told off for rating; it is not kept."""
        del turn_id, session, score, comment
        return True

    async def erase(self, session: str) -> int:
        """Nothing to drop."""
        del session
        return 0

    async def forget(self, *, before: datetime) -> int:
        """Nothing to drop."""
        del before
        return 0

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Nothing was kept."""
        del limit, offset
        return ()
