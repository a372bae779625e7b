"""Mistyped questions: some of the test questions with one slip and with two, beside the same typed well.

A slip is a letter dropped, doubled, swapped with the next, or hit beside, in a word of four letters or more. Also: what
reading does to all questions as they are.
"""

import random
from typing import Any

from app.matching.decision import Decision
from app.runtime.wiring.store_and_encoder import encoders_for
from tests.benchmarks.matching.data import catalog_of, labelled
from tests.benchmarks.matching.shares import Bench, matcher

SEED, COUNT, EXAMPLES = 13, 600, 10
LEAST_LETTERS = 4
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def slips(bench: Bench) -> dict[str, Any]:
    """Shares of answerable questions: right intent first, right clip, wrong clip, by the number of slips."""
    catalog = catalog_of(labelled(f"train_{EXAMPLES}.jsonl"))
    one = matcher(catalog, encoders_for(bench.settings, catalog).plain)
    draw = random.Random(SEED)
    meant = [(text, intent) for text, intent in zip(bench.test.texts, bench.test.intents, strict=True) if intent]
    chosen = draw.sample(meant, COUNT)
    found: dict[str, Any] = {}
    for count in range(3):
        decisions = one.decide_many([mistyped(text, draw, count) for text, _ in chosen])
        found[str(count)] = _shares(decisions, [intent.replace("_", "-") for _, intent in chosen])
    clean = one.decide_many(bench.test.texts)
    return found | {
        "questions": COUNT,
        "clean": len(clean),
        "read": sum(one.receipt.typed is not None for one in clean),
    }


def mistyped(text: str, draw: random.Random, count: int) -> str:
    """The question with that many slips, in different words."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= LEAST_LETTERS and word.isalpha()]
    for at in draw.sample(long, min(count, len(long))):
        words[at] = _slip(words[at], draw)
    return " ".join(words)


def _slip(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    match draw.choice(("dropped", "doubled", "swapped", "beside")):
        case "dropped":
            return word[:at] + word[at + 1 :]
        case "doubled":
            return word[:at] + word[at] + word[at:]
        case "swapped":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + draw.choice(_beside(word[at])) + word[at + 1 :]


def _beside(letter: str) -> str:
    row = next((row for row in ROWS if letter in row), letter)
    at = row.index(letter)
    return (row[max(0, at - 1) : at] + row[at + 1 : at + 2]) or letter


def _shares(decisions: tuple[Decision, ...], meant: list[str]) -> dict[str, float]:
    pairs = list(zip(decisions, meant, strict=True))
    return {
        "first": sum(one.receipt.intent == intent for one, intent in pairs) / len(pairs),
        "right": sum(one.intent == intent for one, intent in pairs) / len(pairs),
        "wrong": sum(one.intent not in (None, intent) for one, intent in pairs) / len(pairs),
    }
