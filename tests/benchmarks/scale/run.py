"""`make bench-scale`: what one process bears, how it answers at half of that, and how things grow.

    python -m tests.benchmarks.scale.run docs/benchmarks/scale.md [--only idle,asked,...]

The server has one core to itself, its visitors another, where there are two. Figures are per second of the server's
processor time wherever that is possible: they hardly depend on what else the machine does.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.page import put, taken
from tests.benchmarks.scale import catalogs, crowds, nodes
from tests.benchmarks.visitors import allow_many_sockets
from tests.support.sites import Site, small_site

COMMAND, TITLE = "make bench-scale", "Scale, measured"

Part = Callable[[Site], str]

PARTS: dict[str, Part] = {
    "idle": crowds.idle,
    "asked": crowds.asked,
    "storm": crowds.storm,
    "push": nodes.push,
    "webhooks": nodes.webhooks,
    "plan": catalogs.plans,
}
"""Every part with its section of the page."""


def apart() -> None:
    """Leave the first core to the servers that are started."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1 and shutil.which("taskset"):
        os.sched_setaffinity(0, set(cores[1:]))


def main(page: Path, names: list[str]) -> None:
    """Film the small catalog, then part after part."""
    allow_many_sockets()
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder))
        print("filming the small catalog ...", file=sys.stderr, flush=True)
        run = site.run("warm", timeout_s=600)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)
        apart()
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            load = os.getloadavg()[0]
            text = PARTS[name](site).replace("{taken}", taken(COMMAND, load=load))
            put(page, name, text, command=COMMAND, title=TITLE)
            print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    unknown = set(given.only.split(",")) - set(PARTS)
    if unknown:
        raise SystemExit(f"Expected parts out of {', '.join(PARTS)}; got {', '.join(sorted(unknown))}.")
    main(given.page, given.only.split(","))
