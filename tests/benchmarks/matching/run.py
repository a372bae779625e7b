"""`make bench-matching`: this matcher, plain and tuned, beside three others on CLINC150, one encoder, one run.

    python -m tests.benchmarks.matching.run docs/benchmarks.md [--rivals PYTHON] [--plain]

`--rivals` names an interpreter that has semantic-router: without it, its rule is run as the others are, written out in
`rules.py`. `--plain` leaves out the tuned encoder, which takes minutes to tune the first time. Everything is decided
from the example phrases alone; the test split is only measured.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.encoder import SentenceEncoder, _packaged_folder
from app.catalog.model import Catalog
from app.matching.matcher import Matcher, Ready
from app.matching.ports import Encoder, Vectors
from app.matching.prepared import prepare
from app.runtime.opening import encoders_for
from app.runtime.settings import Settings, load_settings
from app.runtime.tuned import TunedHome
from app.runtime.tuning import tune
from tests.benchmarks.matching import rules
from tests.benchmarks.matching.data import Labelled, catalog_of, labelled

START, END = "<!-- matching: written by make bench-matching -->", "<!-- matching: end -->"
PROMISED = 0.02
TIMED = 200


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


@dataclass(slots=True)
class Bench:
    """One run: what is measured, and what it says."""

    test: Labelled
    settings: Settings
    rivals: str
    tuned: bool
    rival: str = "not run"

    def section(self, examples: int) -> str:
        """The table of one number of examples."""
        train = labelled(f"train_{examples}.jsonl")
        catalog = catalog_of(train)
        plain = Remembered(encoders_for(self.settings, catalog).plain)
        rows = [self._ours(f"Greenroom, promise {PROMISED}", matcher(catalog, plain))]
        said = ""
        if self.tuned:
            home = tune(self.settings, catalog, watch=show)
            said = verdict(home)
            if home.tuned.encoder:
                encoder = Remembered(encoders_for(self.settings, catalog).matching)
                rows.append(self._ours(f"Greenroom, tuned, promise {PROMISED}", matcher(catalog, encoder, home)))
        named: dict[str, rules.Answers] = {}
        if self.rivals:
            answer = self.routed(train, [])
            found = np.array(answer["intents"]), np.array(answer["scores"])
            self.rival = f"semantic-router {answer['version']}"
            named |= {
                f"{self.rival}, as it comes": rules.Answers(*found, found[1] >= -1),
                f"{self.rival}, threshold 0.5": rules.Answers(*found, found[1] >= 0.5),
            }
        similar = plain.encode(self.test.texts) @ plain.encode(train.texts).T
        named |= rules.others(similar, np.array(train.intents))
        rows += [row(name, answers, self.test) for name, answers in named.items()]
        return f"### {examples} examples an intent\n\n{table(rows)}{said}"

    def _ours(self, name: str, one: Matcher) -> Row:
        decisions = one.decide_many(self.test.texts)
        answers = rules.Answers(
            np.array([(each.receipt.intent or "").replace("-", "_") for each in decisions]),
            np.array([each.receipt.probability for each in decisions]),
            np.array([each.outcome == "answer" for each in decisions]),
        )
        return row(name, answers, self.test)

    def routed(self, train: Labelled, timed: Sequence[str]) -> dict[str, list[str]]:
        """What semantic-router says, in a process of its own."""
        routes: dict[str, list[str]] = {}
        for text, intent in zip(train.texts, train.intents, strict=True):
            routes.setdefault(intent or "", []).append(text)
        questions = list(self.test.texts if not timed else self.test.texts[:1])
        asked = {
            "model": str(_packaged_folder()),
            "routes": routes,
            "questions": questions,
            "timed": list(timed or questions[:1]),
        }
        command = [self.rivals, str(Path(__file__).with_name("rival.py"))]
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, check=True, env=os.environ | OFFLINE
        )
        answer: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def speeds(self) -> str:
        """Whole decisions, one at a time, in turns with the others."""
        train, questions = labelled("train_10.jsonl"), self.test.texts[:TIMED]
        catalog, original = catalog_of(train), SentenceEncoder()
        encoders = encoders_for(self.settings, catalog)
        matchers = {"Greenroom": matcher(catalog, encoders.plain)}
        if encoders.matching is not encoders.plain:
            matchers["Greenroom, tuned"] = matcher(catalog, encoders.matching)
        phrases, owners = original.encode(train.texts), np.array(train.intents)
        decide: dict[str, Callable[[str], object]] = {
            name: (lambda text, one=one: asyncio.run(one.decide(text)))  # type: ignore[misc]
            for name, one in matchers.items()
        }
        decide["the nearest-examples rules, sentence-transformers"] = lambda text: rules.others(
            original.encode([text]) @ phrases.T, owners
        )
        taken = {name: timed(one, questions[: TIMED // 2]) for name, one in decide.items()}
        if self.rivals:
            taken[self.rival] = [float(ms) for ms in self.routed(train, questions)["ms"]]
        for name, one in decide.items():
            taken[name] += timed(one, questions[TIMED // 2 :])
        ours = float(np.median(taken["Greenroom"]))
        lines = ["| | p50 ms | p95 ms | Greenroom takes |", "|---|---|---|---|"]
        for name, ms in taken.items():
            share = "" if name == "Greenroom" else f"{ours / np.median(ms):.0%} of it"
            lines.append(f"| {name} | {np.median(ms):.1f} | {np.percentile(ms, 95):.1f} | {share} |")
        return "### Time of a whole decision\n\n" + "\n".join(lines)


OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def main() -> None:
    """Measure and write the section of the page between the two marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--rivals", default="", metavar="PYTHON")
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    bench = Bench(labelled("test.jsonl"), load_settings(), asked.rivals, tuned=not asked.plain)
    tables = [bench.section(examples) for examples in (10, 5)]
    write(asked.page, "\n\n".join([heading(bench.rival), *tables, bench.speeds()]))


