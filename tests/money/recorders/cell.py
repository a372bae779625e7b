"""A cell: one vendor, one fault, one small site, runs of `greenroom warm`; and what bill and ledger say then."""

import json
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.money.recorders.faults import due
from tests.money.recorders.recorder import Recorder
from tests.money.recorders.site import ANSWERS, HASTY, Run, called_back, run, write_site
from tests.money.recorders.vendors.registry import RECORDERS
from tests.money.recorders.wire import listening

FIRST = ("warm", "--yes", "--budget", "5", "--json")
PLAIN = ("warm", "--yes", "--json")
LIST = ("renders", "list", "--json")
FINAL = ("ready", "parked", "failed")
LEASE_S = 16.0
"""How long nobody takes over what a killed run had in hand, and a little."""

MOST_RUNS = 4
KILLS = 3
LONGEST_S = 5
"""The longest clip, as the dearest rule bills it."""

PATIENT_GRACE_S = 30.0
"""How long a call back may take where much else runs; until then nobody is asked."""

PATIENCE_S = 4.0
"""How long a job that never finishes is watched before its run is ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell, all of it in JSON's own types."""

    vendor: str
    fault: str
    statuses: list[int]
    orders: int
    jobs: int
    bill: str
    spent: str
    reserved: str
    bills_per_clip: list[int]
    states: list[str]
    codes: list[str]
    violations: dict[str, int]
    requests: int
    took_s: float


def play(vendor: str, fault: str) -> Outcome:
    """Play one cell from an empty disk to its end."""
    began = time.monotonic()
    recorder = RECORDERS[vendor]("" if fault == "clean" or fault.startswith("kills") else fault)
    with tempfile.TemporaryDirectory() as name, listening(recorder.answer) as url:
        recorder.url, folder = url, Path(name)
        write_site(folder, recorder, {**HASTY, "grace_s": PATIENT_GRACE_S} if fault == "called_back" else HASTY)
        with called_back(folder, recorder) if fault == "called_back" else nullcontext():
            runs = _warm(folder, recorder, fault)
        renders = run(folder, recorder, LIST)
        if any(state not in FINAL for state in _states(renders)):  # stored by a killed run that still holds the lease
            time.sleep(LEASE_S)
            runs.append(run(folder, recorder, PLAIN))
            renders = run(folder, recorder, LIST)
        spend = run(folder, recorder, ["renders", "spend", "--json"])
    return _outcome(recorder, fault, runs, (spend, renders), time.monotonic() - began)


def _warm(folder: Path, recorder: Recorder, fault: str) -> list[Run]:
    """Warm until a run orders nothing and ends as the one before; at most four runs beyond those that are killed."""
    runs = _killed(folder, recorder, fault) if fault.startswith("kills") else []
    if fault == "never_finishes":
        runs = [_ended(folder, recorder, arguments) for arguments in (FIRST, PLAIN)]
    elif not runs:
        runs = [run(folder, recorder, FIRST)]
    recorder.heal()
    for _ in range(MOST_RUNS - 1):
        orders, before = recorder.orders, runs[-1].status
        runs.append(run(folder, recorder, PLAIN))
        if recorder.orders == orders and runs[-1].status == before:
            break
    return runs


def _killed(folder: Path, recorder: Recorder, fault: str) -> list[Run]:
    """Runs that are killed after so many requests, and a moment."""
    chance = random.Random(f"{recorder.name} {fault}")
    return [
        run(folder, recorder, PLAIN, until=_after(recorder, chance.randint(1, 12), chance.random() * 0.3))
        for _ in range(KILLS)
    ]


def _after(recorder: Recorder, requests: int, more_s: float) -> Callable[[], bool]:
    first, reached = len(recorder.requests), [0.0]

    def is_reached() -> bool:
        if not reached[0] and len(recorder.requests) >= first + requests:
            reached[0] = time.monotonic()
        return bool(reached[0]) and time.monotonic() >= reached[0] + more_s

    return is_reached


