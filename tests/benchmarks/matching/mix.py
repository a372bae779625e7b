"""`make bench-mix`: what is wrong and right when traffic is not as the fit assumes, into docs/benchmarks/mixes.md.

    python -m tests.benchmarks.matching.mix docs/benchmarks/mixes.md [--draws 5] [--traffics 8]

Some of CLINC150's intents are the catalog; the others and the out-of-scope questions are what nothing answers. Each
draw takes other intents; each traffic draws questions of the test split in a given mix. The refit sees one traffic
(its scores, and labels of likely plays drawn at random); what plays is counted on another one of the same mix.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.encoders.vector_cache import CachingEncoder
from app.catalog.model import Matching
from app.matching.embedding_stage import EmbeddingStage
from app.matching.fit.thresholds import anything, ready_catalog
from app.matching.matcher import FittedCatalog
from app.matching.mix.labels import PlayLabel
from app.matching.mix.refit import LABELLED_FROM, Followed, SiteTraffic, follow
from app.matching.mix.trials import MixTrials, Pair
from app.matching.normalise import normalise
from app.matching.policy import Fitted
from app.matching.ports import Encoder
from app.matching.prepared_catalog import prepare
from app.runtime.settings.site import load_settings
from app.runtime.wiring.store_and_encoder import encoders_for
from tests.benchmarks.matching.data import Labelled, catalog_of, labelled

MIXES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
INTENTS, QUESTIONS, LABELS = 40, 1500, 150
TOO_MUCH = 0.03
"""Share of wrong clips that counts as a broken promise of 2 %: the rest is chance."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions as one catalog sees them: scores, what a guard stops, what is right, what has an answer at all."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    stopped: NDArray[np.bool_]
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    phrase: NDArray[np.bool_]
    """True for a phrase word for word, which plays whatever the limits."""

    def drawn(self, share: float, count: int, random: np.random.Generator) -> "Judged":
        """So many of them, this share with an answer."""
        inside, outside = np.flatnonzero(self.answerable), np.flatnonzero(~self.answerable)
        own = round(share * count)
        rows = np.concatenate([_some(inside, own, random), _some(outside, count - own, random)])
        return Judged(*(getattr(self, name)[rows] for name in self.__slots__))

    def traffic(self, labels: int, chance: NDArray[np.float64], random: np.random.Generator) -> SiteTraffic:
        """As the site sees it, with so many labels of likely plays."""
        likely = np.flatnonzero((chance >= LABELLED_FROM) & ~self.stopped & ~self.phrase)
        rows = random.permutation(likely)[:labels]
        told = tuple(PlayLabel(float(self.first[at]), float(self.second[at]), bool(self.right[at])) for at in rows)
        return SiteTraffic(Pair(self.first, self.second), self.stopped, told)

    def played(self, fitted: Fitted) -> tuple[float, float]:
        """Shares of wrong and right clips under a policy."""
        chance = fitted.gate.probability(self.first, self.second)
        plays = ((chance >= fitted.thresholds.answer) & ~self.stopped) | self.phrase
        return float((plays & ~self.right).mean()), float((plays & self.right).mean())

    def hindsight(self, fitted: Fitted, promise: float) -> float:
        """Share of right clips at the limit that keeps the promise on these very questions."""
        chance = np.where(self.stopped, 0.0, fitted.gate.probability(self.first, self.second))
        order = np.argsort(-np.where(self.phrase, 2.0, chance), kind="stable")
        kept = np.cumsum(~self.right[order]) <= promise * len(order)
        return float(np.cumsum(self.right[order])[kept].max(initial=0) / len(order))


def _some(rows: NDArray[np.intp], count: int, random: np.random.Generator) -> NDArray[np.intp]:
    return random.choice(rows, count, replace=count > len(rows))


@dataclass(frozen=True, slots=True)
class Draw:
    """One catalog: its policy, its trials, and all questions as it sees them."""

    fitted: Fitted
    trials: MixTrials
    judged: Judged
    matching: Matching


@dataclass(frozen=True, slots=True)
class Way:
    """One row of the table: a way to set the limits, and what it needs."""

    name: str
    labels: int
    follows: bool


