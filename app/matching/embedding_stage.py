"""Embedding stage: scores of the classifier, policy, guards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from app.matching.calibration import Calibration
from app.matching.decision import Candidate, LookNote, Thresholds, Verdict
from app.matching.guards.chain import inspect, near_miss, stopped, vouched
from app.matching.guards.topic import within_pack
from app.matching.index import Scores
from app.matching.policy import RankedIntent, Ruling, doubt, ranked, rule
from app.matching.ports import Vectors
from app.matching.prepared_catalog import Prepared
from app.matching.reading.gloss import in_english
from app.matching.spelling_features import features

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """Result of the embedding stage for one question."""

    ruling: Ruling
    guards: tuple[Verdict, ...]
    candidates: tuple[Candidate, ...]
    second_look: LookNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingStage:
    """Embedding stage of one release on one day."""

    prepared: Prepared
    calibration: Calibration
    thresholds: Thresholds
    closed: frozenset[str]
    """Intents that may not be answered."""
    never: Mapping[str, Verdict] = field(default_factory=dict)
    """Intents that this very question must not reach, and why."""

    def judge(self, question: str, vector: Vectors, *, locale: str, typed: str = "") -> EmbeddingResult:
        """Rule on a normalised question by its vector; an answer has passed every guard.

        `typed` is the spelling before slips were mended, if they were: guards look at both.
        """
        if self.prepared.head is None:
            return EmbeddingResult(Ruling("miss", None, (), 0.0, 0.0), (), ())
        cosines = self.prepared.index.cosines(vector, locale=locale)
        away = self.prepared.barred.cosines(vector)
        heads = self.prepared.head.scores(features([question], vector[None, :]))[0]
        return self.weigh(question, cosines=cosines, away=away, heads=heads, typed=typed, locale=locale)

    def weigh(
        self, question: str, *, cosines: Scores, away: Scores, heads: Scores, typed: str = "", locale: str = ""
    ) -> EmbeddingResult:
        """Rule by given scores: cosines to phrases and near misses, the head's probabilities."""
        standings, barred = self._standings(question, cosines=cosines, away=away, heads=heads)
        calibration, thresholds = self.calibration, self.thresholds
        ruling, guards = rule(standings, calibration=calibration, thresholds=thresholds), barred
        if ruling.outcome == "answer" and ruling.intent:
            nearest = self.prepared.index.nearest(cosines, ruling.intent)
            verdicts = (
                *inspect(question, nearest, locale=locale),
                *(stopped(typed, nearest, locale=locale) if typed else ()),
                *self._of_pack(in_english(question, locale), ruling.intent),
            )
            guards = (*barred, *verdicts)
            if not all(verdict.passed for verdict in verdicts):
                ruling = doubt(standings, calibration=calibration, thresholds=thresholds, stopped=True)
        return EmbeddingResult(ruling, guards, self._candidates(standings, cosines))

    def _of_pack(self, question: str, intent: str) -> tuple[Verdict, ...]:
        """Return the verdict on a question to an intent that comes with the package; none on one of the author's."""
        own = self.prepared.packs.get(intent)
        return () if own is None else (within_pack(question, own),)

    def _standings(
        self, question: str, *, cosines: Scores, away: Scores, heads: Scores
    ) -> tuple[tuple[RankedIntent, ...], tuple[Verdict, ...]]:
        """Return the intents that no `not_phrase` excludes, best first, and the verdicts on leaders."""
        index = self.prepared.index
        best = index.per_intent(cosines)
        verdicts = self._near_misses(question, cosines, away)
        order = np.lexsort((-best, -heads))[: _SHOWN + len(verdicts)]  # those that may come first, as `ranked` has them
        leaders = ranked(
            [
                RankedIntent(name, float(heads[at]), float(best[at]), closed=name in self.closed)
                for at, name in ((at, index.intents[at]) for at in order)
            ]
        )
        kept = tuple(one for one in leaders if one.intent not in verdicts)
        leading = takewhile(lambda one: one.intent in verdicts, leaders)
        return kept, tuple(verdicts[one.intent] for one in leading)

    def _near_misses(self, question: str, cosines: Scores, away: Scores) -> dict[str, Verdict]:
        """Return verdicts on intents with a `not_phrase` as near as their phrases, if no phrase vouches."""
        barred, index, verdicts = self.prepared.barred, self.prepared.index, dict(self.never)
        best = index.per_intent(cosines)
        for intent, cosine in zip(barred.intents, barred.per_intent(away), strict=True):
            least = best[index.column(intent)]
            if intent in verdicts or cosine < least:
                continue
            phrases, nearer = index.nearest(cosines, intent), barred.nearest(away, intent)
            if nearer and not vouched(question, phrases, [one for one in nearer if one.cosine >= least]):
                verdicts[intent] = near_miss(phrases[0] if phrases else None, nearer[0])
        return verdicts

    def _candidates(self, standings: tuple[RankedIntent, ...], cosines: Scores) -> tuple[Candidate, ...]:
        nearest = ((one, self.prepared.index.nearest(cosines, one.intent)) for one in standings[:_SHOWN])
        return tuple(
            Candidate(
                intent=one.intent,
                score=round(one.cosine, 6),
                phrase=phrases[0].phrase.original,
                head=round(one.head, 6),
            )
            for one, phrases in nearest
            if phrases
        )
