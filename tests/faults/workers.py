"""A worker is killed while it makes a film that visitors wait for, at several moments of its work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.rendering.ledger.states import RenderState
from tests.faults.world import World

_LATEST_S = 60.0


@dataclass(frozen=True)
class Moment:
    """When the worker dies: `trouble` holds the vendor up there, `reached` tells that it is so far."""

    reached: Callable[[World], Awaitable[bool]]
    trouble: Mapping[str, Any] = field(default_factory=dict)


async def _struck(world: World) -> bool:
    return await asyncio.to_thread(world.vendor.struck) > 0


async def _taken(world: World) -> bool:
    return bool((await world.bill())["jobs_accepted"])


async def _submitted(world: World) -> bool:
    return [state for state, _ in await world.films()] == [RenderState.SUBMITTED.value]


async def _half_there(world: World) -> bool:
    return any((world.site.cache / "scratch").glob("*/*.part.mp4"))


MOMENTS: Mapping[str, Moment] = {
    "uploading": Moment(_struck, {"operation": "upload", "fault": "silence"}),
    "unsent": Moment(_struck, {"operation": "submit", "fault": "silence", "accepted": False}),
    "unheard": Moment(_taken, {"operation": "submit", "fault": "silence", "accepted": True}),
    "filming": Moment(_submitted),
    "downloading": Moment(_half_there, {"operation": "download", "fault": "slow_drip"}),
}
"""In order. `unsent`: the job is on the way, and never arrives; `unheard`: the vendor took it, and its answer is on
the way."""


async def kill_at(world: World, moment: Moment) -> None:
    """Wait for the moment, kill the worker, start another one, as whatever keeps it running would."""
    give_up = time.monotonic() + _LATEST_S
    while not await moment.reached(world):
        if time.monotonic() > give_up:
            raise TimeoutError(f"The worker never came so far: {await world.films()}, {await world.bill()}")
        await asyncio.sleep(0.05)
    assert world.worker is not None
    await asyncio.to_thread(world.worker.kill)
    await world.start_worker()
