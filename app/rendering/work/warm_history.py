"""Warm-up history: how the last run over the whole catalog ended, and since when clips have been missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WarmEnd:
    """End of a run over the whole catalog; `missing` are the recipe keys of what is still not stored."""

    run: str
    ended_at: datetime
    outcome: str
    """How it ended: `complete`, or why it is not."""
    clips_wanted: int
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class WarmState:
    """State after the newest run; `completed_at` is the end of the last one that left nothing missing.

    `missing_since` is when the clip that has been missing longest was first found missing.
    """

    ended_at: datetime
    outcome: str
    clips_wanted: int
    clips_missing: int
    completed_at: datetime | None
    missing_since: datetime | None


class WarmHistory(Protocol):
    """History of warm-ups, written by a run's process, read by the nodes."""

    async def add(self, end: WarmEnd) -> None:
        """Add the end of a run; the same run again changes nothing.

        Raises:
            StateUnavailableError: the database is away.
        """
        ...

    async def state(self) -> WarmState | None:
        """Return the state after the newest run; None before the first.

        Raises:
            StateUnavailableError: the database is away.
        """
        ...


COMPLETE = "complete"
"""Outcome of a run after which every clip is stored."""


class MemoryWarmHistory:
    """Warm-up history of one process."""

    def __init__(self) -> None:
        self._ends: dict[str, WarmEnd] = {}
        self._since: dict[str, datetime] = {}

    async def add(self, end: WarmEnd) -> None:
        """Add the end of a run."""
        if end.run not in self._ends:
            self._ends[end.run] = end
            self._since = still_missing(self._since, end)

    async def state(self) -> WarmState | None:
        """Return the state after the newest run."""
        if not self._ends:
            return None
        last = max(self._ends.values(), key=lambda end: end.ended_at)
        return WarmState(
            ended_at=last.ended_at,
            outcome=last.outcome,
            clips_wanted=last.clips_wanted,
            clips_missing=len(last.missing),
            completed_at=max((end.ended_at for end in self._ends.values() if end.outcome == COMPLETE), default=None),
            missing_since=min(self._since.values(), default=None),
        )


def still_missing(since: dict[str, datetime], end: WarmEnd) -> dict[str, datetime]:
    """Return since when each missing clip has been missing: as before, or since this run."""
    return {key: since.get(key, end.ended_at) for key in end.missing}


def outcome_of(ended: str, missing: Collection[str]) -> str:
    """Return a run's outcome: what ended it early, or else whether clips failed."""
    if ended != "finished":
        return ended
    return "failed" if missing else COMPLETE
