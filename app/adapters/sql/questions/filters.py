"""Conditions on turns: what a query of questions lets through."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, and_, case, func, literal, or_

from app.adapters.sql.tables import TurnRow
from app.learning.questions.query import QuestionOutcome, QuestionQuery
from app.text import fold

TURNS: Table = TurnRow.__table__  # type: ignore[attr-defined]
_T = TURNS.c

_BY = func.coalesce(_T.answered_by, "")


def result_is(result: QuestionOutcome) -> ColumnElement[bool]:
    """Return the condition that a turn has this result, as `TurnRecord.result` tells it."""
    condition: ColumnElement[bool] = _RESULTS.get(result, _T.outcome == result)
    return condition


_RESULTS: dict[QuestionOutcome, ColumnElement[bool]] = {
    "answered": and_(_T.outcome == "answered", _BY.not_in(("choice", "reply"))),
    "choice": and_(_T.outcome == "answered", _T.answered_by == "choice"),
    "reply": and_(_T.outcome == "answered", _T.answered_by == "reply"),
    "document": and_(_T.outcome == "generated", _BY != "model"),
    "model": and_(_T.outcome == "generated", _T.answered_by == "model"),
    "chosen": and_(_T.outcome == "clarify", _T.chosen.is_not(None)),
    "chips": and_(_T.outcome == "clarify", _T.chosen.is_(None)),
}
"""Conditions of those results that are no outcome of their own."""

RESULT: ColumnElement[str] = case(
    (and_(_T.outcome == "answered", _BY.in_(("choice", "reply"))), _T.answered_by),
    (result_is("model"), literal("model")),
    (_T.outcome == "generated", literal("document")),
    (result_is("chosen"), literal("chosen")),
    (_T.outcome == "clarify", literal("chips")),
    else_=_T.outcome,
)
"""Result of a turn as a value."""

WORDED: ColumnElement[bool] = _BY.not_in(("choice", "reply"))
"""True of turns that a visitor put in words of his own: no click on a chip, no thanks."""


_PAIRS: tuple[tuple[frozenset[QuestionOutcome], str], ...] = (
    (frozenset(("chosen", "chips")), "clarify"),
    (frozenset(("document", "model")), "generated"),
)
"""Results that are one outcome together: an index finds that, and not a condition on two columns."""


def has_result(results: Sequence[QuestionOutcome]) -> ColumnElement[bool]:
    """Return the condition that a turn has one of these results."""
    left, outcomes = set(results), []
    for pair, outcome in _PAIRS:
        if pair <= left:
            left -= pair
            outcomes.append(outcome)
    parts = [result_is(one) for one in sorted(left)]
    return or_(_T.outcome.in_(outcomes), *parts) if outcomes else or_(*parts)


def conditions(query: QuestionQuery) -> list[ColumnElement[bool]]:
    """Return the conditions of a query's filters on turns; state and page are not among them."""
    found: list[ColumnElement[bool]] = []
    if query.since is not None:
        found.append(_T.asked_at >= query.since)
    if query.until is not None:
        found.append(_T.asked_at < query.until)
    for column, value in (
        (_T.topic, query.topic),
        (_T.intent, query.intent),
        (_T.score, query.rating),
        (_T.locale, query.locale),
        (_T.release, query.release),
    ):
        if value is not None:
            found.append(column == value)
    if query.outcomes:
        found.append(has_result(query.outcomes))
    if query.text is not None:
        found.append(_T.question_key.contains(fold(query.text), autoescape=True))
    return found