def _ended(folder: Path, recorder: Recorder, arguments: tuple[str, ...]) -> Run:
    """A run that is ended with SIGTERM when its other clip is there and it has waited for a while."""
    quiet, polls = [0.0], sum(job.polls for job in recorder.jobs.values())

    def is_idle() -> bool:
        polled = sum(job.polls for job in recorder.jobs.values()) > polls
        if polled and not quiet[0]:
            quiet[0] = time.monotonic()
        return bool(quiet[0]) and time.monotonic() > quiet[0] + PATIENCE_S

    return run(folder, recorder, arguments, until=is_idle, with_signal=signal.SIGTERM)


def _states(renders: Run) -> list[str]:
    return sorted(str(one["state"]) for one in json.loads(renders.out or "{}").get("renders", []))


def _outcome(recorder: Recorder, fault: str, runs: list[Run], told: tuple[Run, Run], took_s: float) -> Outcome:
    spend, renders = told[0].last or json.loads(told[0].out or "{}"), json.loads(told[1].out or "{}")
    listed = renders.get("renders", [])
    return Outcome(
        vendor=recorder.name,
        fault=fault,
        statuses=[one.status for one in runs],
        orders=recorder.orders,
        jobs=len(recorder.jobs),
        bill=str(recorder.bill()),
        spent=str(spend.get("spent", "")),
        reserved=str(spend.get("reserved", "")),
        bills_per_clip=sorted(recorder.bills_per_clip().values()),
        states=_states(told[1]),
        codes=sorted({str(one["error_code"]) for one in listed if one.get("error_code")}),
        violations=dict(recorder.violations),
        requests=len(recorder.requests),
        took_s=round(took_s, 1),
    )


def complaints(outcome: Outcome) -> list[str]:
    """What is not as documented; an empty list is a good cell."""
    vendor = RECORDERS[outcome.vendor]
    expected = due(outcome.fault, vendor)
    # A render that failed is followed by another one of the same clip: what counts is the best of each clip.
    ended = sorted(outcome.states, key=FINAL.index if set(outcome.states) <= set(FINAL) else None)
    odd = [state for state in ended[: len(ANSWERS)] if state not in expected.states | {"ready"}]
    checks = {
        f"status {outcome.statuses[0]} of the first run": outcome.statuses[0] in expected.first_statuses,
        f"renders {outcome.states}": len(ended) >= len(ANSWERS) and not odd and _is_met(ended, expected.states),
        f"bills of a clip {outcome.bills_per_clip}": max(outcome.bills_per_clip, default=0) <= expected.bills_per_clip,
        f"ledger {outcome.spent} + {outcome.reserved} beside a bill of {outcome.bill}": _adds_up(outcome, vendor),
        f"wire {outcome.violations}": not outcome.violations,
    }
    return [what for what, is_right in checks.items() if not is_right]


def _is_met(ended: list[str], states: frozenset[str]) -> bool:
    """Every clip but the one that met the fault is there, and that one is where it should be."""
    return ended[: len(ANSWERS) - 1].count("ready") >= len(ANSWERS) - 1 - ("parked" in states) and bool(
        set(ended[: len(ANSWERS)]) & states
    )


def _adds_up(outcome: Outcome, vendor: type[Recorder]) -> bool:
    """The ledger has at least the bill, and no more than rounding and what is set aside for parked orders."""
    booked, bill = Decimal(outcome.spent or 0) + Decimal(outcome.reserved or 0), Decimal(outcome.bill)
    doubtful = outcome.jobs - sum(outcome.bills_per_clip) + outcome.states.count("parked")
    rounding = vendor.price_per_s * Decimal("0.2") * max(1, outcome.jobs)
    return bill - Decimal("0.00001") <= booked <= bill + rounding + vendor.price_per_s * LONGEST_S * doubtful