def matcher(catalog: Catalog, encoder: Encoder, home: TunedHome | None = None) -> Matcher:
    """A matcher of this catalog, its policy fitted from its phrases alone."""
    ready = Ready.of(catalog, prepare(catalog, encoder, home.unseen() if home else None))
    return Matcher.of(ready, encoder, release="bench", now=time.perf_counter, today=date.today)


def show(doing: str, done: int, total: int) -> None:
    """A line on the terminal."""
    sys.stderr.write(f"\r{doing}: {done} of {total} steps ")


def verdict(home: TunedHome) -> str:
    """What cross-validation said before the test questions were looked at."""
    one, tuned = home.tuned.verdict, home.tuned
    kept = "kept" if one.kept else "not kept"
    return (
        f"\n\nTuning, {tuned.seconds / 60:.0f} minutes here, {kept}: cross-validation on the phrases expected "
        f"{one.plain:.1%} right clips as it came and {one.tuned:.1%} tuned, a gain of {one.gain:.1%} "
        f"({one.gain_low:.1%} to {one.gain_high:.1%})."
    )


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


def timed(decide: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Milliseconds of each decision, after one to warm up."""
    decide(questions[0])
    taken = []
    for text in questions:
        start = time.perf_counter()
        decide(text)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def heading(rival: str) -> str:
    """What was run, when, on what."""
    ran = (
        f"{rival} was run itself, with its own local encoder on the same model"
        if "not" not in rival
        else ("no package of theirs was run")
    )
    return (
        "## Matching\n\n"
        f"`make bench-matching`, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores ({platform.machine()}), encoder {SentenceEncoder().name}. CLINC150 (CC BY 3.0): 150 "
        "intents, 4,500 questions in scope and 1,000 out of scope. Shares are of all 5,500 questions but for those "
        "refused. No rule saw a validation split: Greenroom's policy and its tuning are fitted from the example "
        f"phrases alone. Of the others, {ran}; the rules are written out by hand "
        "(`tests/benchmarks/matching/rules.py`) and run on the same vectors, so a package's own thresholds and "
        "overheads may differ. Milliseconds are of this machine as busy as it was: compare them with each other.\n"
    )


def write(page: Path, section: str) -> None:
    """Replace what stands between the marks, or add it at the end."""
    old = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    before, _, rest = old.partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before.rstrip()}\n\n{START}\n{section}\n{END}\n{after.lstrip()}", encoding="utf-8")


if __name__ == "__main__":
    main()
