"""Expected rates from held-out phrases: hits, wrong clips, the curve between them, confusable intents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from app.matching.decision import Thresholds, Value
from app.matching.fit.chips import needless_weights
from app.matching.fit.dry_run import DryRunResult, rehearse, weights
from app.matching.index import Scores
from app.matching.policy import Fitted
from app.matching.prepared_catalog import Prepared
from app.matching.second_look import RIGHT_YES, WRONG_YES
from app.matching.wilson_interval import Share, wilson

_MOST_POINTS = 60
_MOST_EXAMPLES = 3


class IntentScore(Value):
    """Number of an intent's questions that got its clip."""

    intent: str
    hits: int
    questions: int


class Point(Value):
    """Operating point: the shares of right and wrong clips if this probability were enough to play a clip."""

    probability: float
    hit_rate: float
    false_hit_rate: float


class Attraction(Value):
    """Question that reached the wrong intent, and the nearest phrase of that intent."""

    question: str
    phrase: str
    played: bool


class Confusable(Value):
    """Pair of intents that are confused; `meant` is `none` for questions that must reach nothing."""

    meant: str
    taken_for: str
    count: int
    played: int
    """Number of them that would have played the wrong clip; the others were stopped by a threshold."""
    examples: tuple[Attraction, ...]
    advice: str


class ZoneShare(Value):
    """Grey zone of a second look, measured on the held-out questions; shares are of all questions."""

    low: float
    high: float
    asked: Share
    """Questions in the zone that no guard stops: each costs a call."""
    right: float
    wrong: float
    """Questions in the zone whose first candidate is right, and wrong: all that a second look can play."""
    assumed: tuple[float, float]
    """Shares of the right and of the wrong ones to which the fit assumes a yes."""


class Expected(Value):
    """Expected rates from the catalog alone: each phrase is asked while it, or its intent, is held out."""

    questions: int
    hit_rate: Share
    """Right clips, of all questions in the assumed mix of in scope, near and off topic."""
    false_hit_rate: Share
    """Wrong clips, of all questions in that mix."""
    recall: Share
    """Right clips, of the questions that have one."""
    refused: Share
    """No clip, of the questions that must reach none: off-topic ones and near misses."""
    chips: Share
    """The right intent among the chips, of the questions that have one and got chips."""
    helped: Share
    """Right clip, or the right intent among the chips, of the questions that have one."""
    needless_chips: Share
    """Chips, of the questions that nothing answers: off-topic ones and phrases of left-out intents, 70 to 30."""
    curve: tuple[Point, ...]
    worst: tuple[IntentScore, ...]
    confusable: tuple[Confusable, ...]
    second_look: ZoneShare | None = None
    """Grey zone, if second looks are taken; the rates above are without them."""


NOBODY = "none"
"""Placeholder of an intent for questions that must reach nothing."""


def expect(prepared: Prepared, fitted: Fitted) -> Expected:
    """Run the dry run and count; blocking for as long as a fit."""
    rows = rehearse(prepared, fitted)
    shares = weights(rows, intents=len(prepared.index.intents))
    own = [row for row in rows if row.group == "phrase"]
    outside = [row for row in rows if row.group in ("off topic", "near miss")]
    chips = [row for row in own if row.choices]
    return Expected(
        questions=len(rows),
        hit_rate=_weighted(shares, [row.plays and row.right for row in rows]),
        false_hit_rate=_weighted(shares, [row.wrong for row in rows]),
        recall=_counted(row.plays and row.right for row in own),
        refused=_counted(not row.wrong for row in outside),
        chips=_counted(row.meant in row.choices for row in chips),
        helped=_counted((row.plays and row.right) or row.meant in row.choices for row in own),
        needless_chips=_needless(rows),
        curve=_curve(rows, shares),
        worst=worst([(str(row.meant), row.plays and row.right) for row in own]),
        confusable=_confusable(rows),
        second_look=_zone(rows, shares, fitted.thresholds),
    )


