"""Traffic: the scores of logged questions, the plays that are worth judging, and the labels that visitors leave."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain, groupby, islice
from typing import Any, Protocol

from app.learning.turn_log import TurnRecord
from app.matching.mix.labels import LabelSource, PlayLabel
from app.matching.mix.refit import LABELLED_FROM

MOST_QUESTIONS = 1000
"""Newest turns that are looked at: more would be of another season."""

MOST_OF_A_VISITOR = 3
"""Labels of one session that count, the first ones: nobody is to outvote the others."""

UNANSWERED_FOR = timedelta(minutes=5)
"""Time after which chips that nobody chose count as ignored."""


@dataclass(frozen=True, slots=True)
class ScoredTurn:
    """Question that reached the meaning stage: its first candidate and the classifier's two best scores."""

    id: str
    question: str
    locale: str
    intent: str
    phrase: str
    probability: float
    first: float
    second: float
    stopped: bool
    """True if a guard stopped the first candidate."""
    played: bool
    encoder: str


@dataclass(frozen=True, slots=True)
class TurnLabel:
    """Author's verdict on a turn: whether its first candidate is the right answer. It holds no words of a visitor's."""

    turn: str
    intent: str
    right: bool
    first: float
    second: float
    encoder: str
    at: datetime
    by: str


class LabelBook(Protocol):
    """Labels of a site."""

    async def add(self, label: TurnLabel) -> None:
        """Store a label in place of an earlier one of the same turn."""
        ...

    async def all(self) -> tuple[TurnLabel, ...]:
        """Return all labels, oldest first."""
        ...


def scored(turns: Iterable[TurnRecord]) -> tuple[ScoredTurn, ...]:
    """Return the turns that were decided by meaning, in the order given; those without scores are left out."""
    return tuple(one for turn in turns if (one := _scored(turn)) is not None)


def likely_plays(turns: Sequence[ScoredTurn], labelled: Iterable[str]) -> tuple[ScoredTurn, ...]:
    """Return the plays that are worth judging, in an order that has nothing to do with what they are.

    Played or not, likely enough to play under other limits, not stopped by a guard, not judged yet. The order is that
    of the ids' digests: as good as drawn at random, and the same when the author goes on tomorrow.
    """
    known = set(labelled)
    likely = [one for one in turns if one.probability >= LABELLED_FROM and not one.stopped and one.id not in known]
    return tuple(sorted(likely, key=lambda one: sha256(one.id.encode()).digest()))


def visitors_labels(turns: Sequence[TurnRecord], *, now: datetime) -> tuple[PlayLabel, ...]:
    """Return what thumbs, chosen chips and ignored chips say about first candidates."""
    ordered = sorted(turns, key=lambda turn: (turn.session, turn.asked_at, turn.id))
    found: list[PlayLabel] = []
    for _, group in groupby(ordered, key=lambda turn: turn.session):
        session = list(group)
        left = (
            _labels(turn, session[at + 1] if at + 1 < len(session) else None, now) for at, turn in enumerate(session)
        )
        found.extend(islice(chain.from_iterable(left), MOST_OF_A_VISITOR))
    return tuple(found)


def _labels(turn: TurnRecord, after: TurnRecord | None, now: datetime) -> Iterator[PlayLabel]:
    one = _scored(turn)
    if one is None:
        return
    if turn.outcome == "answered" and turn.score is not None:
        yield _label(one, right=turn.score == "up", source="rating")
    if turn.outcome == "clarify":
        chosen = after.intent if after is not None and after.receipt.get("stage") == "choice" else None
        if chosen is not None or now - turn.asked_at > UNANSWERED_FOR:
            yield _label(one, right=chosen == one.intent, source="chips")


def _label(one: ScoredTurn, *, right: bool, source: LabelSource) -> PlayLabel:
    return PlayLabel(one.first, one.second, right, source)


def _scored(turn: TurnRecord) -> ScoredTurn | None:
    receipt = turn.receipt
    candidates: Sequence[Mapping[str, Any]] = receipt.get("candidates") or ()
    heads = [float(one["head"]) for one in candidates[:2] if one.get("head") is not None]
    if receipt.get("stage") != "embedding" or len(heads) < min(2, max(1, len(candidates))):
        return None
    return ScoredTurn(
        id=turn.id,
        question=turn.question,
        locale=turn.locale,
        intent=str(candidates[0].get("intent")),
        phrase=str(candidates[0].get("phrase")),
        probability=float(receipt.get("probability") or 0.0),
        first=heads[0],
        second=heads[1] if len(heads) > 1 else 0.0,
        stopped=turn.outcome != "answered" and any(not guard.get("passed") for guard in receipt.get("guards") or ()),
        played=turn.outcome == "answered",
        encoder=str(receipt.get("encoder")),
    )
