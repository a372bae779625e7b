"""Values written together, and what becomes of them when one of them is bad."""

import asyncio

import pytest

from app.adapters.sql.turn_log import MOST, GroupCommit


class Store:
    """Takes numbers, never a negative one; nothing is stored before the gate is open."""

    def __init__(self) -> None:
        self.groups, self.gate = [], asyncio.Event()

    async def write(self, values):
        await self.gate.wait()
        if min(values) < 0:
            raise ValueError(f"got {min(values)}")
        self.groups.append(list(values))


@pytest.fixture
def store():
    return Store()


async def written(store, values):
    grouped = GroupCommit(store.write)
    first = asyncio.create_task(grouped.write(0))
    await asyncio.sleep(0)
    rest = [asyncio.create_task(grouped.write(value)) for value in values]
    await asyncio.sleep(0)
    store.gate.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


async def test_what_comes_during_a_transaction_shares_the_next(store):
    assert await written(store, [1, 2, 3]) == [None] * 4

    assert store.groups == [[0], [1, 2, 3]]


async def test_a_bad_value_fails_alone(store):
    results = await written(store, [1, -2, 3])

    assert [type(one) for one in results] == [type(None), type(None), ValueError, type(None)]
    assert sorted(value for group in store.groups for value in group) == [0, 1, 3]


async def test_a_group_is_bounded(store):
    await written(store, list(range(1, MOST + 11)))

    assert [len(group) for group in store.groups] == [1, MOST, 10]


async def test_whoever_stops_waiting_stops_nobody_else(store):
    grouped = GroupCommit(store.write)
    tasks = [asyncio.create_task(grouped.write(value)) for value in (1, 2, 3)]
    await asyncio.sleep(0)

    tasks[0].cancel()
    store.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert sorted(value for group in store.groups for value in group) == [1, 2, 3]