def worst(asked: Sequence[tuple[str, bool]]) -> tuple[IntentScore, ...]:
    """Return the intents that missed at least one of their questions (intent, hit), worst first."""
    total, hits = Counter(name for name, _ in asked), Counter(name for name, hit in asked if hit)
    scores = (IntentScore(intent=name, hits=hits[name], questions=count) for name, count in total.items())
    failing = (one for one in scores if one.hits < one.questions)
    return tuple(sorted(failing, key=lambda one: (one.hits / one.questions, -one.questions, one.intent)))


def _weighted(shares: Scores, chosen: Sequence[bool]) -> Share:
    total = float(shares.sum())
    if not total:
        return wilson(0, 0)
    effective = total**2 / float((shares**2).sum())
    return wilson(float(shares[np.array(chosen)].sum()) / total * effective, effective)


def _counted(hits: Iterable[bool]) -> Share:
    each = list(hits)
    return wilson(sum(each), len(each))


def _zone(rows: Sequence[DryRunResult], shares: Scores, limits: Thresholds) -> ZoneShare | None:
    low = limits.second_look
    if low is None:
        return None
    inside = [low <= row.chance < limits.answer for row in rows]
    right = np.array([row.right for row in rows], dtype=bool)
    return ZoneShare(
        low=low,
        high=limits.answer,
        asked=_weighted(shares, inside),
        right=float(shares[np.array(inside) & right].sum()),
        wrong=float(shares[np.array(inside) & ~right].sum()),
        assumed=(RIGHT_YES, WRONG_YES),
    )


def _needless(rows: Sequence[DryRunResult]) -> Share:
    far, near = ([row for row in rows if row.group == group] for group in ("off topic", "near topic"))
    return _weighted(needless_weights(len(far), len(near)), [bool(row.choices) for row in (*far, *near)])


def _curve(rows: Sequence[DryRunResult], shares: Scores) -> tuple[Point, ...]:
    """Return the operating points from no clips to all clips, at most `_MOST_POINTS`."""
    chances = np.array([row.chance for row in rows])
    right = np.array([row.right for row in rows], dtype=bool)
    limits = np.unique(chances[chances > 0])[::-1]
    spaced = limits[np.unique(np.linspace(0, len(limits) - 1, _MOST_POINTS).astype(int))] if len(limits) else limits
    return tuple(
        Point(
            probability=round(float(limit), 6),
            hit_rate=round(float(shares[(chances >= limit) & right].sum()), 6),
            false_hit_rate=round(float(shares[(chances >= limit) & ~right].sum()), 6),
        )
        for limit in spaced
    )


def _confusable(rows: Sequence[DryRunResult]) -> tuple[Confusable, ...]:
    """Count wrong first choices by pair; of questions without an intent, only those whose clip would play."""
    pairs = defaultdict[tuple[str, str], list[DryRunResult]](list)
    for row in rows:
        counts = row.group == "phrase" or (row.group != "near topic" and row.wrong)
        if row.first and counts and not row.right:
            pairs[row.meant or NOBODY, row.first].append(row)
    found = [_pair(meant, taken, asked) for (meant, taken), asked in pairs.items()]
    return tuple(sorted(found, key=lambda one: (-one.played, -one.count, one.meant, one.taken_for)))


def _pair(meant: str, taken: str, asked: Sequence[DryRunResult]) -> Confusable:
    ordered = sorted(asked, key=lambda row: (not row.plays, -row.chance, row.question))
    return Confusable(
        meant=meant,
        taken_for=taken,
        count=len(asked),
        played=sum(row.wrong for row in asked),
        examples=tuple(
            Attraction(question=row.question, phrase=row.phrase, played=row.plays) for row in ordered[:_MOST_EXAMPLES]
        ),
        advice=_advice(meant, taken, next((row for row in ordered if not row.barred), ordered[0])),
    )


def _advice(meant: str, taken: str, leading: DryRunResult) -> str:
    if leading.barred:
        return f"Each of these is stopped by being among the `not_phrases` of `{taken}`; add others of the kind."
    if meant == NOBODY:
        return f"Add words like “{leading.question}” to the `not_phrases` of `{taken}`."
    return (
        f"Say in other phrases of `{meant}` what sets it apart; reword “{leading.phrase}” of `{taken}` if it asks the "
        "same; if one answer does for both, make them one intent."
    )
