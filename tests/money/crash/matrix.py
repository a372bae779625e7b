"""The crash matrix: a worker is killed at every named point against every vendor's simulator, then started again.

python -m tests.money.crash.matrix [--vendors fal,sync] [--points begun,accepted]
"""

# ruff: noqa: T201 -- it is a command

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.rendering.ledger.states import RenderState
from tests.money.crash.lane import Lane, holdings, lane, until
from tests.money.crash.node import listening, node
from tests.money.crash.places import VENDORS, Place, write_place
from tests.money.crash.worker import HASTY, POINTS, Orders, run, start

FROM_OUTSIDE = ("taken_unheard", "downloading", "reconciling")
"""`taken_unheard`: the vendor took the job and its answer is on the way. `reconciling`: killed a second time, while the
first kill is being looked into."""

ALL_POINTS = (*POINTS, *FROM_OUTSIDE)

_UNSENT = {"begun"}
_UNHEARD = {"taken_unheard", "accepted", "reconciling"}
_PROVES = {"fal", "sync", "http", "runware"}
"""They let us know that there is no job: by a list that can be searched to its end, by a key, by the job's own name."""
_UNSIGNED = {"heygen"}
"""Its calls to an address that came with the job carry no signature, and are refused."""

ANSWERS = {"hours": "We are open from nine to five."}

HOOK_POINTS = ("begun", "taken_unheard", "accepted")
"""Where a call back says what nothing else does."""

BAD_ENDS = ("completed_without_video", "late_video", "failed_billed", "failed_free")
"""How a job may end badly at its vendor. The worker is killed when it has heard so, and then started three times."""

_FAILS_FREE = {"wavespeed", "atlascloud", "heygen", "creatify"}
"""Vendors that promise not to bill failures."""

_SAYS_WHICH = {"fal", "http"}
"""Vendors whose answer says whether this failure is billed."""

_POLLED = {"http"}
"""Those that do not call back."""

_AT_ONCE = 3


Cell = Callable[[Lane, str, Path], "Ending | BadEnding"]


@dataclass(frozen=True)
class Ending:
    """How one cell ended."""

    vendor: str
    point: str
    killed: bool
    paid: int
    paid_twice: int
    states: tuple[str, ...]
    clips: int
    took_s: float
    called_back: bool = False

    @property
    def is_right(self) -> bool:
        """Killed as told and never paid twice; the clip is there, or parked where nobody can know."""
        parked = (RenderState.PARKED.value,)
        if not self.killed or self.paid > 1 or self.paid_twice:
            return False
        if self.states == parked:
            unknowable = is_unknowable(self.vendor, self.point, called_back=self.called_back)
            return unknowable and self.paid == (self.point not in _UNSENT)
        return self.states == (RenderState.READY.value,) and self.clips == self.paid == 1


@dataclass(frozen=True)
class BadEnding:
    """How one cell ended in which the vendor's job ended badly: what it took and billed, where the renders stand."""

    vendor: str
    fault: str
    taken: int
    paid: int
    states: tuple[str, ...]
    clips: int

    @property
    def is_right(self) -> bool:
        """One bill at most, one order where a bill is possible; the clip is there in the end or a person decides."""
        parked, ready = RenderState.PARKED.value, RenderState.READY.value
        match self.fault:
            case "late_video":
                expected = ((ready,), 1, 1, 1)
            case "completed_without_video":
                expected = ((parked,), 0, 1, 1)
            case "failed_free" if self.vendor in _FAILS_FREE | _SAYS_WHICH:
                expected = ((RenderState.FAILED.value, ready), 1, 1, 2)
            case _:
                expected = ((parked,), 0, int(self.fault == "failed_billed"), 1)
        return (self.states, self.clips, self.paid, self.taken) == expected


def breaks_its_word(vendor: str, fault: str) -> bool:
    """Whether a vendor would bill what it promises not to: nobody can know."""
    return fault == "failed_billed" and vendor in _FAILS_FREE


def is_unknowable(vendor: str, point: str, *, called_back: bool = False) -> bool:
    """Whether the vendor offers no way to know what became of a submit that was cut off here.

    One that calls back says which jobs it has; of a job it does not have it says nothing.
    """
    heard = called_back and vendor not in _UNSIGNED
    return vendor not in _PROVES and (point in _UNSENT or (point in _UNHEARD and not heard))


def crash(simulators: Lane, point: str, folder: Path, facts: Mapping[str, Any] = HASTY) -> Ending:
    """One cell: kill, start again, look at the bill."""
    place = Place(folder, simulators.vendor, simulators.url)
    return _crash(simulators, point, place, called_back=False, facts=facts)


def crash_called_back(simulators: Lane, point: str, folder: Path) -> Ending:
    """The same with a served node beside the worker, which the vendor calls back."""
    with listening() as (door, address):
        secret = simulators.hooks_secret()
        place = Place(folder, simulators.vendor, simulators.url, hooks_url=address, hooks_secret=secret)
        write_place(place, ANSWERS)
        with node(Orders(place), door):
            return _crash(simulators, point, place, called_back=True)


