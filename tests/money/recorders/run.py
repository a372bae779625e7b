"""The table vendor x fault x bill: recorders written apart from the adapters, and real runs of `greenroom warm`.

python -m tests.money.recorders.run [docs/benchmarks/recorders.md] [--vendors fal,sync] [--faults clean,no_video]
    [--cells build/recorders] [--anew]

Each cell is stored as soon as it is played; an interrupted table goes on from there.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.money.recorders.cell import Outcome, complaints, play
from tests.money.recorders.faults import FAULTS, plays
from tests.money.recorders.report import page
from tests.money.recorders.vendors.registry import RECORDERS

AT_ONCE = 3


def kept(folder: Path, vendor: str, fault: str, *, anew: bool) -> Outcome:
    """A cell's outcome, from its file or played."""
    file = folder / f"{vendor}-{fault}.json"
    if file.exists() and not anew:
        return Outcome(**json.loads(file.read_text()))
    outcome = play(vendor, fault)
    file.write_text(json.dumps(asdict(outcome), indent=1))
    verdict = "; ".join(complaints(outcome)) or "ok"
    print(f"{vendor:11} {fault:15} {outcome.statuses} {outcome.took_s:5.1f} s  {verdict}", flush=True)
    return outcome


def main() -> None:
    """All cells; status 1 when one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--vendors", default=",".join(RECORDERS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--cells", type=Path, default=Path("build/recorders"))
    parser.add_argument("--anew", action="store_true")
    asked = parser.parse_args()
    asked.cells.mkdir(parents=True, exist_ok=True)
    vendors, faults = asked.vendors.split(","), asked.faults.split(",")
    cells = [(vendor, fault) for fault in faults for vendor in vendors if plays(fault, RECORDERS[vendor])]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda cell: kept(asked.cells, *cell, anew=asked.anew), cells))
    wrong = [outcome for outcome in outcomes if complaints(outcome)]
    print(f"{len(outcomes)} cells, {len(wrong)} wrong")
    for outcome in wrong:
        print(f"  {outcome.vendor} {outcome.fault}: {'; '.join(complaints(outcome))}")
    if asked.page:
        asked.page.write_text(page(outcomes))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
