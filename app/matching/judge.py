"""The embedding stage: head scores, policy, guards."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from app.matching.decision import Candidate, Verdict
from app.matching.fitting import Fitted
from app.matching.guard import inspect, near_miss
from app.matching.index import Scores
from app.matching.policy import Ruling, Standing, doubt, ranked, rule
from app.matching.ports import Vectors
from app.matching.prepared import Prepared

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scores and the guards say of one question."""

    ruling: Ruling
    guards: tuple[Verdict, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The embedding stage of one release on one day."""

    prepared: Prepared
    fitted: Fitted
    open_intents: frozenset[str]

    def judge(self, question: str, vector: Vectors, *, locale: str) -> Judgement:
        """Rule on a normalised question by its vector; an answer has passed every guard."""
        if self.prepared.head is None:
            return Judgement(Ruling("miss", None, (), 0.0, 0.0), (), ())
        cosines = self.prepared.index.cosines(vector, locale=locale)
        standings, barred = self._standings(vector, cosines)
        gate, thresholds = self.fitted.gate, self.fitted.thresholds
        ruling, guards = rule(standings, gate=gate, thresholds=thresholds), barred
        if ruling.outcome == "answer" and ruling.intent:
            verdicts = inspect(question, self.prepared.index.nearest(cosines, ruling.intent))
            guards = (*barred, *verdicts)
            if not all(verdict.passed for verdict in verdicts):
                ruling = doubt(standings, gate=gate, thresholds=thresholds)
        return Judgement(ruling, guards, self._candidates(standings, cosines))

    def _standings(self, vector: Vectors, cosines: Scores) -> tuple[tuple[Standing, ...], tuple[Verdict, ...]]:
        """The intents that a `not_phrase` does not keep out, best first, and the verdicts that kept a leader out."""
        index, head = self.prepared.index, self.prepared.head
        heads = head.scores(vector[None, :])[0] if head else ()
        best = index.per_intent(cosines)
        everyone = ranked(
            [
                Standing(intent, float(chance), float(cosine), closed=intent not in self.open_intents)
                for intent, chance, cosine in zip(index.intents, heads, best, strict=True)
            ]
        )
        verdicts = self._near_misses(vector, cosines, dict(zip(index.intents, best, strict=True)))
        kept = tuple(one for one in everyone if one.intent not in verdicts)
        leading = takewhile(lambda one: one.intent in verdicts, everyone)
        return kept, tuple(verdicts[one.intent] for one in leading)

    def _near_misses(self, vector: Vectors, cosines: Scores, best: Mapping[str, float]) -> dict[str, Verdict]:
        """A failed verdict for each intent whose `not_phrases` are as near as its phrases."""
        barred, index = self.prepared.barred, self.prepared.index
        away = barred.cosines(vector)
        stopped = [
            intent
            for intent, cosine in zip(barred.intents, barred.per_intent(away), strict=True)
            if cosine >= best[intent]
        ]
        return {one: near_miss(index.nearest(cosines, one)[0], barred.nearest(away, one)[0]) for one in stopped}

    def _candidates(self, standings: tuple[Standing, ...], cosines: Scores) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(
                intent=one.intent,
                score=round(one.cosine, 6),
                phrase=self.prepared.index.nearest(cosines, one.intent)[0].phrase.original,
            )
            for one in standings[:_SHOWN]
        )