WAYS = (
    Way("limits of the phrases", 0, follows=False),
    Way("they follow the traffic, no labels", 0, follows=True),
    Way("60 labels", 60, follows=True),
    Way(f"{LABELS} labels", LABELS, follows=True),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One traffic under one way."""

    wrong: float
    right: float
    hindsight: float
    alarm: bool


def draw(train: Labelled, test: Labelled, chosen: frozenset[str], encoder: Encoder) -> Draw:
    """Fit a catalog of these intents, and let it judge every question once."""
    pairs = [(t, i) for t, i in zip(train.texts, train.intents, strict=True) if i in chosen]
    catalog = catalog_of(Labelled(tuple(t for t, _ in pairs), tuple(i for _, i in pairs)))
    ready = ready_catalog(catalog, prepare(catalog, encoder))
    trials = MixTrials.of(ready.prepared, ready.fitted)
    assert trials is not None
    return Draw(ready.fitted, trials, judge(ready, test, encoder), catalog.matching)


def judge(ready: FittedCatalog, test: Labelled, encoder: Encoder) -> Judged:
    """Judge questions without thresholds; intents are compared by their ids."""
    stage = EmbeddingStage(
        prepared=ready.prepared, calibration=ready.fitted.gate, thresholds=anything(0.0), closed=frozenset()
    )
    texts, known = [normalise(text) for text in test.texts], set(ready.prepared.index.intents)
    rows = []
    for text, vector, intent in zip(texts, encoder.encode(texts), test.intents, strict=True):
        found, meant = stage.judge(text, vector, locale="en"), (intent or "").replace("_", "-")
        heads = [one.head or 0.0 for one in found.candidates[:2]]
        word_for_word = ready.prepared.lexicon.find(text, locale="en", closed=frozenset()) is not None
        first = found.candidates[0].intent
        rows.append((*heads, found.ruling.outcome != "answer", first == meant, meant in known, word_for_word))
    columns = np.array(rows, dtype=np.float64).T
    return Judged(columns[0], columns[1], *(column > 0 for column in columns[2:]))


def followed(one: Draw, seen: Judged, way: Way, random: np.random.Generator) -> Followed:
    """Refit to a traffic, with labels drawn as the site draws them: by the probabilities that it serves with then."""
    if not way.follows:
        still = one.matching.model_copy(update={"follow_traffic": False})
        return follow(one.fitted, one.trials, seen.traffic(0, seen.first, random), still)
    guessed = follow(one.fitted, one.trials, seen.traffic(0, seen.first, random), one.matching)
    if not way.labels:
        return guessed
    chance = guessed.fitted.gate.probability(seen.first, seen.second)
    return follow(one.fitted, one.trials, seen.traffic(way.labels, chance, random), one.matching)


def runs(draws: Sequence[Draw], way: Way, mix: float, traffics: int, *, questions: int = QUESTIONS) -> list[Run]:
    """Run one way over all draws and traffics of a mix."""
    found = []
    for number, one in enumerate(draws):
        for each in range(traffics):
            random = np.random.default_rng([number, each, round(100 * mix)])
            seen, asked = (one.judged.drawn(mix, questions, random) for _ in range(2))
            moved = followed(one, seen, way, random)
            wrong, right = asked.played(moved.fitted)
            best = asked.hindsight(moved.fitted, one.matching.max_false_hit_rate)
            found.append(Run(wrong, right, best, bool(moved.report.alarm)))
    return found


def page(draws: Sequence[Draw], traffics: int, *, say: Callable[[str], object] = sys.stderr.write) -> str:
    """Return the page's tables."""
    parts = []
    for way in WAYS:
        by_mix = {mix: runs(draws, way, mix, traffics) for mix in MIXES}
        every = [run for found in by_mix.values() for run in found]
        over = [run for run in every if run.wrong > TOO_MUCH]
        ratio = np.mean([sum(r.right for r in found) / sum(r.hindsight for r in found) for found in by_mix.values()])
        rows = [
            f"| {mix:.0%} | {_mean(found, 'wrong'):.1%} | {max(run.wrong for run in found):.1%} | "
            f"{_mean(found, 'right'):.0%} | {_mean(found, 'hindsight'):.0%} | {_mean(found, 'alarm'):.0%} |"
            for mix, found in by_mix.items()
        ]
        alarms = sum(run.alarm for run in over)
        told = (
            f"{len(every)} runs: {len(over)} over {TOO_MUCH:.0%} wrong (an alarm in {alarms} of them), "
            f"{_mean(every, 'wrong'):.1%} wrong on average, {ratio:.0%} of hindsight's right clips."
        )
        head = "| in the catalog | wrong | worst run | right | right in hindsight | alarm |\n|---|---|---|---|---|---|"
        parts.append(f"**{way.name[:1].upper()}{way.name[1:]}.** {told}\n\n{head}\n" + "\n".join(rows))
        say(f"{way.name}: {told}\n")
    return "\n\n".join(parts) + "\n"


def _mean(found: Sequence[Run], name: str) -> float:
    return float(np.mean([getattr(run, name) for run in found]))


def main() -> None:
    """Measure, and write the part of the page after its mark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--traffics", type=int, default=8)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    train, test = labelled("train_10.jsonl"), labelled("test.jsonl")
    known = [*map(normalise, (*train.texts, *test.texts))]
    kept = Path(__file__).parents[3] / "build/bench-matching/vectors/mix.npz"
    encoder = _Known(encoders_for(load_settings(), catalog_of(train)).plain, kept, known)
    names, random = sorted({name for name in train.intents if name}), np.random.default_rng(asked.seed)
    chosen = [frozenset(random.choice(names, INTENTS, replace=False).tolist()) for _ in range(asked.draws)]
    tables = page([draw(train, test, each, encoder) for each in chosen], asked.traffics)
    before = asked.page.read_text(encoding="utf-8").partition(MARK)[0]
    asked.page.write_text(f"{before}{MARK}\n\n{tables}", encoding="utf-8")


MARK = "<!-- measured by make bench-mix -->"


class _Known:
    """Encoder that keeps all these texts in one file, whatever part of them it is asked for."""

    def __init__(self, encoder: Encoder, kept: Path, texts: Sequence[str]) -> None:
        self._kept, self._texts, self.name = CachingEncoder(encoder, kept), tuple(texts), encoder.name

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode what is new."""
        return self._kept.encode([*texts, *self._texts])[: len(texts)]


if __name__ == "__main__":
    main()
