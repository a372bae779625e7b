"""What a process holds at a moment: memory, handles, and rows of its database."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds since the beginning, resident MB, open descriptors, rows of all tables."""

    at_s: float
    memory_mb: float
    handles: int
    rows: int


def sample(pid: int, database: Path, *, began: float) -> Sample:
    """Look at a process and its SQLite file."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
    handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Sample(time.monotonic() - began, resident, handles, _rows(database))


def growth(samples: Sequence[Sample], what: str) -> float:
    """How much the last third of the samples holds more than the second, in the median; the first warms up."""
    third = len(samples) // 3
    middle, end = ([getattr(one, what) for one in part] for part in (samples[third : 2 * third], samples[-third:]))
    return median(end) - median(middle)


def as_table(samples: Sequence[Sample]) -> str:
    """The samples as a table of Markdown, at most twenty lines."""
    step = max(1, len(samples) // 20)
    lines = ["| minute | memory, MB | handles | rows |", "|---|---|---|---|"]
    lines += [f"| {one.at_s / 60:.1f} | {one.memory_mb:.0f} | {one.handles} | {one.rows} |" for one in samples[::step]]
    return "\n".join(lines)


def _rows(database: Path) -> int:
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=60)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)  # noqa: S608
