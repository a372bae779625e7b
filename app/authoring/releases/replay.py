"""Replay: the same questions asked of two catalogs, and what becomes of them: right, wrong, silent, chips."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.catalog.model import Question
from app.learning.turn_log import TurnRecord
from app.matching.decision import Decision, Outcome
from app.matching.fit.expected_rates import NOBODY
from app.text import fold

ReplayVerdict = Literal["wrong", "silent", "otherwise", "chips", "answered", "right"]
"""What a question gets now that it did not get before.

`wrong` and `right` where somebody said which clip is meant: `tests.yaml`, a rating, a chosen chip. `answered`: a clip
plays where none did, and nobody has said whether rightly; `otherwise`: another clip than before.
"""

VERDICTS: tuple[ReplayVerdict, ...] = ("wrong", "silent", "otherwise", "chips", "answered", "right")
"""All verdicts, the one that an author should see first at the beginning."""

_NO_QUESTIONS = {"choice", "follow-up", "reply", "empty"}
"""Stages of turns that are no question by themselves."""


@dataclass(frozen=True, slots=True)
class ReplayQuestion:
    """Question to be asked again, and what is known about its answer.

    `expect` is an intent or `none`; `right` and `wrong` are intents of which somebody said so.
    """

    ask: str
    locale: str | None
    source: Literal["tests", "visitors"]
    times: int = 1
    expect: str | None = None
    right: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReplayedAnswer:
    """Decision about a question, without its receipt."""

    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class ReplayedQuestion:
    """Question that gets something else now."""

    ask: str
    locale: str | None
    source: Literal["tests", "visitors"]
    times: int
    expect: str | None
    before: ReplayedAnswer
    after: ReplayedAnswer
    verdict: ReplayVerdict


@dataclass(frozen=True, slots=True)
class Replay:
    """Questions that get something else, the gravest first; `counts` has every verdict.

    `tests` and `visitors` count the questions that were asked, equal ones once.
    """

    tests: int
    visitors: int
    counts: Mapping[str, int]
    questions: tuple[ReplayedQuestion, ...]


def from_tests(questions: Iterable[Question]) -> tuple[ReplayQuestion, ...]:
    """Return the questions of `tests.yaml`."""
    return tuple(
        ReplayQuestion(one.ask, one.locale, "tests", expect=one.expect, wrong=frozenset(one.not_)) for one in questions
    )


def from_turns(turns: Iterable[TurnRecord]) -> tuple[ReplayQuestion, ...]:
    """Return the visitors' questions, most asked first; equal ones are one.

    A follow-up is none: it means nothing without the turn before.
    """
    groups: dict[tuple[str, str], list[TurnRecord]] = {}
    for turn in turns:
        if turn.chosen_for or (turn.receipt.get("stage") not in _NO_QUESTIONS and not turn.receipt.get("subject")):
            groups.setdefault((turn.locale, fold(turn.chosen_for or turn.question)), []).append(turn)
    found = [_asked(group) for group in groups.values()]
    return tuple(sorted(found, key=lambda one: (-one.times, one.ask)))


def replayed(asked: Sequence[ReplayQuestion], before: Sequence[Decision], after: Sequence[Decision]) -> Replay:
    """Compare two catalogs' decisions about the same questions."""
    found = []
    for question, old, new in zip(asked, map(_answer, before), map(_answer, after), strict=True):
        verdict = verdict_on(question, old, new)
        if verdict is not None:
            head = (question.ask, question.locale, question.source, question.times, question.expect)
            found.append(ReplayedQuestion(*head, old, new, verdict))
    found.sort(key=lambda one: (VERDICTS.index(one.verdict), one.source, -one.times, one.ask))
    counts = Counter(one.verdict for one in found)
    sources = Counter(one.source for one in asked)
    return Replay(sources["tests"], sources["visitors"], {name: counts[name] for name in VERDICTS}, tuple(found))


def verdict_on(question: ReplayQuestion, before: ReplayedAnswer, after: ReplayedAnswer) -> ReplayVerdict | None:
    """Return what a question gets now and did not get before; None if nothing is new."""
    old, new = _state(question, before), _state(question, after)
    if old != new:
        return "otherwise" if new == "answered" and before.outcome == "answer" else new
    return "otherwise" if new in {"answered", "wrong"} and before.intent != after.intent else None


def _state(question: ReplayQuestion, answer: ReplayedAnswer) -> ReplayVerdict:
    if answer.outcome == "answer":
        return _played(question, answer.intent or "")
    if question.expect == NOBODY and answer.outcome == "miss":
        return "right"
    return "chips" if answer.outcome == "clarify" else "silent"


def _played(question: ReplayQuestion, intent: str) -> ReplayVerdict:
    if intent in question.right or intent == question.expect:
        return "right"
    if intent in question.wrong or question.expect is not None:
        return "wrong"
    return "right" if question.source == "tests" else "answered"


def _asked(turns: Sequence[TurnRecord]) -> ReplayQuestion:
    newest = turns[0]
    liked = {turn.intent for turn in turns if turn.intent and (turn.chosen_for or turn.score == "up")}
    disliked = {turn.intent for turn in turns if turn.intent and turn.score == "down"}
    return ReplayQuestion(
        newest.chosen_for or newest.question,
        newest.locale,
        "visitors",
        sum(not turn.chosen_for for turn in turns) or len(turns),
        right=frozenset(liked - disliked),
        wrong=frozenset(disliked - liked),
    )


def _answer(decision: Decision) -> ReplayedAnswer:
    return ReplayedAnswer(decision.outcome, decision.intent, decision.choices, round(decision.receipt.probability, 4))
