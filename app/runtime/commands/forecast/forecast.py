"""Forecast of a site from a log of questions, or from the turns that are recorded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

import numpy as np

from app.catalog.model import Catalog
from app.learning.forecast.coverage import Coverage, coverage
from app.learning.forecast.frontier import AskedGroup, Frontier, frontier
from app.learning.questions.grouping import grouped
from app.learning.questions.masking import mask
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.ports import Encoder, Vectors
from app.rendering.plan.clips import spoken_clips
from app.rendering.plan.pricing import SpeechRate, price_of
from app.rendering.plan.providers import providers_of
from app.runtime.commands.forecast.question_log import LoggedQuestion
from app.runtime.settings.site import Settings
from app.runtime.wiring.providers import open_readings, open_renderers, open_speech

_BATCH: Final = 512
_USUAL_S: Final = 8.0
_DECIDED_MOST: Final = 20_000
"""Wordings that are decided one by one, the most asked first; the rest follow the decided ones of their group."""

Progress = Callable[[str, int, int], None]
"""Progress callback: the step, how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecast of a log: what is helped today, how groups cover the questions, what the next intents bring."""

    questions: int
    wordings: int
    locales: tuple[str, ...]
    played: float
    chips: float
    answer_s: float
    answer_price: Decimal
    currency: str
    coverage: Coverage
    frontier: Frontier
    groups: tuple[AskedGroup, ...]
    decided: int


@dataclass(frozen=True, slots=True)
class AnswerPrice:
    """Usual answer of a catalog: its length and what one clip of it costs with the avatar's first renderer."""

    seconds: float
    price: Decimal
    currency: str


def forecast(
    log: Sequence[LoggedQuestion],
    matcher: Matcher,
    encoder: Encoder,
    usual: AnswerPrice,
    *,
    budget: Decimal | None = None,
    progress: Progress = lambda _step, _done, _of: None,
) -> Forecast:
    """Decide, group and price the questions of a log, most asked first.

    Blocking.

    Raises:
        EncoderUnavailableError: the encoder cannot be loaded.
    """
    decisions = _decided(log[:_DECIDED_MOST], matcher, progress)
    groups = _groups(log, decisions, encoder, usual, progress)
    total = sum(group.asked for group in groups)
    return Forecast(
        questions=total,
        wordings=len(log),
        locales=tuple(sorted({one.locale for one in log})),
        played=round(sum(group.played for group in groups) / max(1, total), 4),
        chips=round(sum(group.chips for group in groups) / max(1, total), 4),
        answer_s=usual.seconds,
        answer_price=usual.price,
        currency=usual.currency,
        coverage=coverage([group.asked for group in groups]),
        frontier=frontier(groups, budget=budget),
        groups=tuple(sorted(groups, key=lambda group: (-group.asked, group.question))),
        decided=len(decisions),
    )


async def usual_answer(settings: Settings, catalog: Catalog) -> AnswerPrice:
    """Return the middle of the catalog's own answers, priced by the avatar's first renderer."""
    async with open_renderers(settings) as renderers:
        providers = await asyncio.to_thread(
            providers_of, catalog.avatar, speech=open_speech(), renderers=renderers, normaliser=open_readings(settings)
        )
        clips = spoken_clips(catalog, providers)
        rate = SpeechRate()
        lengths = [rate.seconds(clip.speech) for clip in clips if clip.speech is not None]
        seconds = round(float(median(lengths)), 1) if lengths else _USUAL_S
        first = clips[0].recipe if clips else None
        if first is None:
            return AnswerPrice(seconds, Decimal(0), "USD")
        facts = renderers[first.renderer].capabilities
        return AnswerPrice(seconds, price_of(seconds, facts, first.model), facts.currency)


def _decided(log: Sequence[LoggedQuestion], matcher: Matcher, progress: Progress) -> list[Decision]:
    """Decide each wording on its own, a locale at a time, in the order of the log."""
    found: dict[int, Decision] = {}
    for locale in dict.fromkeys(one.locale for one in log):
        places = [place for place, one in enumerate(log) if one.locale == locale]
        for start in range(0, len(places), _BATCH):
            some = places[start : start + _BATCH]
            found |= zip(some, matcher.decide_many([log[place].text for place in some], locale=locale), strict=True)
            progress("deciding", len(found), len(log))
    return [found[place] for place in range(len(log))]


def _groups(
    log: Sequence[LoggedQuestion],
    decisions: Sequence[Decision],
    encoder: Encoder,
    usual: AnswerPrice,
    progress: Progress,
) -> list[AskedGroup]:
    groups: list[AskedGroup] = []
    for locale in dict.fromkeys(one.locale for one in log):
        places = [place for place, one in enumerate(log) if one.locale == locale]
        labels = grouped(_encoded([log[place].text for place in places], encoder, progress))
        members: dict[int, list[int]] = {}
        for place, label in zip(places, labels.tolist(), strict=True):
            members.setdefault(label, []).append(place)
        groups += [_group([log[place] for place in some], _of(decisions, some), usual) for some in members.values()]
    return groups


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Progress) -> Vectors:
    vectors = []
    for start in range(0, len(texts), _BATCH):
        vectors.append(encoder.encode(texts[start : start + _BATCH]))
        progress("grouping", min(len(texts), start + _BATCH), len(texts))
    return np.concatenate(vectors).astype(np.float32)


def _of(decisions: Sequence[Decision], places: Sequence[int]) -> list[Decision | None]:
    return [decisions[place] if place < len(decisions) else None for place in places]


def _group(questions: Sequence[LoggedQuestion], decided: Sequence[Decision | None], usual: AnswerPrice) -> AskedGroup:
    """Count what the questions of one meaning get; wordings that were not decided follow the others."""
    known = [(one, decision) for one, decision in zip(questions, decided, strict=True) if decision is not None]
    asked, of = sum(one.times for one in questions), sum(one.times for one, _ in known)
    played = sum(one.times for one, decision in known if decision.outcome == "answer")
    chips = sum(one.times for one, decision in known if decision.outcome == "clarify")
    intents = [decision.intent for one, decision in known for _ in range(one.times) if decision.intent]
    scale = asked / of if of else 0.0
    return AskedGroup(
        question=mask(questions[0].text),
        locale=questions[0].locale,
        asked=asked,
        wordings=len(questions),
        played=round(played * scale),
        chips=round(chips * scale),
        intent=max(set(intents), key=lambda intent: (intents.count(intent), intent), default=None),
        seconds=usual.seconds,
        price=usual.price,
        examples=tuple(mask(one.text) for one in questions[1:4]),
    )
