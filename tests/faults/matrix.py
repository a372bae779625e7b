"""The infrastructure matrix: engines and nodes break under visitors, and come back; who lost what?

python -m tests.faults.matrix [--only redis_killed,deploy] [--visitors 40] [--gone 60] [--pace 5]
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from subprocess import SubprocessError

from tests.faults.faults import FAULTS
from tests.faults.filming import VENDOR, Filmed, filmed
from tests.faults.recovery import all_are_back, all_is_written_down, books, seconds_until, turns_kept
from tests.faults.world import Heard, Visitor, a_crowd, a_world
from tests.money.crash.lane import lane
from tests.support.postgres import PostgresProcess

ASKERS = 4
"""Visitors who wait for the same new answer while it happens."""
RESUMED_WITHIN_S = 15.0


@dataclass(frozen=True)
class Ending:
    """How one fault ended.

    `films`: where each render of the new answer stands, and how often it was handed over. `paid` is what the vendor
    bills for it, `paid_twice` what it bills again. `unwritten`: answers without a row; `books`: what in the ledger does
    not add up. `farewells`: how many of the leaving node's visitors were told so and saw it close with 1012.
    """

    fault: str
    visitors: int
    heard: Heard
    missed: int
    twice: int
    films: list[tuple[str, int]]
    paid: int
    paid_twice: int
    recovered_s: float
    unwritten: int
    books: list[str]
    farewells: int

    @property
    def is_right(self) -> bool:
        """Nobody lost an answer or a frame, got one twice, or waited too long; the film was made and paid once."""
        whole = not self.heard.lost and not self.missed and not self.twice and self.heard.films == ASKERS
        quick = self.heard.longest_s <= RESUMED_WITHIN_S
        once = (self.paid, self.paid_twice) == (1, 0) and [state for state, _ in self.films] == ["ready"]
        written = FAULTS[self.fault].dies or self.unwritten <= 0
        polite = self.fault != "deploy" or self.farewells == (self.visitors + 1) // 2
        back = FAULTS[self.fault].whole is not all_are_back or self.recovered_s <= RESUMED_WITHIN_S
        return whole and quick and once and written and polite and back and not self.books


@dataclass(frozen=True)
class Load:
    """How many visitors, for how long the fault lasts, and how long each rests from an answer to the next question."""

    visitors: int
    gone_s: float
    pace_s: float = 0.5


async def strike(name: str, site: Filmed, postgres: PostgresProcess, folder: Path, *, load: Load) -> Ending:
    """Break one thing under visitors."""
    heard, fault = Heard(), FAULTS[name]
    async with a_world(site, postgres, folder, works=fault.works, walled=fault.walled) as world:
        await asyncio.to_thread(site.vendor.films_take, fault.films_s)
        if fault.trouble:
            await asyncio.to_thread(site.vendor.trouble, **fault.trouble)
        async with a_crowd(world, load.visitors, askers=ASKERS, heard=heard, pace_s=load.pace_s) as crowd:
            recovering = asyncio.create_task(seconds_until(fault.whole, world, crowd, heard))
            await asyncio.sleep(1)
            await fault.blow(world, load.gone_s)
            world.over.set()
            await asyncio.sleep(3)
            recovered_s = await recovering
        if not fault.dies:
            await seconds_until(all_is_written_down, world, crowd, heard)
        films, bill, wrong = await world.films(), await world.bill(), await books(world, calm=fault.walled)
        unwritten = heard.answers + heard.films - await turns_kept(world)
    return Ending(
        fault=name,
        visitors=load.visitors,
        heard=heard,
        missed=sum(one.missed for one in crowd),
        twice=sum(one.twice for one in crowd),
        films=films,
        paid=bill["jobs_charged"],
        paid_twice=bill["paid_twice"],
        recovered_s=recovered_s,
        unwritten=unwritten,
        books=wrong,
        farewells=sum(map(was_told, crowd[::2])),
    )


def was_told(visitor: Visitor) -> bool:
    """Whether it heard `session.ending`, then the end with 1012, and then was taken on elsewhere."""
    kinds = visitor.kinds
    if "session.ending" not in kinds or "session.resumed" not in kinds:
        return False
    return 1012 in visitor.closed and kinds.index("session.ending") < kinds.index("session.resumed")


HEAD = (
    "| fault | visitors | filmed answers meanwhile | lost | frames missed / twice | longest wait s | recovered after s "
    "| new answer at all who asked, after s | answers without a row | handed over | on the bill | |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def row(ending: Ending) -> str:
    """A line of the table."""
    heard = ending.heard
    handed = "+".join(str(attempts) for _, attempts in ending.films) or "0"
    film = f"{heard.films} of {ASKERS}, {heard.film_s:.0f}"
    return (
        f"| {ending.fault.replace('_', ' ')} | {ending.visitors} | {heard.answers} | {len(heard.lost)} "
        f"| {ending.missed} / {ending.twice} | {heard.longest_s:.1f} | {ending.recovered_s:.1f} | {film} "
        f"| {max(0, ending.unwritten)} | {handed} | {ending.paid} | {'ok' if ending.is_right else 'BAD'} |"
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
    sys.exit(len(endings) < len(asked.only.split(",")) or not all(ending.is_right for ending in endings))


def _played(names: list[str], site: Filmed, root: Path, load: Load) -> list[Ending]:
    """Each of these faults, one after the other, on one site."""
    endings = []
    postgres = PostgresProcess()
    for name in names:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        (root / name).mkdir()
        try:
            endings.append(asyncio.run(strike(name, site, postgres, root / name, load=load)))
        except (OSError, SubprocessError, TimeoutError, AssertionError):
            print(f"  {name}: never came to its end\n{traceback.format_exc()}", file=sys.stderr, flush=True)
            continue
        print(f"  {row(endings[-1])} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        for wrong in [*endings[-1].heard.lost[:5], *endings[-1].books]:
            print(f"    {wrong}", file=sys.stderr, flush=True)
    postgres.close()
    return endings


if __name__ == "__main__":
    main()
