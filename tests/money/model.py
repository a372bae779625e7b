"""The money path explored: every kill point x pause point x fault x webhook pattern x kind of provider.

    python -m tests.money.model [--runs N] [--seed S]

Asserted of every run: the bills of a recipe never exceed what the bound of paid tries and a person's word allow,
nothing that was paid is lost, nothing hangs.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import contextlib
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import get_args

from app.errors import GreenroomError
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.states import CLOSED, Render, RenderState
from app.rendering.work.reconciler import Reconciler
from tests.money.processes import DeadError, Process, VirtualLoop
from tests.money.world import AVATAR, PER_CLIP, Calls, Ending, Fault, Kind, Scenario, Word, World, now

LATEST_S = 6 * 3600.0
_KINDS, _FAULTS, _CALLS, _ENDINGS = get_args(Kind), get_args(Fault), get_args(Calls), get_args(Ending)
_WORDS = get_args(Word)


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    scenario: Scenario
    state: RenderState | None
    paid: int
    stored: bool
    took_s: float
    calls: int

    @property
    def allowed(self) -> int:
        """How often it may be paid: only a refusal by the gate is followed by another order, within the bound.

        A person may allow one more; to say what was billed, or which job it is, allows none.
        """
        by_hand = self.scenario.word in {"retry", "not billed"}
        return (PER_CLIP if self.scenario.ending == "refused" else 1) + by_hand

    @property
    def faults(self) -> tuple[str, ...]:
        """What must never be."""
        found = []
        if self.paid > self.allowed:
            found.append("paid twice")
        if self.state not in {RenderState.READY, RenderState.FAILED, RenderState.PARKED}:
            found.append("hung")
        if self.state is RenderState.READY and not self.stored:
            found.append("ready without a clip")
        told = self.scenario.ending == "refused" or self.scenario.word == "billed"
        settled = self.state is RenderState.PARKED or (told and self.state is RenderState.FAILED)
        if self.paid and not self.stored and not settled:
            found.append("paid and lost")
        comes = self.scenario.ending in {"fine", "late"}
        if self.state is RenderState.PARKED and self.scenario.kind in {"key", "find"} and comes:
            found.append("parked although it can be known")
        return tuple(found)


async def play(scenario: Scenario) -> Outcome:
    """One run: a process that is killed or frozen, another that wants the same clip, restarts, a reconciler."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    world = World(scenario)
    first = Process(kill=scenario.kill, freeze=scenario.freeze, freeze_s=scenario.freeze_s)
    tasks = [asyncio.ensure_future(_film(world, "first", first))]
    await asyncio.sleep(1.0)
    tasks.append(asyncio.ensure_future(_film(world, "second", Process())))
    _, waiting = await asyncio.wait(tasks, timeout=LATEST_S)
    for task in waiting:  # the assertions below tell where this left the render
        task.cancel()
    await _until_over(world)
    await _warm_again_and_again(world)
    await world.settle()
    await asyncio.sleep(0)
    latest = _latest(world)
    return Outcome(
        scenario=scenario,
        state=latest and latest.state,
        paid=sum(vendor.bills for vendor in world.vendors),
        stored=bool(world.shelf.entries),
        took_s=loop.time() - began,
        calls=first.made,
    )


async def _film(world: World, name: str, process: Process) -> None:
    with contextlib.suppress(GreenroomError, DeadError):
        await world.film(name, process)


async def _until_over(world: World) -> None:
    """Restart and reconcile for as long as there is something to settle."""
    reconciler = Reconciler(studio=world.studio(), avatars=(AVATAR,))
    for pause_s in (60.0, 700.0, 3600.0, 3600.0):
        if _is_over(world):
            break
        await asyncio.sleep(pause_s)
        await reconciler.sweep()
        await _film(world, "restarted", Process())


async def _warm_again_and_again(world: World) -> None:
    """Run `warm` as a scheduler would, night after night, and once more where a person has said so."""
    if world.scenario.ending == "fine" and not world.scenario.word:
        return
    await _film(world, "tomorrow", Process())
    latest = _latest(world)
    if world.scenario.word and latest is not None:
        with contextlib.suppress(GreenroomError):
            await _say(world, latest)
    for _ in range(2):
        await _film(world, "later", Process())
        await _until_over(world)


