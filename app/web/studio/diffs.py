"""Differences of two texts, line by line, as pages show them."""

import difflib
from dataclasses import dataclass
from typing import Literal

AROUND = 2
"""Lines shown around a change."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """Line of a difference: one that went, one that came, one beside them, or a gap."""

    kind: Literal["gone", "new", "same", "gap"]
    text: str


_KINDS: dict[str, Literal["gone", "new", "same", "gap"]] = {"-": "gone", "+": "new", " ": "same"}


def line_changes(old: str, new: str) -> tuple[LineChange, ...]:
    """Compare two texts."""
    found: list[LineChange] = []
    for line in list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=AROUND, lineterm=""))[2:]:
        if line.startswith("@@"):
            if found:
                found.append(LineChange("gap", ""))
            continue
        found.append(LineChange(_KINDS[line[0]], line[1:]))
    return tuple(found)
