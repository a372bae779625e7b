"""Long tests: those that `make test` leaves to `make test-long`, each family with a slice that stays.

The marker `long` says it of a test; `some_long` of most of a table's rows.
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


def some_long(rows: Iterable[Any], *, every: int) -> list[Any]:
    """Rows of a table for `parametrize`: the first and each `every`-th after it stay, the others are long."""
    return [row if number % every == 0 else _long(row) for number, row in enumerate(rows)]


def all_long_but(rows: Iterable[Any], *short: Any) -> list[Any]:
    """The same with the rows for every day by name."""
    listed = list(rows)
    assert all(row in listed for row in short), short
    return [row if row in short else _long(row) for row in listed]


def _long(row: Any) -> Any:
    return pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.long)