async def _say(world: World, render: Render) -> None:
    """A person says what became of the render's job."""
    admin, reconciler = RenderAdmin(world.ledger, now), Reconciler(studio=world.studio(), avatars=(AVATAR,))
    jobs = [job for vendor in world.vendors for job, (token, _) in vendor.jobs.items() if token == render.token]
    match world.scenario.word:
        case "retry":
            await admin.retry(render.id)
        case "not billed":
            await admin.resolve(render.id, billed=None)
        case "billed":
            await admin.resolve(render.id, billed=Decimal("0.25"))
        case "adopt":
            await reconciler.adopt(render, next(iter(jobs), "no such job"), world.ledger)
        case "deliver":
            await reconciler.deliver(render, Path(), world.ledger)


def _is_over(world: World) -> bool:
    latest = _latest(world)
    late = world.scenario.calls == "late" and world.scenario.kind == "webhook"
    waits_for_a_call = late and latest is not None and latest.state is RenderState.PARKED and world.vendors[0].jobs
    return latest is not None and latest.state in CLOSED | {RenderState.PARKED} and not waits_for_a_call


def _latest(world: World) -> Render | None:
    return next(reversed(world.renders()), None)


def scenarios(calls: int) -> Iterator[Scenario]:
    """All of them, for a first process that makes so many calls undisturbed."""
    freezes = [(None, 0.0), *((at, 60.0) for at in range(calls))]
    kills = [None, *range(2 * calls)]
    for kind, fault, called in itertools.product(_KINDS, _FAULTS, _CALLS):
        if kind == "nothing" and called != "none":
            continue
        for kill, (freeze, freeze_s) in itertools.product(kills, freezes):
            if kill is None or freeze is None or freeze <= kill // 2:
                yield Scenario(kind, fault, called, kill, freeze, freeze_s)
        yield from (Scenario(kind, fault, called, None, at, 720.0) for at in range(calls))
    yield from bad_ends(calls)


def bad_ends(calls: int) -> Iterator[Scenario]:
    """Those in which jobs end badly, or a person has it tried again: each kill and each pause by itself."""
    moments = [(None, None), *((kill, None) for kill in range(2 * calls)), *((None, at) for at in range(calls))]
    for kind, ending, spare, word in itertools.product(_KINDS, _ENDINGS, (False, True), _WORDS):
        faults = _FAULTS if ending == "fine" else _FAULTS[:1]
        if ending == "fine" and not (spare or word):
            continue
        for fault, called, (kill, freeze) in itertools.product(faults, ("none", "late"), moments):
            if kind != "nothing" or called == "none":
                yield Scenario(kind, fault, called, kill, freeze, ending=ending, spare=spare, word=word)


def explore(chosen: Sequence[Scenario], *, enough: int | None = None) -> tuple[Counter[str], list[Outcome]]:
    """Play them; how they ended, and those that must not have. It stops when `enough` of these are found."""
    loop = VirtualLoop()
    ended: Counter[str] = Counter()
    bad = []
    try:
        for scenario in chosen:
            outcome = loop.run_until_complete(play(scenario))
            ended[f"{scenario.kind}: {outcome.state and outcome.state.value}"] += 1
            if outcome.faults:
                bad.append(outcome)
            if enough is not None and len(bad) >= enough:
                break
    finally:
        loop.close()
    return ended, bad


def explore_on_all_cores(chosen: Sequence[Scenario]) -> tuple[Counter[str], list[Outcome]]:
    """The same in as many processes as there are cores."""
    shares = [chosen[at : at + 1000] for at in range(0, len(chosen), 1000)]
    ended: Counter[str] = Counter()
    bad: list[Outcome] = []
    with ProcessPoolExecutor() as pool:
        for counted, found in pool.map(explore, shares):
            ended += counted
            bad += found
    return ended, bad


def calls_of_a_quiet_run() -> int:
    """How many calls a process makes when nothing goes wrong, with some more for what goes wrong."""
    loop = VirtualLoop()
    try:
        kinds = (Scenario(kind, fault, "none") for kind in _KINDS for fault in _FAULTS)
        return min(48, max(loop.run_until_complete(play(scenario)).calls for scenario in kinds))
    finally:
        loop.close()


def main() -> None:
    """Explore and print; status 1 when something must not have been."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=0, help="only so many, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = list(scenarios(calls_of_a_quiet_run()))
    if options.runs:
        chosen = random.Random(options.seed).sample(chosen, options.runs)
    began = time.monotonic()
    ended, bad = explore_on_all_cores(chosen)
    for name, count in sorted(ended.items()):
        print(f"{name:24} {count:>8}")
    faults = Counter(fault for outcome in bad for fault in outcome.faults)
    print(f"{len(chosen)} runs in {time.monotonic() - began:.0f} s; must not be: {dict(faults) or 'none'}")
    for outcome in bad[:10]:
        print(f"  {outcome}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