def end_badly(simulators: Lane, fault: str, folder: Path) -> BadEnding:
    """One cell: the job ends badly, the worker is killed meanwhile and started again until it should have given up."""
    place = Place(folder, simulators.vendor, simulators.url)
    simulators.reset()
    simulators.videos_are_late(1.0)
    simulators.trouble(operation="submit", fault=fault)
    write_place(place, ANSWERS)
    patient = {**HASTY, "late_s": 60.0 if fault == "late_video" else 0.5}
    run(Orders(place, kill_at="polled", hasty=patient))
    for _ in range(3):
        run(Orders(place, hasty=patient))
    bill, left = simulators.bill(), holdings(place.folder)
    taken, paid = bill["jobs_accepted"], bill["jobs_charged"]
    return BadEnding(simulators.vendor, fault, taken, paid, left.states, left.clips)


def _crash(
    simulators: Lane, point: str, place: Place, *, called_back: bool, facts: Mapping[str, Any] = HASTY
) -> Ending:
    began = time.monotonic()
    simulators.reset()
    write_place(place, ANSWERS)
    codes = _kill(simulators, place, point)
    # A call back may come late where much else runs: it has ten seconds, a look at the provider's list one.
    again = Orders(place, hasty={**facts, "grace_s": 10.0} if called_back else facts)
    if point == "stored":  # nothing is left to film, so nobody waits for the dead worker's lease before he looks
        time.sleep(again.lease_s)
    run(again)
    bill, left = simulators.bill(), holdings(place.folder)
    return Ending(
        vendor=simulators.vendor,
        point=point,
        killed=set(codes) == {-signal.SIGKILL},
        paid=bill["jobs_charged"],
        paid_twice=bill["paid_twice"],
        states=left.states,
        clips=left.clips,
        took_s=time.monotonic() - began,
        called_back=called_back,
    )


def _kill(simulators: Lane, place: Place, point: str) -> list[int | None]:
    """Kill a worker there; the exit codes of all that were started."""
    match point:
        case "taken_unheard":
            simulators.trouble(operation="submit", fault="silence", accepted=True)
            return [_strike(place, lambda: simulators.bill()["jobs_accepted"] == 1, point)]
        case "downloading":
            simulators.trouble(operation="download", fault="slow_drip")
            return [_strike(place, lambda: _is_downloading(place), point)]
        case "reconciling":
            return [run(Orders(place, kill_at="accepted")), run(Orders(place, kill_at="reconciling"))]
        case _:
            return [run(Orders(place, kill_at=point))]


def _strike(place: Place, moment: Callable[[], bool], point: str) -> int | None:
    """Kill a worker from outside as soon as the moment has come."""
    process = start(Orders(place))
    try:
        until(lambda: moment() or not process.is_alive(), point)
    finally:
        process.kill()
        process.join()
    return process.exitcode


def _is_downloading(place: Place) -> bool:
    return any((place.cache / "scratch").glob("*/*.part.mp4"))


def play(vendor: str, points: Sequence[str], folder: Path) -> list[Ending | BadEnding]:
    """One vendor's cells, one after the other, on simulators of their own."""
    cells: list[tuple[Cell, str]] = [(crash, point) for point in points if point not in BAD_ENDS]
    cells += [(crash_called_back, point) for point in points if point in HOOK_POINTS and vendor not in _POLLED]
    cells += [(end_badly, point) for point in points if point in BAD_ENDS and not breaks_its_word(vendor, point)]
    endings: list[Ending | BadEnding] = []
    with lane(vendor) as simulators:
        for number, (one, point) in enumerate(cells):
            own = folder / f"{vendor}-{number}"
            endings.append(one(simulators, point, own))
            print(told(endings[-1]), flush=True)
            shutil.rmtree(own, ignore_errors=True)
    return endings


def told(ending: Ending | BadEnding) -> str:
    """A line of the table."""
    if isinstance(ending, BadEnding):
        verdict, states = "ok" if ending.is_right else "BAD", " ".join(ending.states)
        return f"{ending.vendor:10} {ending.fault:24} paid {ending.paid}  clips {ending.clips}  {states:14} {verdict}"
    verdict = "BAD" if not ending.is_right else "parked" if ending.clips == 0 else "ok"
    states = " ".join(ending.states)
    point = f"{ending.point}{' + hook' * ending.called_back}"
    row = f"{ending.vendor:10} {point:20} paid {ending.paid}  clips {ending.clips}  {states:8} {verdict:7}"
    return f"{row}{ending.took_s:5.1f} s"


def main() -> None:
    """All of it, as a table; status 1 when a cell is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendors", default=",".join(VENDORS))
    parser.add_argument("--points", default=",".join((*ALL_POINTS, *BAD_ENDS)))
    asked = parser.parse_args()
    vendors, points, began = asked.vendors.split(","), asked.points.split(","), time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(_AT_ONCE) as pool:
        lanes = list(pool.map(lambda vendor: play(vendor, points, Path(name)), vendors))
    endings = [ending for one in lanes for ending in one]
    wrong = [ending for ending in endings if not ending.is_right]
    parked = sum(ending.is_right and not ending.clips for ending in endings)
    print(f"{len(endings)} crashes in {time.monotonic() - began:.0f} s: {parked} parked, {len(wrong)} wrong")
    for ending in wrong:
        print(f"  wrong: {ending}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
