"""Record batches: finished turns go to the turn log together, behind their visitors."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.conversation.hot_path.attempt import attempt
from app.learning.turn_log import TurnLog, TurnRecord

MOST = 100
"""Turns of a batch: more would hold SQLite's one write lock for longer than a visitor should wait."""


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """Turn to be recorded. `is_wanted` is asked last: an erased session leaves nothing behind."""

    log: TurnLog
    record: Callable[[], TurnRecord]
    is_wanted: Callable[[], bool]


class RecordBatches:
    """Writer of finished turns, in order. A turn that ends alone is written at once; others share the next batch."""

    def __init__(self, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """`spawn` starts a task that is waited for when the node stops."""
        self._spawn = spawn
        self._waiting: list[FinishedTurn] = []
        self._is_writing = False

    def add(self, turn: FinishedTurn) -> None:
        """Write a turn soon."""
        self._waiting.append(turn)
        if not self._is_writing:
            self._is_writing = True
            self._spawn(self._work())

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                for _, turns in groupby(batch, key=lambda turn: id(turn.log)):  # another release may have another log
                    await _write(list(turns))
        finally:
            self._is_writing = False


async def _write(turns: Sequence[FinishedTurn]) -> None:
    """Write turns; a visitor has the answer, whatever becomes of its record."""

    async def write() -> None:
        records = [turn.record() for turn in turns if turn.is_wanted()]
        if records:
            await turns[0].log.record_all(records)

    await attempt(write, "aside")
