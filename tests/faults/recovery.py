"""When the world is whole again after a fault, and what must be true of its database then."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

from sqlalchemy import text

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.records import FENCED, TAKEN_OVER, Record
from app.rendering.ledger.states import Render, RenderState
from tests.faults.world import Heard, Visitor, World

Whole = Callable[[World, Sequence[Visitor], Heard], Awaitable[bool]]
"""Whether it is."""

LATEST_S = 120.0

ROUNDED_UP = Decimal("0.02")
"""We set aside whole tenths of a second."""


async def nodes_hear_each_other(world: World, _crowd: Sequence[Visitor], _heard: Heard) -> bool:
    """Both nodes listen at the real server."""
    return await world.redis.listeners() >= 2


async def all_is_written_down(world: World, _crowd: Sequence[Visitor], heard: Heard) -> bool:
    """Every answer that was heard when the fault ended has its row."""
    return await turns_kept(world) >= heard.due


async def all_are_back(_world: World, crowd: Sequence[Visitor], _heard: Heard) -> bool:
    """Everybody whose node went has been taken on by the other one."""
    return all("session.resumed" in one.kinds for one in crowd[::2])


async def the_film_is_there(world: World, _crowd: Sequence[Visitor], _heard: Heard) -> bool:
    """The new answer is filmed."""
    return [state for state, _ in await world.films()] == [RenderState.READY.value]


async def seconds_until(whole: Whole, world: World, crowd: Sequence[Visitor], heard: Heard) -> float:
    """From the end of the fault on; the fault may have no end yet."""
    await world.over.wait()
    heard.due = heard.answers + heard.films
    began = time.monotonic()
    async with asyncio.timeout(LATEST_S):
        while not await whole(world, crowd, heard):  # noqa: ASYNC110 - asks from outside
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def turns_kept(world: World) -> int:
    """How many answers are written down."""
    database = Database(world.database_url)
    try:
        async with database.reading() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM turns"))).scalar_one())
    finally:
        await database.close()


async def books(world: World, *, calm: bool = False) -> list[str]:
    """Everything in the ledger that does not add up, row by row; `calm`: nobody took work from a living worker."""
    database = Database(world.database_url)
    ledger = SqlLedger(database)
    try:
        renders = await ledger.list(limit=1000)
        wrong = [fault for render in renders for fault in await _row(ledger, render)]
        if calm:
            wrong += [f"{one.render_id}: {one.event}" for one in await _taken(ledger, renders)]
        for scope in sorted({scope for render in renders for scope in render.scopes}):
            told = await ledger.spend(scope)
            due = sum(render.spent for render in renders if scope in render.scopes)
            if (told.reserved, told.spent) != (0, due):
                wrong.append(f"budget {scope}: {told}, its renders spent {due}")
    finally:
        await database.close()
    ours, billed = sum(render.spent for render in renders), Decimal((await world.bill())["amount"])
    if not 0 <= ours - billed < ROUNDED_UP:
        wrong.append(f"our books say {ours} USD, the bill says {billed} USD")
    return wrong


async def _taken(ledger: Ledger, renders: Sequence[Render]) -> list[Record]:
    steps = [step for render in renders for step in await ledger.history(render.id)]
    return [step for step in steps if step.event in {TAKEN_OVER, FENCED}]


async def _row(ledger: Ledger, render: Render) -> list[str]:
    """One render against its own history: every amount is the sum of what was written down about it."""
    history = await ledger.history(render.id)
    reserved, spent = (sum(getattr(one, name) for one in history) for name in ("reserved", "spent"))
    wrong = []
    if render.reserved or (render.reserved, render.spent) != (reserved, spent):
        wrong.append(f"{render.id}: reserved {render.reserved} of {reserved}, spent {render.spent} of {spent}")
    told = [one.state for one in history if one.event != FENCED][-1:]
    if told and told != [render.state]:
        wrong.append(f"{render.id}: {render.state}, but its last record says {told[0]}")
    if render.state is RenderState.READY and render.labels.generated and render.spent <= 0:
        wrong.append(f"{render.id}: filmed by a vendor, and cost nothing")
    return wrong
