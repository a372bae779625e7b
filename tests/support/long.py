"""Long tests: those that `make test` leaves to `make test-long`, each family with a slice that stays.

The marker `long` says it of a test; `all_long_but` of most of a table's rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Shares:
    """How many tests of a file are short and how many are long, of those that were asked for."""

    short: dict[str, int] = field(default_factory=dict)
    long: dict[str, int] = field(default_factory=dict)


SHARES = pytest.StashKey[Shares]()


def remember_shares(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Count, for `tests/architecture/test_long.py`."""
    shares = config.stash.setdefault(SHARES, Shares())
    for item in items:
        counted = shares.long if item.get_closest_marker("long") else shares.short
        file = item.nodeid.split("::")[0]
        counted[file] = counted.get(file, 0) + 1


def all_long_but(rows: Iterable[Any], *short: Any) -> list[Any]:
    """Rows of a table for `parametrize`: those of `short` that are among them stay, the others are long."""
    listed = list(rows)
    assert any(row in short for row in listed), f"none of {short} is in the table: nothing would be left for every day"
    return [row if row in short else _long(row) for row in listed]


def _long(row: Any) -> Any:
    return pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.long)
