"""Follow-up: a question read together with the intent that was just answered.

Read with its subject, a question always looks like the subject itself: "parking by tram" is mostly parking. So the
other intents are compared with each other, as they stand in three readings (the question alone, after the subject's
title, after the question before), and whether the subject itself is meant is decided by words: its phrases or its
answer must speak of all that the question names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.matching.decision import Candidate, Verdict
from app.matching.embedding_stage import EmbeddingStage
from app.matching.guards.chain import inspect
from app.matching.index import Scores
from app.matching.ports import Vectors
from app.matching.reading.gloss import in_english
from app.matching.spelling_features import features
from app.matching.turns.subject import TurnSubject, bare

PLAYS = 0.5
"""Mean score of the three readings from which another intent is played."""
_PLAYS_ALONE = 0.4
"""The same for an intent that the question reaches by itself, too."""
LEADS = 0.2
"""Its lead over the next one."""
_OFFERS = 0.2
"""Mean score from which another intent is offered as a chip."""
_OFFERS_BESIDE = 0.1
"""The same, where a likelier chip is shown already."""
_NEXT = 0.1
"""What the author's `next` adds to the score of a chip."""
_LITTLE = 0.05
"""Added to what the other intents share, so that crumbs do not look like certainty."""
_MOST_CHIPS = 3
_CONSIDERED = 5


@dataclass(frozen=True, slots=True)
class FollowUpResult:
    """Ruling on a follow-up: an intent to play, or chips, or neither."""

    intent: str | None = None
    choices: tuple[str, ...] = ()
    probability: float = 0.0
    margin: float | None = None
    guards: tuple[Verdict, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def readings(question: str, subject: TurnSubject) -> tuple[str, ...]:
    """Return the texts that a normalised follow-up is read as."""
    rest = bare(question)
    return (rest, f"{subject.title} {rest}", f"{subject.question} {rest}")


def follow_up(
    stage: EmbeddingStage,
    subject: TurnSubject,
    texts: Sequence[str],
    vectors: Vectors,
    *,
    locale: str,
    alone: str | None,
) -> FollowUpResult:
    """Rule on a follow-up by its readings; `alone` is the intent that the bare question reaches by itself."""
    head, index = stage.prepared.head, stage.prepared.index
    if head is None:
        return FollowUpResult()
    rest, cosines = texts[0], index.cosines(vectors[0], locale=locale)
    ranks = _ranks(stage, subject, head.scores(features(texts, vectors)))
    told = subject.tells(in_english(rest, locale)) and all(
        one.passed for one in _verdicts(stage, rest, cosines, subject.intent, locale=locale)
    )
    shown = _candidates(stage, cosines, [*([subject.intent] if told else []), *(name for name, _ in ranks)])
    first, probability = ranks[0] if ranks else (None, 0.0)
    margin = probability - (ranks[1][1] if len(ranks) > 1 else 0.0)
    if told:
        return _of_subject(subject, ranks, shown)
    if first and ((probability >= PLAYS and margin >= LEADS) or (first == alone and probability >= _PLAYS_ALONE)):
        verdicts = _verdicts(stage, rest, cosines, first, locale=locale)
        if all(one.passed for one in verdicts):
            return FollowUpResult(first, (), probability, margin, verdicts, shown)
        return FollowUpResult(None, _chips(subject, ranks), probability, margin, verdicts, shown)
    return FollowUpResult(None, _chips(subject, ranks), probability, margin, (), shown)


def _ranks(stage: EmbeddingStage, subject: TurnSubject, heads: Scores) -> list[tuple[str, float]]:
    """Return the other intents with their mean score in the readings, best first."""
    index = stage.prepared.index
    kept = heads.copy()
    kept[:, index.column(subject.intent)] = 0.0
    kept[1:] /= kept[1:].sum(axis=1, keepdims=True) + _LITTLE
    mean = kept.mean(axis=0)
    order = np.lexsort((np.arange(len(mean)), -mean))
    names = [(index.intents[at], float(mean[at])) for at in order]
    return [one for one in names if one[0] != subject.intent and one[0] not in stage.closed][:_CONSIDERED]


def _of_subject(
    subject: TurnSubject, ranks: Sequence[tuple[str, float]], shown: tuple[Candidate, ...]
) -> FollowUpResult:
    """Play the subject's other variant; if that would be the same clip, offer it beside what is near."""
    if not subject.repeats:
        return FollowUpResult(subject.intent, (), 1.0, None, (), shown)
    same = Verdict(
        guard="same clip",
        passed=False,
        reason=f"`{subject.intent}` tells it, but was just played and has no other variant",
    )
    others = tuple(name for name, score in _favoured(subject, ranks) if score >= _OFFERS_BESIDE)
    return FollowUpResult(None, (subject.intent, *others)[:_MOST_CHIPS], 1.0, None, (same,), shown)


def _chips(subject: TurnSubject, ranks: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    likely = _favoured(subject, ranks)
    if not likely or likely[0][1] < _OFFERS:
        return ()
    return tuple(name for name, score in likely if score >= _OFFERS_BESIDE)[:_MOST_CHIPS]


def _favoured(subject: TurnSubject, ranks: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return the other intents, those first that the author offers after the subject."""
    scored = [(name, score + _NEXT * (name in subject.then)) for name, score in ranks]
    return sorted(scored, key=lambda one: (-one[1], one[0]))


def _verdicts(
    stage: EmbeddingStage, question: str, cosines: Scores, intent: str, *, locale: str
) -> tuple[Verdict, ...]:
    """Return the guards' verdicts, but for the one that only asks whether the turn before is known."""
    verdicts = inspect(question, stage.prepared.index.nearest(cosines, intent), locale=locale)
    return tuple(one for one in verdicts if one.guard != "follow-up")


def _candidates(stage: EmbeddingStage, cosines: Scores, names: Sequence[str]) -> tuple[Candidate, ...]:
    nearest = ((name, stage.prepared.index.nearest(cosines, name)) for name in names)
    return tuple(
        Candidate(intent=name, score=round(phrases[0].cosine, 6), phrase=phrases[0].phrase.original)
        for name, phrases in nearest
        if phrases
    )
