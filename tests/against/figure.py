"""A figure that is measured on an older checkout and on this one, in turns: what a module of `figures` declares."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from tests.against.checkout import Version

Measured = Mapping[str, float]
"""A turn's values, by the names of the figure's rows."""

Turn = Callable[[], Measured]


@dataclass(frozen=True)
class Row:
    """One line of the page: `wanted` in words, `factor` as how many times better than the older checkout."""

    number: str
    """Of the list of wishes: rows stand in its order."""
    what: str
    unit: str
    better: Literal["more", "less"]
    wanted: str
    factor: float | None = None
    digits: int = 0

    def gain(self, before: float, now: float) -> float:
        """How many times better it is now."""
        above, below = (now, before) if self.better == "more" else (before, now)
        return above / below if below else float("nan")


@dataclass(frozen=True)
class Figure:
    """A module of `figures` has one, called `FIGURE`; that is its registration.

    `opened` sets a version up, gives what takes one turn, and cleans up. Both versions are open at once and
    turns alternate between them, so it must cost nothing between its turns. `alone` opens one at a time, turn for
    turn: for what cannot stand beside the other, such as a process whose memory is measured.
    """

    name: str
    rows: Mapping[str, Row]
    opened: Callable[[Version], AbstractContextManager[Turn]]
    turns: int = 3
    alone: bool = False
    now_only: bool = False
    """The older checkout has no such thing."""
