"""Catalog tests: the questions of `tests.yaml` against a matcher, with hits, wrong clips and refusals."""

import sys
from collections import Counter
from collections.abc import Sequence
from math import ceil
from typing import Literal

from app.catalog.model import Question
from app.matching.decision import Decision, Outcome, Value
from app.matching.fit.expected_rates import NOBODY, Expected, IntentScore, expect, worst
from app.matching.matcher import Matcher
from app.matching.wilson_interval import Z95, Share, wilson

QuestionKind = Literal["hit", "wrong clip", "refused", "missed", "asked back"]


class Result(Value):
    """Result of one question of `tests.yaml`."""

    ask: str
    expect: str | None
    not_: tuple[str, ...] = ()
    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]
    kind: QuestionKind
    ok: bool
    """True if the result is the expected one; a miss is accepted if the question has `may_miss`."""
    why: str
    """Reason in words if the result is not the expected one; empty for a hit or a refusal."""


class Confusion(Value):
    """Clip of an intent that played for a question meant for another one (or for `none`), and how often."""

    expected: str
    played: str
    count: int


class Evaluation(Value):
    """Report of an evaluation; a share is of the questions named below it, with a 95 % Wilson interval."""

    results: tuple[Result, ...]
    hit_rate: Share
    """Questions that got the clip they expect, of all questions."""
    recall: Share
    """Questions that got the clip they expect, of those that expect a clip."""
    false_hit_rate: Share
    """Questions that got a wrong clip, of all questions."""
    refused: Share
    """Questions that got no clip, of those that must reach none."""
    clarified: Share
    """Questions whose intent was among the chips, of those that expect a clip and got chips."""
    helped: Share
    """Questions that got the clip they expect, or their intent among the chips, of those that expect a clip."""
    needless_chips: Share
    """Questions that got chips, of those that must reach none."""
    confusions: tuple[Confusion, ...]
    worst: tuple[IntentScore, ...]
    """Intents that missed at least one of their questions, worst first."""
    promise: float
    """The false-hit rate that the catalog asks for."""
    held_out: Expected
    """Rates for the catalog's own phrases, each asked while it was held out."""
    notes: tuple[str, ...]
    """Limits of these figures: too few phrases, too few tests."""

    @property
    def failed(self) -> int:
        """Number of questions whose result is not accepted."""
        return sum(not one.ok for one in self.results)

    @property
    def kept(self) -> bool:
        """True if the false-hit rate is within the promise, on the tests and on the held-out phrases."""
        return max(self.false_hit_rate.value, self.held_out.false_hit_rate.value) <= self.promise

    @property
    def passed(self) -> bool:
        """True if the promise is kept and every result is accepted."""
        return self.kept and not self.failed


def evaluate(questions: Sequence[Question], matcher: Matcher, *, promise: float) -> Evaluation:
    """Ask every question, each on its own, and every phrase held out; blocking for as long as a fit.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    results = _asked(questions, matcher)
    held_out = expect(matcher.prepared, matcher.fitted)
    meant = [one for one in results if one.expect not in (None, NOBODY)]
    nothing = [one for one in results if one.expect == NOBODY]
    chips = [one for one in meant if one.outcome == "clarify"]
    return Evaluation(
        results=results,
        hit_rate=wilson(_count(results, "hit"), len(results)),
        recall=wilson(_count(meant, "hit"), len(meant)),
        false_hit_rate=wilson(_count(results, "wrong clip"), len(results)),
        refused=wilson(sum(one.outcome != "answer" for one in nothing), len(nothing)),
        clarified=wilson(sum(one.expect in one.choices for one in chips), len(chips)),
        helped=wilson(sum(one.kind in ("hit", "asked back") for one in meant), len(meant)),
        needless_chips=wilson(sum(one.outcome == "clarify" for one in nothing), len(nothing)),
        confusions=_confusions(results),
        worst=worst([(str(one.expect), one.kind == "hit") for one in meant]),
        promise=promise,
        held_out=held_out,
        notes=(*matcher.fitted.notes, *_doubts(len(results), held_out, promise)),
    )


def _doubts(tests: int, held_out: Expected, promise: float) -> list[str]:
    """Return notes on figures that cannot prove the promise."""
    needed = enough_questions(promise)
    doubts = []
    if tests < needed:
        doubts.append(
            f"{tests} question{'' if tests == 1 else 's'} in tests.yaml can't prove {promise:.1%}; that takes "
            f"{needed}, no wrong clip among them"
        )
    if held_out.questions and held_out.false_hit_rate.high > 2 * promise:
        doubts.append(
            f"the held-out phrases leave room for up to {held_out.false_hit_rate.high:.1%} wrong clips; more phrases "
            "narrow that down"
        )
    return doubts


def enough_questions(promise: float) -> int:
    """Return the number of questions, all without a wrong clip, that proves the promise."""
    return ceil(Z95**2 * (1 - promise) / promise) if promise > 0 else sys.maxsize


def _asked(questions: Sequence[Question], matcher: Matcher) -> tuple[Result, ...]:
    decided: dict[int, Decision] = {}
    for locale in sorted({one.locale or "" for one in questions}):
        rows = [at for at, one in enumerate(questions) if (one.locale or "") == locale]
        answers = matcher.decide_many([questions[at].ask for at in rows], locale=locale or None)
        decided.update(zip(rows, answers, strict=True))
    return tuple(_result(question, decided[at]) for at, question in enumerate(questions))


def _result(question: Question, decision: Decision) -> Result:
    kind = kind_of(question, decision)
    right = kind in ("hit", "refused")
    return Result(
        ask=question.ask,
        expect=question.expect,
        not_=question.not_,
        outcome=decision.outcome,
        intent=decision.intent,
        choices=decision.choices,
        kind=kind,
        ok=right or (question.may_miss and kind != "wrong clip"),
        why="" if right else _why(question, decision),
    )


def kind_of(question: Question, decision: Decision) -> QuestionKind:
    """Return what the decision means for a question with this expectation."""
    answered = decision.intent if decision.outcome == "answer" else None
    if answered is not None and (answered in question.not_ or question.expect not in (None, answered)):
        return "wrong clip"
    if question.expect in (None, NOBODY):
        return "refused" if answered is None or question.expect is None else "wrong clip"
    if answered is not None:
        return "hit"
    return "asked back" if question.expect in decision.choices else "missed"


def _why(question: Question, decision: Decision) -> str:
    wanted = f"`{question.expect}`" if question.expect else "anything but " + ", ".join(f"`{n}`" for n in question.not_)
    receipt = decision.receipt
    if decision.outcome == "answer":
        return f"expected {wanted}, got `{decision.intent}` ({receipt.probability:.0%} sure)"
    if decision.choices:
        return f"expected {wanted}, asked back: {', '.join(f'`{choice}`' for choice in decision.choices)}"
    stopped = next((verdict.reason for verdict in receipt.guards if not verdict.passed), "")
    unsure = f"{receipt.probability:.0%} sure of `{receipt.intent}`, {receipt.thresholds.answer:.0%} needed"
    return f"expected {wanted}, missed: {stopped or unsure}"


def _count(results: Sequence[Result], kind: QuestionKind) -> int:
    return sum(one.kind == kind for one in results)


def _confusions(results: Sequence[Result]) -> tuple[Confusion, ...]:
    wrong = Counter((one.expect or "other", one.intent or "") for one in results if one.kind == "wrong clip")
    ordered = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(expected=pair[0], played=pair[1], count=count) for pair, count in ordered)
