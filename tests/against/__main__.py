"""`make bench-against`: this version's figures beside those of commit 285606a, in one run, in turns.

    python -m tests.against docs/benchmarks/against.md [--only answers,idle] [--turns 1] [--base CHECKOUT]

The older checkout is made once under `build/against`, with packages of its own where it needs others. Figures are per
second of processor time wherever that is possible, and both versions take turns: a busy machine changes both.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.against.checkout import Version, both
from tests.against.figure import Figure, Measured
from tests.against.figures import figures
from tests.against.page import lines, put
from tests.benchmarks.visitors import allow_many_sockets


def main() -> None:
    """Measure figure after figure; each is on the page as soon as it is known."""
    given = _arguments()
    known = figures()
    names = given.only.split(",") if given.only else list(known)
    if unknown := set(names) - set(known):
        raise SystemExit(f"Expected figures out of {', '.join(known)}; got {', '.join(sorted(unknown))}.")
    allow_many_sockets()
    before, now = both(given.base)
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows = lines(known[name], *measured(known[name], before, now, turns=given.turns))
        print("\n".join(rows), flush=True)
        put(given.page, rows)


def measured(
    figure: Figure, before: Version, now: Version, *, turns: int | None = None
) -> tuple[list[Measured], list[Measured]]:
    """The values of every turn, of the older version and of this one; who goes first changes each time."""
    versions = [now] if figure.now_only else [before, now]
    values: dict[str, list[Measured]] = {before.name: [], now.name: []}
    for number, opened in enumerate(_opened(figure, versions, turns or figure.turns)):
        for version, take in opened if number % 2 == 0 else reversed(opened):
            values[version.name].append(take())
            print(f"  {version.name}: {_told(values[version.name][-1])}", file=sys.stderr, flush=True)
    return values[before.name], values[now.name]


def _opened(figure: Figure, versions: list[Version], turns: int):  # type: ignore[no-untyped-def]
    """What takes a turn of each version, as often as there are turns."""
    if figure.alone:
        for _ in range(turns):
            yield [(one, lambda one=one: _alone(figure, one)) for one in versions]
        return
    with ExitStack() as stack:
        ready = [(one, stack.enter_context(figure.opened(one))) for one in versions]
        for _ in range(turns):
            yield ready


def _alone(figure: Figure, version: Version) -> Measured:
    with figure.opened(version) as take:
        return take()


def _told(values: Measured) -> str:
    return ", ".join(
        f"{name} {value:,.3g}" if value < 100 else f"{name} {value:,.0f}" for name, value in values.items()
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--only", default="", help="names of figures, with commas between")
    parser.add_argument("--turns", type=int, help="turns of each version instead of the figure's own number")
    parser.add_argument("--base", type=Path, help="a checkout of the older commit that is there already")
    return parser.parse_args()


if __name__ == "__main__":
    main()
