"""Batches of records: in order, none lost, none of an erased session, and a broken log takes nothing down."""

import asyncio
from collections.abc import Sequence

from app.conversation.hot_path.record_batches import MOST, FinishedTurn, RecordBatches
from app.errors import StateUnavailableError
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.turn_log import TurnRecord
from tests.contracts.test_turn_log import a_turn


class SlowLog(MemoryTurnLog):
    """A log that takes a batch when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.let = asyncio.Semaphore(0)
        self.broken = False

    async def record_all(self, turns: Sequence[TurnRecord]) -> None:
        self.batches.append([turn.id for turn in turns])
        await self.let.acquire()
        if self.broken:
            raise StateUnavailableError("Expected a database, got none.")
        await super().record_all(turns)


def finished(log, number: int, *, wanted: bool = True) -> FinishedTurn:
    return FinishedTurn(log, lambda: a_turn(f"t{number}"), lambda: wanted)


async def test_turns_that_end_while_a_batch_is_written_share_the_next():
    log = SlowLog()
    async with asyncio.TaskGroup() as group:
        batches = RecordBatches(group.create_task)
        batches.add(finished(log, 0))
        await asyncio.sleep(0)
        for number in range(1, MOST + 3):
            batches.add(finished(log, number))
        for _ in range(3):
            log.let.release()

    assert [len(batch) for batch in log.batches] == [1, MOST, 2]
    assert list(log.turns) == [f"t{number}" for number in range(MOST + 3)]


async def test_nothing_is_written_of_a_session_that_was_erased_meanwhile():
    log = MemoryTurnLog()
    async with asyncio.TaskGroup() as group:
        batches = RecordBatches(group.create_task)
        for number in range(3):
            batches.add(finished(log, number, wanted=number != 1))

    assert list(log.turns) == ["t0", "t2"]


async def test_a_log_that_cannot_be_reached_costs_its_batch_only():
    log = SlowLog()
    log.broken = True
    async with asyncio.TaskGroup() as group:
        batches = RecordBatches(group.create_task)
        batches.add(finished(log, 0))
        log.let.release()
        await asyncio.sleep(0.01)
        log.broken = False
        batches.add(finished(log, 1))
        log.let.release()

    assert list(log.turns) == ["t1"]
