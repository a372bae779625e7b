"""`make bench-matching`: this matcher, plain and tuned, beside three others on CLINC150, one encoder, one page.

    python -m tests.benchmarks.matching.run docs/benchmarks.md [--rivals PYTHON] [--large FOLDER] [--parts plain ...]

Six parts, each kept in a folder as soon as it is measured, so that an interrupted run goes on where it stopped:
`plain` and `tuned` are Greenroom's shares, `large` both with a larger encoder (`--large`), `others` those of the other
systems, `slips` mistyped questions, `speed` milliseconds. Shares come out the same on a busy machine; `speed` wants a
quiet one. A part is measured again when the code or data that it depends on has changed, or with `--anew`. The page is
written after every part, from what there is.

`--rivals` names an interpreter that has semantic-router: without it, its rule is run as the others are, written out in
`rules.py`. Everything is decided from the example phrases alone; the test split is only measured.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.digest import digest_bytes, digest_json
from app.runtime.settings.site import load_settings
from tests.benchmarks.matching.data import DATA
from tests.benchmarks.matching.page import write
from tests.benchmarks.matching.shares import EXAMPLES, Bench, large, others, plain, tuned
from tests.benchmarks.matching.slips import slips
from tests.benchmarks.matching.speed import speed

ROOT = Path(__file__).parents[3]

OURS = (
    "app/matching",
    "app/adapters/encoders/sentence_transformer.py",
    "app/adapters/encoders",
    "tests/benchmarks/matching/shares.py",
)
TAUGHT = (*OURS, "app/runtime/commands/tune.py", "app/runtime/wiring/tuned_encoders.py")
THEIRS = (
    "app/adapters/encoders/sentence_transformer.py",
    *(f"tests/benchmarks/matching/{name}.py" for name in ("rival", "rules", "shares")),
)
TIMED = (*OURS, "tests/benchmarks/matching/speed.py", "tests/benchmarks/matching/rival.py")

Part = Callable[[Bench], dict[str, Any]]
PARTS: dict[str, tuple[Part, tuple[str, ...]]] = {
    "plain": (plain, OURS),
    "others": (others, THEIRS),
    "tuned": (tuned, TAUGHT),
    "large": (large, TAUGHT),
    "slips": (slips, (*OURS, "tests/benchmarks/matching/slips.py")),
    "speed": (speed, TIMED),
}
"""What measures each part, and the code it depends on."""


def main() -> None:
    """Measure what is not there yet and write the section of the page between its two marks."""
    asked = _asked()
    bench = Bench(load_settings(), asked.rivals, asked.work, asked.large)
    for name in PARTS:
        if name in asked.parts:
            _measured(bench, name, anew=asked.anew)
        write(asked.page, {each: found for each in PARTS if (found := _kept(asked.work / f"{each}.json"))}, EXAMPLES)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--rivals", default="", metavar="PYTHON")
    parser.add_argument("--large", default="", metavar="FOLDER", help="a sentence-transformers model, for `large`")
    usual = [name for name in PARTS if name != "large"]
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=usual)
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench-matching", help="where parts are kept")
    parser.add_argument("--anew", action="store_true", help="measure even what has not changed")
    asked = parser.parse_args()
    if "large" in asked.parts and not asked.large:
        parser.error("expected `--large FOLDER` for the part `large`, got none")
    return asked


def _measured(bench: Bench, name: str, *, anew: bool) -> None:
    measure, code = PARTS[name]
    file = bench.work / f"{name}.json"
    inputs = digest_json({"code": _digest(code), "data": _digest([str(DATA)]), "rivals": bool(bench.rivals)})
    if not anew and _kept(file).get("inputs") == inputs:
        say(f"{name}: kept from {_kept(file)['made']}, nothing that it depends on has changed")
        return
    say(f"{name} ...")
    started = time.monotonic()
    found = measure(bench)
    took = round(time.monotonic() - started)
    content = {"inputs": inputs, "made": f"{datetime.now(UTC):%Y-%m-%d}", "seconds": took, **found}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    draft.replace(file)
    say(f"{name}: {took} s")


def say(words: str) -> None:
    """A line on the terminal."""
    sys.stderr.write(f"{words}\n")


def _kept(file: Path) -> dict[str, Any]:
    """What a part came to, empty when it was never measured."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _digest(places: tuple[str, ...] | list[str]) -> str:
    """Digest of the files named and of those in the folders named."""
    named = [ROOT / place for place in places]
    files = [file for place in named for file in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    kinds = {".py", ".txt", ".jsonl"}
    return digest_json({file.name: digest_bytes(file.read_bytes()) for file in files if file.suffix in kinds})


if __name__ == "__main__":
    main()
