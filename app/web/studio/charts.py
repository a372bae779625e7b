"""Charts as SVG: the geometry of each, which `studio/charts.html` draws. No script, no colour, no style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEIGHT = 100.0
"""Height of a chart in its own units; the page stretches it."""

COLUMN = 10.0
"""Width of a column and the gap after it."""

GAP = 2.4


@dataclass(frozen=True, slots=True)
class Box:
    """Rectangle of a chart; `kind` is its class, `says` its tooltip."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns, one for each name; `top` is the value at the upper edge."""

    boxes: tuple[Box, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    top: int
    width: float

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not self.boxes


def columns(rows: Sequence[tuple[str, Mapping[str, int]]], kinds: Sequence[str]) -> Columns:
    """Stack the values of each row, the first kind at the bottom."""
    sums = [sum(values.get(kind, 0) for kind in kinds) for _, values in rows]
    top = _round_up(max(sums, default=0))
    boxes: list[Box] = []
    for number, (name, values) in enumerate(rows):
        level = HEIGHT
        for kind in kinds:
            value = values.get(kind, 0)
            tall = HEIGHT * value / top if top else 0.0
            level -= tall
            if value:
                box = Box(kind, number * COLUMN + GAP / 2, level, COLUMN - GAP, tall, f"{name}: {value} {kind}")
                boxes.append(box)
    counted = tuple(tuple(values.get(kind, 0) for kind in kinds) for _, values in rows)
    return Columns(tuple(boxes), tuple(name for name, _ in rows), tuple(kinds), counted, top, len(rows) * COLUMN)


def _round_up(value: int) -> int:
    """Return the next number that reads well on an axis."""
    if value <= 5:
        return value
    size = 10 ** (len(str(value)) - 1)
    return next(int(size * step) for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * step >= value)


def width(share: float) -> str:
    """Return a share of a bar of 100 units as an attribute."""
    return f"{100 * min(1.0, max(0.0, share)):.2f}"
