"""The page of figures beside an older checkout: a line a row, each replaced when its figure is measured again."""

import os
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.against.checkout import BASE
from tests.against.figure import Figure, Measured, Row

COMMAND = "make bench-against"
START, END = f"<!-- rows: written by {COMMAND} -->", "<!-- rows: end -->"
HEAD = (
    f"| # | what | unit | {BASE} | now | ratio | wanted | reached | measured | command |\n"
    "|---|---|---|--:|--:|--:|---|---|---|---|"
)
TITLE = f"# Beside commit {BASE}\n"


def line(figure: Figure, row: Row, before: Sequence[float], now: Sequence[float]) -> str:
    """One row: medians of all turns, and the median of the turns' own ratios."""
    ratio = statistics.median(row.gain(*pair) for pair in zip(before, now, strict=True)) if before else None
    shown = f"{ratio:.2f} x" if ratio is not None else "now only"
    reached = "" if ratio is None or row.factor is None else "yes" if ratio >= row.factor else "**no**"
    when = f"{datetime.now(UTC).date()}, {len(now)} turns, load {os.getloadavg()[0]:.1f}"
    cells = (row.number, row.what, row.unit, _median(before, row), _median(now, row), shown, row.wanted, reached, when)
    return f"| {' | '.join(cells)} | `{COMMAND} ONLY={figure.name}` |"


def lines(figure: Figure, before: Sequence[Measured], now: Sequence[Measured]) -> list[str]:
    """Every row of a figure."""
    return [
        line(figure, row, [one[name] for one in before], [one[name] for one in now])
        for name, row in figure.rows.items()
    ]


def put(page: Path, new: Sequence[str]) -> None:
    """Put lines in the place of those that say the same, and leave the others and all words as they are."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"{TITLE}\n{START}\n{HEAD}\n{END}\n"
    above, _, rest = text.partition(f"{START}\n")
    table, _, below = rest.partition(END)
    kept = {_key(one): one for one in table.splitlines()[2:]} | {_key(one): one for one in new}
    ordered = sorted(kept.values(), key=lambda one: int(_key(one)[0]))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join([f"{above}{START}", HEAD, *ordered, f"{END}{below}"]), encoding="utf-8")


def _key(text: str) -> tuple[str, str]:
    cells = [cell.strip() for cell in text.split("|")]
    return cells[1], cells[2]


def _median(values: Sequence[float], row: Row) -> str:
    return f"{statistics.median(values):,.{row.digits}f}" if values else ""
