"""Cancelled in the middle of a transaction, nobody leaves a lock behind."""

import asyncio
import random
from datetime import UTC, datetime

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import Claim, Heartbeat, Render
from app.store.labels import Labels

ROUNDS, WRITERS = 25, 6


async def test_a_cancelled_transaction_ends_before_its_caller_does(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/state.db")
    await migrate(database)
    ledger, chance = SqlLedger(database), random.Random(7)
    renders = [await claimed(ledger, f"{number:064x}") for number in range(WRITERS)]

    for _ in range(ROUNDS):
        beats = [asyncio.create_task(beat(ledger, render)) for render in renders]
        await asyncio.sleep(chance.random() * 0.02)
        for task in chance.sample(beats, WRITERS // 2):
            task.cancel()
        ends = await asyncio.gather(*beats, return_exceptions=True)
        errors = [end for end in ends if isinstance(end, Exception)]
        assert not errors, errors

    assert {(await ledger.get(render.id)).fence for render in renders} == {1}
    await database.close()


async def claimed(ledger: SqlLedger, key: str) -> Render:
    wanted = await ledger.want(RenderRequest(key, "fal", "m", Labels()), now=now())
    return await ledger.apply(wanted.id, Claim(now=now(), worker="w", lease_s=600.0))


async def beat(ledger: SqlLedger, render: Render) -> Render:
    return await ledger.apply(render.id, Heartbeat(now=now(), fence=render.fence, lease_s=600.0))


def now() -> datetime:
    return datetime.now(UTC)
