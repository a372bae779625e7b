"""A minimiser for smooth functions of a matrix: limited-memory BFGS (Nocedal, 1980) with Armijo's backtracking."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Objective = Callable[[Matrix], tuple[float, Matrix]]
"""Value and gradient at a point."""

_KEPT = 8
_SMALLEST_STEP = 1e-8


def minimise(objective: Objective, start: Matrix, *, steps: int, tolerance: float = 1e-5) -> Matrix:
    """The point reached after `steps`, or earlier when a step gains less than `tolerance` of the value."""
    point, (value, slope) = start, objective(start)
    moves: list[tuple[Matrix, Matrix]] = []
    for _ in range(steps):
        heading = _heading(slope, moves)
        length, lower, new_slope = _searched(objective, point, heading=heading, value=value, slope=slope)
        move, change = (length * heading).astype(np.float32), new_slope - slope
        if float((move * change).sum()) > 1e-12:
            moves = [*moves, (move, change)][-_KEPT:]
        settled = abs(value - lower) <= tolerance * max(abs(value), 1e-9)
        point, value, slope = point + move, lower, new_slope
        if settled:
            break
    return point


def _searched(
    objective: Objective, point: Matrix, *, heading: Matrix, value: float, slope: Matrix
) -> tuple[float, float, Matrix]:
    """A step length that lowers the value enough, with value and gradient there."""
    descent, length = float((slope * heading).sum()), 1.0
    while True:
        lower, new_slope = objective((point + length * heading).astype(np.float32))
        if lower <= value + 1e-4 * length * descent or length < _SMALLEST_STEP:
            return length, lower, new_slope
        length /= 2


def _heading(slope: Matrix, moves: list[tuple[Matrix, Matrix]]) -> Matrix:
    """The two-loop recursion; before the first move, a step of about length 10 in the gradient's measure."""
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
