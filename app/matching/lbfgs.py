"""Limited-memory BFGS (Nocedal, 1980) with Armijo backtracking: minimises smooth functions of a matrix."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Objective = Callable[[Matrix], tuple[float, Matrix]]
"""Value and gradient at a point."""

_HISTORY = 8
_SMALLEST_STEP = 1e-8


def minimise(objective: Objective, start: Matrix, *, steps: int, tolerance: float = 1e-5) -> Matrix:
    """Return the point after `steps`, or earlier if a step gains less than `tolerance` of the value."""
    point, (value, slope) = start, objective(start)
    moves: list[tuple[Matrix, Matrix]] = []
    for _ in range(steps):
        direction = _direction(slope, moves)
        length, lower, new_slope = _line_search(objective, point, direction=direction, value=value, slope=slope)
        move, change = (length * direction).astype(np.float32), new_slope - slope
        if float((move * change).sum()) > 1e-12:
            moves = [*moves, (move, change)][-_HISTORY:]
        settled = abs(value - lower) <= tolerance * max(abs(value), 1e-9)
        point, value, slope = point + move, lower, new_slope
        if settled:
            break
    return point


def _line_search(
    objective: Objective, point: Matrix, *, direction: Matrix, value: float, slope: Matrix
) -> tuple[float, float, Matrix]:
    """Return a step length that lowers the value enough, with value and gradient there."""
    descent, length = float((slope * direction).sum()), 1.0
    while True:
        lower, new_slope = objective((point + length * direction).astype(np.float32))
        if lower <= value + 1e-4 * length * descent or length < _SMALLEST_STEP:
            return length, lower, new_slope
        length /= 2


def _direction(slope: Matrix, moves: list[tuple[Matrix, Matrix]]) -> Matrix:
    """Compute the two-loop recursion; at first, a step of about length 10 in the gradient's norm."""
    if not moves:
        return (-slope * min(1.0, 10.0 / max(float(np.abs(slope).sum()), 1e-12))).astype(np.float32)
    rest, shares = slope.copy(), []
    for move, change in reversed(moves):
        share = float((move * rest).sum()) / float((change * move).sum())
        shares.append(share)
        rest -= share * change
    move, change = moves[-1]
    rest *= float((move * change).sum()) / float((change * change).sum())
    for (move, change), share in zip(moves, reversed(shares), strict=True):
        rest += move * (share - float((change * rest).sum()) / float((change * move).sum()))
    return -rest
