"""How often each system plays the right clip, the wrong one, and none: the same whatever else the machine does."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.encoders.sentence_transformer import _packaged_folder
from app.adapters.encoders.vector_cache import CachingEncoder
from app.catalog.model import Catalog
from app.matching.fit.thresholds import ready_catalog
from app.matching.matcher import Matcher
from app.matching.normalise import normalise
from app.matching.ports import Encoder, extra_columns
from app.matching.prepared_catalog import prepare
from app.runtime.commands.tune import tune
from app.runtime.settings.site import Settings
from app.runtime.wiring.store_and_encoder import encoders_for, with_second
from app.runtime.wiring.tuned_encoders import TunedEncoderFolder
from tests.benchmarks.matching import rules
from tests.benchmarks.matching.data import Labelled, catalog_of, labelled

EXAMPLES = (10, 5)
PROMISED = 0.02
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, in shares of all questions but for those that say otherwise."""

    system: str
    plays: float
    right: float
    wrong: float
    refused: float
    """Of the out-of-scope questions."""
    helped: float
    """Of the questions in scope: a right clip, or the right intent among the chips."""
    needless: float | None
    """Of the out-of-scope questions: those that get chips; None for a system without chips."""
    wrong_at_half: float
    """Wrong clips of a thousand questions when the threshold is set so that half of all questions play."""
    at_two: float
    """Right clips when the threshold is set in hindsight so that 2 % of all are wrong."""


@dataclass(slots=True)
class Bench:
    """What every part needs."""

    settings: Settings
    rivals: str
    """An interpreter that has semantic-router, or nothing."""
    work: Path
    large: str = ""
    """A folder with a larger sentence-transformers model, or nothing."""
    test: Labelled = field(default_factory=lambda: labelled("test.jsonl"))

    def remembered(self, encoder: Encoder, examples: int) -> Encoder:
        """The encoder, meeting each text once, in this run or an earlier one."""
        name = "".join(char if char.isalnum() else "-" for char in f"{examples} {encoder.name}")
        questions = [*self.test.texts, *map(normalise, self.test.texts)]
        return _Asked(encoder, CachingEncoder(encoder, self.work / "vectors" / f"{name}.npz"), questions)

    def routed(self, train: Labelled, questions: Sequence[str], timed: Sequence[str]) -> dict[str, Any]:
        """What semantic-router says, in a process of its own."""
        routes: dict[str, list[str]] = {}
        for text, intent in zip(train.texts, train.intents, strict=True):
            routes.setdefault(intent or "", []).append(text)
        asked = {"model": str(_packaged_folder()), "routes": routes, "questions": questions, "timed": timed}
        command = [self.rivals, str(Path(__file__).with_name("rival.py"))]
        done = subprocess.run(
            command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True, env=os.environ | OFFLINE
        )
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


class _Asked:
    """Knows the vectors of the test questions, and takes all others from what is kept."""

    def __init__(self, encoder: Encoder, kept: Encoder, questions: Sequence[str]) -> None:
        self._kept, self._questions, self.name = kept, tuple(questions), encoder.name
        self.extra = extra_columns(encoder)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode what is new; the questions go along, so that the file keeps them."""
        return self._kept.encode([*texts, *self._questions])[: len(texts)]


def matcher(catalog: Catalog, encoder: Encoder, home: TunedEncoderFolder | None = None) -> Matcher:
    """A matcher of this catalog, its policy fitted from its phrases alone."""
    ready = ready_catalog(catalog, prepare(catalog, encoder, home.fold_vectors() if home else None))
    return Matcher.of(ready, encoder, release="bench", now=time.perf_counter, today=date.today)


def plain(bench: Bench) -> dict[str, Any]:
    """Greenroom with the encoder as it comes, and with the second one beside it."""
    found: dict[str, Any] = {}
    for examples in EXAMPLES:
        catalog = catalog_of(labelled(f"train_{examples}.jsonl"))
        found |= _plain(bench, bench.settings, catalog, examples)
        both = bench.remembered(with_second(encoders_for(bench.settings, catalog).plain), examples)
        one = matcher(catalog, both)
        found[str(examples)].append(_ours(f"Greenroom, second encoder, promise {PROMISED}", one, bench.test))
    return found


def tuned(bench: Bench) -> dict[str, Any]:
    """Greenroom with the encoder tuned on the phrases, where cross-validation kept it; an interrupted one goes on."""
    found: dict[str, Any] = {}
    for examples in EXAMPLES:
        found |= _tuned(bench, bench.settings, catalog_of(labelled(f"train_{examples}.jsonl")), examples)
    return found


def large(bench: Bench) -> dict[str, Any]:
    """Both again with a larger model, at the most examples."""
    settings, examples = bench.settings.model_copy(update={"encoder": bench.large}), EXAMPLES[0]
    catalog = catalog_of(labelled(f"train_{examples}.jsonl"))
    before, after = (measure(bench, settings, catalog, examples) for measure in (_plain, _tuned))
    key = str(examples)
    return before | after | {key: [_renamed(row, before["encoder"]) for row in (*before[key], *after[key])]}


def _plain(bench: Bench, settings: Settings, catalog: Catalog, examples: int) -> dict[str, Any]:
    encoder = bench.remembered(encoders_for(settings, catalog).plain, examples)
    one = matcher(catalog, encoder)
    return {"encoder": encoder.name, str(examples): [_ours(f"Greenroom, promise {PROMISED}", one, bench.test)]}


def _tuned(bench: Bench, settings: Settings, catalog: Catalog, examples: int) -> dict[str, Any]:
    home = tune(settings, catalog, watch=_show)
    rows: list[dict[str, Any]] = []
    if home.tuned.encoder:
        encoder = bench.remembered(encoders_for(settings, catalog).matching, examples)
        one = matcher(catalog, encoder, home)
        rows.append(_ours(f"Greenroom, tuned, promise {PROMISED}", one, bench.test))
    return {"encoder": home.tuned.base, f"said {examples}": verdict(home), str(examples): rows}


def _renamed(row: dict[str, Any], encoder: str) -> dict[str, Any]:
    return row | {"system": f"{row['system']}, {encoder.partition('@')[0]}"}


def others(bench: Bench) -> dict[str, Any]:
    """semantic-router itself, where there is one, and everybody's rules written out."""
    found: dict[str, Any] = {}
    for examples in EXAMPLES:
        train, named = labelled(f"train_{examples}.jsonl"), dict[str, rules.Answers]()
        if bench.rivals:
            answer = bench.routed(train, bench.test.texts, [])
            first = np.array(answer["intents"]), np.array(answer["scores"])
            found["rival"] = f"semantic-router {answer['version']}"
            named |= {
                f"{found['rival']}, as it comes": rules.Answers(*first, first[1] >= -1),
                f"{found['rival']}, threshold 0.5": rules.Answers(*first, first[1] >= 0.5),
            }
        encoder = bench.remembered(encoders_for(bench.settings, catalog_of(train)).plain, examples)
        similar = encoder.encode(bench.test.texts) @ encoder.encode(train.texts).T
        named |= rules.others(similar, np.array(train.intents))
        found[str(examples)] = [row(name, answers, bench.test) for name, answers in named.items()]
    return found


