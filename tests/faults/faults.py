"""What breaks, and how: each blow strikes a world, and says when its cause is over."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.faults.filming import FILMS_S
from tests.faults.recovery import (
    Whole,
    all_are_back,
    all_is_written_down,
    nodes_hear_each_other,
    the_film_is_there,
)
from tests.faults.workers import MOMENTS, Moment, kill_at
from tests.faults.world import World

Blow = Callable[[World, float], Awaitable[None]]


async def redis_killed(world: World, gone_s: float) -> None:
    """Killed, and back after a while, empty."""
    await asyncio.to_thread(world.redis.kill)
    await asyncio.sleep(gone_s)
    await asyncio.to_thread(world.redis.start)


async def redis_full(world: World, gone_s: float) -> None:
    """No memory left, and nothing may be thrown out."""
    await world.redis.configure(maxmemory="1", **{"maxmemory-policy": "noeviction"})
    await asyncio.sleep(gone_s)
    await world.redis.configure(maxmemory="0")


async def redis_silent(world: World, gone_s: float) -> None:
    """There, but nothing comes back."""
    world.redis_line.fault = "silence"
    await asyncio.sleep(gone_s)
    world.redis_line.fault = "none"


async def postgres_restarted(world: World, gone_s: float) -> None:
    """Stopped in the middle of everything, and back after a while."""
    await asyncio.to_thread(world.postgres.crash)
    await asyncio.sleep(gone_s)
    await asyncio.to_thread(world.postgres.start)


async def postgres_standby(world: World, gone_s: float) -> None:
    """A failover: connections break, and who answers next refuses to write for a while."""
    await world.postgres.refuse_writes(refused=True)
    world.postgres_line.cut_all()
    await asyncio.sleep(gone_s)
    await world.postgres.refuse_writes(refused=False)


async def postgres_commits_lost(world: World, gone_s: float) -> None:
    """Every third commit takes effect and its answer is lost."""
    seen = count(1)
    world.postgres_line.cut_at = lambda piece: "after" if b"COMMIT" in piece and next(seen) % 3 == 0 else None
    await asyncio.sleep(gone_s)
    world.postgres_line.cut_at = lambda _piece: None


async def node_killed(world: World, gone_s: float) -> None:
    """SIGKILL for one of two nodes."""
    await asyncio.to_thread(world.first.kill)
    world.over.set()
    await asyncio.sleep(gone_s)


async def deploy(world: World, gone_s: float) -> None:
    """SIGTERM for one of two nodes."""
    world.first.process.send_signal(signal.SIGTERM)
    world.over.set()
    await asyncio.sleep(gone_s)


async def machine_killed(world: World, gone_s: float) -> None:
    """A node and the worker that films for it go together; only the worker comes back."""
    await asyncio.gather(node_killed(world, gone_s), kill_at(world, MOMENTS["filming"]))


async def clocks_jump(world: World, gone_s: float) -> None:
    """One node's clock goes an hour ahead, the other's an hour back, and later the other way round."""
    for here, there in (("+3600", "-3600"), ("-3600", "+3600")):
        for wall, shown in zip(world.walls, (here, there), strict=True):
            wall.write_text(shown)
        await asyncio.sleep(gone_s / 2)
    world.over.set()


@dataclass(frozen=True)
class Fault:
    """A blow; before it the vendor is given `trouble`, and with `works` a worker films instead of the nodes.

    `whole` tells when its traces are gone. `dies`: what a node had not written down yet goes with it. `walled`: the
    nodes see a time of day of their own, and none may take another one's work for it. The vendor films for `films_s`.
    """

    blow: Blow
    whole: Whole
    works: bool = False
    dies: bool = False
    walled: bool = False
    films_s: float = FILMS_S
    trouble: Mapping[str, Any] = field(default_factory=dict)


def _worker_killed(moment: Moment) -> Fault:
    async def blow(world: World, _gone_s: float) -> None:
        await kill_at(world, moment)
        world.over.set()

    return Fault(blow, the_film_is_there, works=True, trouble=moment.trouble)


FAULTS: Mapping[str, Fault] = {
    "redis_killed": Fault(redis_killed, nodes_hear_each_other),
    "redis_full": Fault(redis_full, nodes_hear_each_other),
    "redis_silent": Fault(redis_silent, nodes_hear_each_other),
    "postgres_restarted": Fault(postgres_restarted, all_is_written_down),
    "postgres_standby": Fault(postgres_standby, all_is_written_down),
    "postgres_commits_lost": Fault(postgres_commits_lost, all_is_written_down),
    "node_killed": Fault(node_killed, all_are_back, dies=True),
    "deploy": Fault(deploy, all_are_back),
    **{f"worker_killed_{name}": _worker_killed(moment) for name, moment in MOMENTS.items()},
    "machine_killed": Fault(machine_killed, all_are_back, works=True, dies=True),
    "clocks_jump": Fault(clocks_jump, the_film_is_there, walled=True, films_s=30.0),
}
"""By name; the order is the table's."""
