"""Second look: a model is asked whether the best candidate answers a question that is just not sure enough.

It can turn a miss or chips into an answer. Silence, an error, doubt and an empty budget mean no, and so does a
guard, whose no is never asked about.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Catalog, Intent
from app.errors import BudgetExceededError
from app.matching.decision import LookNote
from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.index import Scores
from app.matching.ports import LookRequest, LookVerdict, SecondLook, Vectors
from app.matching.prepared_catalog import askable

DEADLINE_S = 0.7
"""Longest wait for a verdict: a visitor who hears nothing for a second believes that nobody listens."""

RIGHT_YES, WRONG_YES = 0.8, 0.25
"""Share of right and of wrong candidates to which the fit assumes a yes. A fit asks nobody, so both are cautious:
small models that are shown phrases and answer do better on both."""

LEAST = 0.2
"""Lowest probability at which a look is worth its price: below, hardly one candidate in ten is right."""

_SHOWN_PHRASES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLookStage:
    """Second look over one release."""

    model: SecondLook
    intents: Mapping[str, Intent]
    default_locale: str
    now: Callable[[], float]
    """Monotonic seconds, for the receipt's milliseconds."""
    deadline_s: float = DEADLINE_S
    _late: set[asyncio.Task[LookVerdict]] = field(default_factory=set)

    @classmethod
    def of(cls, model: SecondLook, catalog: Catalog, *, now: Callable[[], float]) -> Self:
        """Return the stage of a catalog."""
        intents = {intent.id: intent for intent in catalog.intents}
        return cls(model=model, intents=intents, default_locale=catalog.default_locale, now=now)

    async def over(
        self, judge: EmbeddingStage, found: EmbeddingResult, *, question: str, vector: Vectors, locale: str
    ) -> EmbeddingResult:
        """Return the result, or the answer that it becomes if the model says yes."""
        limits = judge.thresholds
        if limits.second_look is None or not limits.second_look <= found.ruling.probability < limits.answer:
            return found
        lowered = limits.model_copy(update={"answer": limits.second_look})
        free = replace(judge, thresholds=lowered).judge(question, vector, locale=locale)
        intent = free.ruling.intent
        if free.ruling.outcome != "answer" or intent is None or intent not in self.intents:  # a guard said no
            return found
        note = await self._note(_request(question, self.intents[intent], locale, self.default_locale))
        return replace(free if note.said == "yes" else found, second_look=note)

    async def _note(self, request: LookRequest) -> LookNote:
        began = self.now()
        said = await self._said(request)
        return LookNote(
            model=self.model.model, said=said, intent=request.intent, latency_ms=(self.now() - began) * 1000
        )

    async def _said(self, request: LookRequest) -> LookVerdict | Literal["late", "over budget", "failed"]:
        """Ask; a verdict that is late is not waited for, but its cost is booked behind."""
        asked = asyncio.create_task(self.model.verdict(request), name="second look")
        self._late.add(asked)
        asked.add_done_callback(self._dropped)
        try:
            done, _ = await asyncio.wait({asked}, timeout=self.deadline_s)
        finally:
            asked.cancel()
        if not done:
            return "late"
        error = asked.exception()
        if error is None:
            return asked.result()
        return "over budget" if isinstance(error, BudgetExceededError) else "failed"

    def _dropped(self, asked: "asyncio.Task[LookVerdict]") -> None:
        self._late.discard(asked)
        if not asked.cancelled():
            asked.exception()  # one that came too late concerns nobody


def look_requests(catalog: Catalog) -> tuple[LookRequest, ...]:
    """Return a request for each intent that a question can reach, in the default locale, with its title asked."""
    locale = catalog.default_locale
    return tuple(_request(intent.title, intent, locale, locale) for intent in askable(catalog))


def _request(question: str, intent: Intent, locale: str, default: str) -> LookRequest:
    phrases = intent.phrases.get(locale) or intent.phrases.get(default) or ()
    answers = intent.answers(locale, default)
    return LookRequest(
        question=question,
        intent=intent.id,
        title=intent.title,
        phrases=tuple(phrases[:_SHOWN_PHRASES]),
        answer=answers[0] if answers else "",
        locale=locale,
    )


@dataclass(frozen=True, slots=True)
class GreyZone:
    """Operating point with a second look: an answer from `answer` up, a look from `low` up."""

    answer: float
    low: float | None


def grey_zone(
    chance: Scores, right: Scores, wrong: Scores, *, promise: float, floor: float, answer: float | None = None
) -> GreyZone:
    """Return the zone with the most right clips among those that keep the promise.

    `right` and `wrong` are each trial's shares of all questions. Between the two edges a right candidate plays
    `RIGHT_YES` of the time and a wrong one `WRONG_YES`. `answer` is a threshold that is set already. Without any
    room the zone is empty.
    """
    order = np.argsort(-chance, kind="stable")
    chances, rights, wrongs = chance[order], np.cumsum(right[order]), np.cumsum(wrong[order])
    ends = np.flatnonzero(np.append(chances[1:] < chances[:-1], True))
    nothing, lows = GreyZone(answer or 1.0, None), ends[chances[ends] >= LEAST]
    best, zone = -1.0, nothing
    for at in _starts(chances, ends, floor=floor, answer=answer):
        hit, bad = (float(rights[at]), float(wrongs[at])) if at >= 0 else (0.0, 0.0)
        if bad > promise:
            break
        within = lows[(lows > at) & (wrongs[lows] <= bad + (promise - bad) / WRONG_YES)]
        low = int(within[-1]) if len(within) else None
        gained = hit if low is None else hit + RIGHT_YES * (float(rights[low]) - hit)
        if gained > best:
            begin = answer if answer is not None else float(chances[at]) if at >= 0 else 1.0
            best, zone = gained, GreyZone(begin, None if low is None else float(chances[low]))
    return zone


def _starts(chances: Scores, ends: NDArray[np.intp], *, floor: float, answer: float | None) -> list[int]:
    """Return the last trial that plays without a look, for each threshold that is tried; -1: none plays."""
    if answer is not None:
        return [int((chances >= answer).sum()) - 1]
    return [-1, *(int(at) for at in ends if chances[at] >= floor)]


def look_shares(chance: Scores, right: Scores, *, answer: float, low: float | None) -> tuple[Scores, Scores]:
    """Return how often each trial is expected to play a right clip, and a wrong one: from 0 to 1."""
    plays = (chance >= answer).astype(np.float64)
    asked = (chance >= low) & (chance < answer) if low is not None else np.zeros(len(chance), dtype=np.bool_)
    is_right = right > 0
    return (plays + RIGHT_YES * asked) * is_right, (plays + WRONG_YES * asked) * ~is_right
