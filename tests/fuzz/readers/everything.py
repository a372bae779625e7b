"""`make fuzz`: what reads webhooks, catalogs, exports and media, with counts and the memory that is left over."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.readers.deliveries import bombard
from tests.fuzz.readers.folders import import_damaged, load_damaged
from tests.fuzz.readers.media import KINDS, judge_damaged

MOST_GROWTH_MB = 48
"""What a process may grow between its first tenth and its end: pages that the allocator keeps, and no more."""

READERS: dict[str, tuple[int, Callable[[int, int], object]]] = {
    "webhooks": (500_000, lambda many, seed: asyncio.run(bombard(many, seed))),
    "catalogs": (100_000, load_damaged),
    "exports": (100_000, import_damaged),
    **{f"{kind}s": (2_000, lambda many, seed, kind=kind: judge_damaged(kind, many, seed)) for kind in KINDS},
}
"""How many of each `make fuzz` reads, and how."""


def read(name: str, many: int, seed: int) -> tuple[object, float]:
    """Read a tenth, then the rest; the counts, and how many MB the process grew meanwhile."""
    _, reader = READERS[name]
    reader(max(1, many // 10), seed)
    before = _resident_mb()
    counted = reader(many, seed + 1)
    return counted, _resident_mb() - before


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main(share: float) -> None:
    """Read this share of everything, and say what came of it."""
    seed = int(time.time())
    print(f"seed {seed}")  # noqa: T201
    grown = []
    for name, (many, _) in READERS.items():
        began = time.process_time()
        counted, growth_mb = read(name, max(1, round(many * share)), seed)
        took_s = time.process_time() - began
        print(f"{name}: {counted}, {growth_mb:+.1f} MB, {took_s:.0f} s of processor")  # noqa: T201
        grown += [name] if growth_mb > MOST_GROWTH_MB else []
    if grown:
        sys.exit(f"memory grows with {grown}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
