"""Compares a checkout with this one: what must not change while the code is moved.

    python -m tests.compare BASE [PRESENT]

A line a surface: `same N`, or what differs. Texts for people are told apart and may differ; anything else is status 1.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.compare.checkout import HERE, python
from tests.compare.doors import read_decisions, read_doors
from tests.compare.questions import questions
from tests.compare.sources import read_sources
from tests.compare.surfaces import Surface, differences, told

MAY_DIFFER = {"texts of help", "texts of documents"}

PROBE = Path(__file__).with_name("probe.py")


def main() -> int:
    """Compare, surface by surface, the quick ones first; the number of those that differ and must not."""
    if len(sys.argv) not in {2, 3}:
        sys.exit("Expected the folder of an older checkout; say: python -m tests.compare FOLDER")
    base, present = Path(sys.argv[1]).resolve(), Path(sys.argv[2] if len(sys.argv) == 3 else HERE).resolve()
    wrong = 0
    for name, before, after in _both(base, present):
        free = " (may differ)" if name in MAY_DIFFER else ""
        print(told(f"{name}{free}", before, after), flush=True)  # noqa: T201 - what it is for
        wrong += bool(differences(before, after)) and not free
    print(f"{wrong} surfaces differ." if wrong else "All that must be the same is the same.")  # noqa: T201
    return wrong


def _both(base: Path, present: Path) -> Iterator[tuple[str, Surface, Surface]]:
    """Every surface of the one beside that of the other."""
    texts = [one.text for one in questions(HERE)]
    for read in (read_sources, lambda checkout: python(checkout, PROBE), _at_the_doors):
        before, after = read(base), read(present)
        for name in {**before, **after}:
            yield name, before.get(name, {}), after.get(name, {})
    yield "decisions, to the last digit", *(_decided(checkout, texts) for checkout in (base, present))


def _at_the_doors(checkout: Path) -> dict[str, Surface]:
    with tempfile.TemporaryDirectory(prefix="compare-") as made:
        return read_doors(checkout, Path(made))


def _decided(checkout: Path, texts: list[str]) -> Surface:
    with tempfile.TemporaryDirectory(prefix="compare-") as made:
        return read_decisions(checkout, Path(made), texts)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