def _ours(name: str, one: Matcher, test: Labelled) -> dict[str, Any]:
    decisions = one.decide_many(test.texts)
    answers = rules.Answers(
        np.array([(each.receipt.intent or "").replace("-", "_") for each in decisions]),
        np.array([each.receipt.probability for each in decisions]),
        np.array([each.outcome == "answer" for each in decisions]),
        tuple(tuple(name.replace("-", "_") for name in each.choices) for each in decisions),
    )
    return row(name, answers, test)


def row(system: str, answers: rules.Answers, test: Labelled) -> dict[str, Any]:
    """Count one system's answers."""
    meant = np.array([intent or "" for intent in test.intents])
    right = answers.intents == meant
    in_scope, chips = meant != "", answers.chips or ((),) * len(meant)
    offered = np.array([name in some for name, some in zip(meant, chips, strict=True)])
    return asdict(
        Row(
            system,
            plays=float(answers.plays.mean()),
            right=float((answers.plays & right).mean()),
            wrong=float((answers.plays & ~right).mean()),
            refused=float(1 - answers.plays[meant == ""].mean()),
            helped=float(((answers.plays & right) | offered)[in_scope].mean()),
            needless=float(np.array([bool(some) for some in chips])[~in_scope].mean()) if answers.chips else None,
            wrong_at_half=1000 * wrong_at(answers.scores, right),
            at_two=hindsight(answers.scores, right),
        )
    )


def hindsight(scores: NDArray[np.float64], right: NDArray[np.bool_], *, wrong: float = 0.02) -> float:
    """The share of right answers at the lowest threshold that keeps wrong ones within `wrong` of all."""
    order = np.argsort(-scores, kind="stable")
    allowed = np.cumsum(~right[order]) <= wrong * len(right)
    return float(np.cumsum(right[order])[allowed].max(initial=0) / len(right))


def wrong_at(scores: NDArray[np.float64], right: NDArray[np.bool_], *, plays: float = 0.5) -> float:
    """The share of wrong answers, of all questions, when the surest of them play and no others."""
    surest = np.argsort(-scores, kind="stable")[: int(plays * len(right))]
    return float((~right[surest]).sum() / len(right))


def verdict(home: TunedEncoderFolder) -> str:
    """What cross-validation said before the test questions were looked at."""
    one, known = home.tuned.verdict, home.tuned
    kept = "kept" if one.kept else "not kept"
    return (
        f"Tuning, {known.seconds / 60:.0f} minutes here, {kept}: cross-validation on the phrases expected "
        f"{one.plain:.1%} right clips as it came and {one.tuned:.1%} tuned, a gain of {one.gain:.1%} "
        f"({one.gain_low:.1%} to {one.gain_high:.1%})."
    )


def _show(doing: str, done: int, total: int) -> None:
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{doing}: {done} of {total} steps {end}")
