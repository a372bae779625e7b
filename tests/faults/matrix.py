"""The infrastructure matrix: engines and nodes break under visitors, and come back; who lost what?

python -m tests.faults.matrix [--only redis_killed,deploy] [--visitors 40] [--gone 60] [--pace 5]
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.faults.filming import VENDOR, Filmed, filmed
from tests.faults.workers import MOMENTS, Moment, kill_at
from tests.faults.world import Heard, World, a_crowd, a_world
from tests.money.crash.lane import lane
from tests.support.postgres import PostgresProcess

Blow = Callable[[World, float], Awaitable[None]]

ASKERS = 4
"""Visitors who wait for the same new answer while it happens."""
RESUMED_WITHIN_S = 15.0


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
    await asyncio.sleep(gone_s)


async def deploy(world: World, gone_s: float) -> None:
    """SIGTERM for one of two nodes."""
    world.first.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(gone_s)


@dataclass(frozen=True)
class Fault:
    """A blow; before it the vendor is given `trouble`, and with `works` a worker films instead of the nodes."""

    blow: Blow
    works: bool = False
    trouble: Mapping[str, Any] = field(default_factory=dict)


def _worker_killed(moment: Moment) -> Fault:
    async def blow(world: World, _gone_s: float) -> None:
        await kill_at(world, moment)

    return Fault(blow, works=True, trouble=moment.trouble)


async def machine_killed(world: World, gone_s: float) -> None:
    """A node and the worker that films for it go together; only the worker comes back."""
    await asyncio.gather(asyncio.to_thread(world.first.kill), kill_at(world, MOMENTS["filming"]))
    await asyncio.sleep(gone_s)


_ON_NODES: tuple[Blow, ...] = (
    redis_killed, redis_full, redis_silent, postgres_restarted, postgres_standby, postgres_commits_lost,
    node_killed, deploy,
)  # fmt: skip

FAULTS: Mapping[str, Fault] = {
    **{str(getattr(blow, "__name__", "")): Fault(blow) for blow in _ON_NODES},
    **{f"worker_killed_{name}": _worker_killed(moment) for name, moment in MOMENTS.items()},
    "machine_killed": Fault(machine_killed, works=True),
}


@dataclass(frozen=True)
class Ending:
    """How one fault ended. `paid` is what the vendor bills for the new answer, `paid_twice` what it bills again."""

    fault: str
    visitors: int
    heard: Heard
    missed: int
    twice: int
    films: list[tuple[str, int]]
    paid: int
    paid_twice: int

    @property
    def is_right(self) -> bool:
        """Nobody lost an answer or a frame, got one twice, or waited too long; the film was made and paid once."""
        whole = not self.heard.lost and not self.missed and not self.twice and self.heard.films == ASKERS
        quick = self.heard.longest_s <= RESUMED_WITHIN_S
        once = (self.paid, self.paid_twice) == (1, 0) and [state for state, _ in self.films] == ["ready"]
        return whole and quick and once


@dataclass(frozen=True)
class Load:
    """How many visitors, for how long the fault lasts, and how long each rests from an answer to the next question."""

    visitors: int
    gone_s: float
    pace_s: float = 0.5


async def strike(name: str, site: Filmed, postgres: PostgresProcess, folder: Path, *, load: Load) -> Ending:
    """Break one thing under visitors."""
    heard, fault = Heard(), FAULTS[name]
    async with a_world(site, postgres, folder, works=fault.works) as world:
        if fault.trouble:
            await asyncio.to_thread(site.vendor.trouble, **fault.trouble)
        async with a_crowd(world, load.visitors, askers=ASKERS, heard=heard, pace_s=load.pace_s) as crowd:
            await asyncio.sleep(1)
            await fault.blow(world, load.gone_s)
            await asyncio.sleep(3)
        films, bill = await world.films(), await world.bill()
    missed, twice = sum(one.missed for one in crowd), sum(one.twice for one in crowd)
    return Ending(name, load.visitors, heard, missed, twice, films, bill["jobs_charged"], bill["paid_twice"])


HEAD = (
    "| fault | visitors | filmed answers meanwhile | lost | frames missed / twice | longest wait s "
    "| new answer at all who asked, after s | times handed over | on the bill | |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def row(ending: Ending) -> str:
    """A line of the table."""
    heard = ending.heard
    handed = "+".join(str(attempts) for _, attempts in ending.films) or "0"
    film = f"{heard.films} of {ASKERS}, {heard.film_s:.0f}"
    return (
        f"| {ending.fault.replace('_', ' ')} | {ending.visitors} | {heard.answers} | {len(heard.lost)} "
        f"| {ending.missed} / {ending.twice} | {heard.longest_s:.1f} | {film} | {handed} "
        f"| {ending.paid} | {'ok' if ending.is_right else 'BAD'} |"
    )


def main() -> None:
    """All of it, as a table; status 1 when a cell is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(FAULTS))
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--pace", type=float, default=0.5, help="seconds from an answer to the next question")
    parser.add_argument("--gone", type=float, default=20.0, help="seconds that each fault lasts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lane(VENDOR) as vendor:
        print("filming a small catalog ...", file=sys.stderr, flush=True)
        site = filmed(Path(folder) / "made", vendor)
        endings = _played(asked.only.split(","), site, Path(folder), Load(asked.visitors, asked.gone, asked.pace))
    print("\n".join([HEAD, *map(row, endings)]))
    sys.exit(not all(ending.is_right for ending in endings))


def _played(names: list[str], site: Filmed, root: Path, load: Load) -> list[Ending]:
    """Each of these faults, one after the other, on one site."""
    endings = []
    postgres = PostgresProcess()
    for name in names:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        (root / name).mkdir()
        endings.append(asyncio.run(strike(name, site, postgres, root / name, load=load)))
        print(f"  {row(endings[-1])} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        for lost in endings[-1].heard.lost[:5]:
            print(f"    {lost}", file=sys.stderr, flush=True)
    postgres.close()
    return endings


if __name__ == "__main__":
    main()
