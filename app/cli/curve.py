"""The curve of right clips over wrong ones, drawn with letters."""

from collections.abc import Sequence
from typing import Final

from app.matching.expectation import Expected, Point

MARKS: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.10)
"""Shares of wrong clips that the table has a line for."""

WIDEST: Final = 0.10
"""The share of wrong clips at the right edge of a picture, unless the promise lies beyond."""

_COLUMNS: Final = 50
_ROWS: Final = 10


def at_most(curve: Sequence[Point], wrong: float) -> Point | None:
    """The point with the most right clips that keeps wrong ones within a share; None when none does."""
    return max((one for one in curve if one.false_hit_rate <= wrong), key=lambda one: one.hit_rate, default=None)


def stricter(expected: Expected, promise: float, needed: float) -> str:
    """Why the operating point is not the promised one, where it is more careful; nothing where it is the same."""
    point = at_most(expected.curve, promise)
    if point is None or point.probability >= needed - 0.001:
        return ""
    return (
        f"The promise would bear {point.probability:.0%}; an answer needs {needed:.0%} all the same: nothing plays "
        "that is less likely right, whatever the promise."
    )


def right_edge(promise: float) -> float:
    """The share of wrong clips that a picture ends at."""
    return max(WIDEST, 2 * promise)


def plotted(expected: Expected, promise: float) -> list[str]:
    """Lines of text: shares of right clips upwards, of wrong clips to the right, the promise as an upright line."""
    edge = right_edge(promise)
    limits = [edge * column / (_COLUMNS - 1) for column in range(_COLUMNS)]
    heights = [round(_ROWS * (point.hit_rate if (point := at_most(expected.curve, one)) else 0.0)) for one in limits]
    promised = min(range(_COLUMNS), key=lambda column: abs(limits[column] - promise))
    lines = []
    for row in range(_ROWS, -1, -1):
        cells = ["●" if height == row else "│" if at == promised else " " for at, height in enumerate(heights)]
        label = f"{row * 100 // _ROWS:>4} %" if row % 5 == 0 else " " * 6
        lines.append(f"{label} ┤{''.join(cells)}".rstrip())
    axis = "└" + "─" * _COLUMNS
    ends = f"{'0 %':<{promised}}{f'promise {promise:.1%}':<{_COLUMNS - promised - 4}}{edge:.0%}"
    return [*lines, f"{'':7}{axis}", f"{'':8}{ends}"]
