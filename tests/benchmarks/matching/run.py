"""`make bench-matching`: this matcher and the rules of three others on CLINC150, one encoder, one run.

    python -m tests.benchmarks.matching.run docs/benchmarks.md

The other systems' rules are written out in `rules.py` from their documentation and defaults; their packages are not
run. Everything here is decided from the example phrases alone; the test split is only measured.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.encoder import SentenceEncoder
from app.adapters.encoders.quick import QuickEncoder
from app.matching.matcher import Matcher
from app.matching.ports import Encoder, Vectors
from tests.benchmarks.matching import rules
from tests.support.matching import a_catalog, an_intent

DATA = Path(os.environ.get("GREENROOM_CLINC150", Path(__file__).parent.parent / "data/clinc150"))
MODELS = Path(os.environ.get("GREENROOM_MODELS_DIR", "~/.cache/greenroom")).expanduser()
START, END = "<!-- matching: written by make bench-matching -->", "<!-- matching: end -->"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Questions with the intent each is meant for; None is out of scope."""

    texts: tuple[str, ...]
    intents: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, in shares of all questions but for `refused`, which is of the out-of-scope ones."""

    system: str
    plays: float
    right: float
    wrong: float
    refused: float
    at_two: float
    """Right clips when the threshold is set in hindsight so that 2 % of all are wrong."""


class Remembered:
    """An encoder that meets each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, Vectors]()
        self.name = encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode what is new."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new) if new else (), strict=True))
        return np.stack([self._known[text] for text in texts])


def main(page: Path) -> None:
    """Measure and write the section of `page` between the two marks."""
    encoder = QuickEncoder(SentenceEncoder(), folder=MODELS / "encoders")
    remembered, test = Remembered(encoder), labelled("test.jsonl")
    parts = []
    for examples in (10, 5):
        rows = measured(labelled(f"train_{examples}.jsonl"), test, remembered)
        parts.append(f"### {examples} examples an intent\n\n{table(rows)}")
    parts.append("### Time of a whole decision\n\n" + speeds(labelled("train_10.jsonl"), test.texts[:200], encoder))
    write(page, "\n\n".join([heading(encoder.name), *parts]))


def labelled(name: str) -> Labelled:
    """Read one file of the data set."""
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return Labelled(tuple(row["text"] for row in rows), tuple(row["intent"] for row in rows))


def measured(train: Labelled, test: Labelled, encoder: Encoder) -> list[Row]:
    """Every system on the same vectors."""
    matcher = built(train, encoder)
    decisions = matcher.decide_many(test.texts)
    ours = rules.Answers(
        np.array([(one.receipt.intent or "").replace("-", "_") for one in decisions]),
        np.array([one.receipt.probability for one in decisions]),
        np.array([one.outcome == "answer" for one in decisions]),
    )
    phrases, owners = encoder.encode(train.texts), np.array(train.intents)
    similar = encoder.encode(test.texts) @ phrases.T
    named = {"Greenroom, promise 0.02": ours} | rules.others(similar, owners)
    return [row(name, answers, test) for name, answers in named.items()]


def built(train: Labelled, encoder: Encoder) -> Matcher:
    """A matcher of a catalog with these phrases, its policy fitted from them alone."""
    named = sorted({intent for intent in train.intents if intent})
    phrases = {name: [t for t, i in zip(train.texts, train.intents, strict=True) if i == name] for name in named}
    intents = [an_intent(name.replace("_", "-"), phrases[name], title=name.replace("_", " ")) for name in named]
    catalog = a_catalog({}, intents=intents)
    return Matcher.build(catalog, encoder, release="bench", now=time.perf_counter, today=date.today)


def row(system: str, answers: rules.Answers, test: Labelled) -> Row:
    """Count one system's answers."""
    meant = np.array([intent or "" for intent in test.intents])
    right = answers.intents == meant
    return Row(
        system,
        plays=float(answers.plays.mean()),
        right=float((answers.plays & right).mean()),
        wrong=float((answers.plays & ~right).mean()),
        refused=float(1 - answers.plays[meant == ""].mean()),
        at_two=hindsight(answers.scores, right),
    )


def hindsight(scores: NDArray[np.float64], right: NDArray[np.bool_], *, wrong: float = 0.02) -> float:
    """The share of right answers at the lowest threshold that keeps wrong ones within `wrong` of all."""
    order = np.argsort(-scores, kind="stable")
    allowed = np.cumsum(~right[order]) <= wrong * len(right)
    return float(np.cumsum(right[order])[allowed].max(initial=0) / len(right))


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = [
        "| rule | plays | right clip | **wrong clip** | out of scope refused | right at 2 % wrong, in hindsight |",
        "|---|---|---|---|---|---|",
    ]
    for one in rows:
        shares = (one.plays, one.right, one.wrong, one.refused, one.at_two)
        lines.append(f"| {one.system} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    return "\n".join(lines)


def speeds(train: Labelled, questions: Sequence[str], encoder: Encoder) -> str:
    """Whole decisions, one at a time: ours, and the nearest-examples rule on the unquantized encoder."""
    matcher, original = built(train, encoder), SentenceEncoder()
    phrases, owners = original.encode(train.texts), np.array(train.intents)
    ours = timed(lambda text: matcher.decide_many([text]), questions)
    theirs = timed(lambda text: rules.others(original.encode([text]) @ phrases.T, owners), questions)
    lines = ["| | p50 ms | p95 ms |", "|---|---|---|"]
    named = (("Greenroom, int8", ours), ("the other rules, sentence-transformers", theirs))
    lines += [f"| {name} | {np.median(ms):.1f} | {np.percentile(ms, 95):.1f} |" for name, ms in named]
    return "\n".join(lines)


def timed(decide: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Milliseconds of each decision, after one to warm up."""
    decide(questions[0])
    taken = []
    for text in questions:
        start = time.perf_counter()
        decide(text)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def heading(encoder: str) -> str:
    """What was run, when, on what."""
    return (
        "## Matching\n\n"
        f"`make bench-matching`, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores ({platform.machine()}), encoder {encoder}. CLINC150 (CC BY 3.0): 150 intents, 4,500 "
        "questions in scope and 1,000 out of scope. Shares are of all 5,500 questions but for those refused. No rule "
        "saw a validation split: Greenroom's policy is fitted from the example phrases alone. The other rules are "
        "written out by hand (`tests/benchmarks/matching/rules.py`) and run on the same vectors; their packages were "
        "not run, so their own encoders, thresholds and overheads may differ. Milliseconds are of this machine as busy "
        "as it was; the unquantized time has the encoder and the nearest-examples rule alone.\n"
    )


def write(page: Path, section: str) -> None:
    """Replace what stands between the marks, or add it at the end."""
    old = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    before, _, rest = old.partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before.rstrip()}\n\n{START}\n{section}\n{END}\n{after.lstrip()}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
