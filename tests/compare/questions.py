"""The fixed list of 2,000 questions that two checkouts decide: where each comes from, by which rule it was made.

From the sample catalog: phrases, lines that it refuses, the questions of `tests.yaml`, and phrases reworded by the
rules below. From the shipped background: its lines. From the tests of matching: pairs that differ in one word. From
CLINC150 (Stefan Larson et al., CC BY 3.0, see `tests/benchmarks/data/clinc150/LICENSE`): a sample of its test
questions, unchanged.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

COUNT = 2000
SEED = 285606
CLINC_COUNT = 400

PAIRS = ("german_pairs.jsonl", "held_out_pairs.jsonl", "minimal_pairs.jsonl", "stranger_pairs.jsonl")

ODD = (
    "?",
    "...",
    "👍",
    "ok",
    "123",
    "opening",
    "Öffnungszeiten?",
    "متى تفتحون؟",
    "いつ開いていますか",
    "und was kostet der Eintritt",
    "WHEN ARE YOU OPEN",
    "ｗｈｅｎ ａｒｅ ｙｏｕ ｏｐｅｎ",
    "and on Sundays?",
    "what about children",
    "<b>toilets</b>",
    "a" * 300,
    "Where is the café, and how much is a ticket, and may I bring my dog?",
    "when\u200b are\u200b you open",
)


class Question(NamedTuple):
    """A question and the source it was taken or made from."""

    text: str
    source: str


def questions(checkout: Path) -> list[Question]:
    """The list, of that checkout's files; equal files give the equal list."""
    draw = random.Random(SEED)
    catalog = _catalog(checkout / "intents")
    phrases = [one.text for one in catalog if one.source == "phrases"]
    exact = [one for at, one in enumerate(catalog) if one.source != "phrases" or at % 3 == 0]
    given = [*exact, *_tests(checkout), *_pairs(checkout), *_background(checkout), *_clinc(checkout, draw)]
    given += [Question(text, "odd") for text in ODD]
    reworded = [Question(made, f"phrases, {name}") for text in phrases for name, made in _reworded(text)]
    draw.shuffle(reworded)
    unique = {one.text: one for one in reversed([*given, *reworded])}
    found = list(reversed(unique.values()))[:COUNT]
    if len(found) < COUNT:
        raise ValueError(f"Expected {COUNT} questions, got {len(found)}; add a rule.")
    return found


def _catalog(folder: Path) -> list[Question]:
    """Phrases and what is refused, in the order of the files."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*/*.yaml"))]
    return [
        Question(text, kind)
        for kind in ("phrases", "not_phrases")
        for intent in files
        for text in intent.get(kind, {}).get("en", ())
    ]


def _tests(checkout: Path) -> list[Question]:
    listed = yaml.safe_load((checkout / "intents" / "tests.yaml").read_text(encoding="utf-8"))["tests"]
    return [Question(one["ask"], "tests.yaml") for one in listed if one.get("locale", "en") == "en"]


def _pairs(checkout: Path) -> list[Question]:
    """Every fifth pair, both sides: questions about other desks, mostly."""
    rows = [row for name in PAIRS for row in _rows(checkout / "tests" / "matching" / "data" / name)]
    return [Question(row[side], "minimal pairs") for row in rows[::5] for side in ("harmless", "reversed")]


def _background(checkout: Path) -> list[Question]:
    """The lines, wherever under `app` the text lies."""
    (path,) = (checkout / "app").rglob("background.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Question(line, "background") for line in lines if line and not line.startswith("#")]


def _clinc(checkout: Path, draw: random.Random) -> list[Question]:
    rows = _rows(checkout / "tests" / "benchmarks" / "data" / "clinc150" / "test.jsonl")
    return [Question(row["text"], "CLINC150") for row in draw.sample(rows, CLINC_COUNT)]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _reworded(text: str) -> Iterator[tuple[str, str]]:
    """Every rule on one phrase: as people type, politely, with a slip, said the other way round."""
    words = text.rstrip("?.!").split()
    lower = " ".join(words).lower()
    yield "bare", lower
    yield "polite", f"Excuse me, {lower}, please?"
    yield "indirect", f"I would like to know: {lower}"
    yield "slip", _slip(words)
    yield "short", " ".join(words[-3:])
    yield "not", f"not {lower}"
    yield "turned", " ".join(reversed(words)).lower()


def _slip(words: list[str]) -> str:
    """Two letters of the longest word change places."""
    longest = max(words, key=len)
    middle = len(longest) // 2
    slipped = longest[: middle - 1] + longest[middle] + longest[middle - 1] + longest[middle + 1 :]
    return " ".join(slipped if word is longest else word for word in words)
