"""Effect of an edit: what it would change for authors (findings) and for visitors (answers)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.authoring.edits import FileChange
from app.catalog.findings import Finding
from app.catalog.model import Question
from app.matching.decision import Decision, Outcome
from app.matching.fit.catalog_tests import QuestionKind, kind_of
from app.matching.matcher import Matcher


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """Question that visitors asked, and how many times."""

    question: str
    locale: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """Result of a question: an intent, chips, or neither."""

    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovedAnswer:
    """Question that would get something else; `better` is known for tests alone."""

    question: str
    locale: str
    times: int
    source: Literal["test", "recorded"]
    before: Answered
    after: Answered
    better: bool | None


@dataclass(frozen=True, slots=True)
class EditPreview:
    """Effect of edits on files, on what `check` says, on answers, and on the expected shares of right and wrong clips.

    The shares are None where nothing was measured.
    """

    changes: tuple[FileChange, ...]
    findings: tuple[Finding, ...]
    cleared: tuple[Finding, ...]
    moved: tuple[MovedAnswer, ...] = ()
    asked: int = 0
    """Number of questions that were asked before and after."""
    right_before: float | None = None
    right_after: float | None = None
    wrong_before: float | None = None
    wrong_after: float | None = None
    written: bool = False


def new_findings(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of `after` that `before` has not, wherever their lines moved and whatever they count."""
    known = {_said(one) for one in before}
    return tuple(one for one in after if _said(one) not in known)


def _said(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.file, re.sub(r"\d+", "0", finding.message)


def moved_answers(
    tests: Sequence[Question], recorded: Sequence[AskedBefore], *, before: Matcher, after: Matcher
) -> tuple[MovedAnswer, ...]:
    """Ask every question before and after the edit; return those that would get something else. Blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    default = after.default_locale
    asked = [AskedBefore(one.ask, one.locale or default) for one in tests] + list(recorded)
    pairs = zip(_decided(asked, before), _decided(asked, after), strict=True)
    found = []
    for at, (one, (old, new)) in enumerate(zip(asked, pairs, strict=True)):
        if _answered(old) == _answered(new):
            continue
        test = tests[at] if at < len(tests) else None
        better = _better(kind_of(test, old), kind_of(test, new)) if test else None
        source: Literal["test", "recorded"] = "test" if test else "recorded"
        found.append(MovedAnswer(one.question, one.locale, one.times, source, _answered(old), _answered(new), better))
    return tuple(found)


def _decided(asked: Sequence[AskedBefore], matcher: Matcher) -> list[Decision]:
    found: dict[int, Decision] = {}
    for locale in sorted({one.locale for one in asked}):
        rows = [at for at, one in enumerate(asked) if one.locale == locale]
        found.update(zip(rows, matcher.decide_many([asked[at].question for at in rows], locale=locale), strict=True))
    return [found[at] for at in range(len(asked))]


def _answered(decision: Decision) -> Answered:
    return Answered(decision.outcome, decision.intent, decision.choices)


_WORTH: dict[QuestionKind, int] = {"wrong clip": 0, "missed": 1, "asked back": 2, "hit": 3, "refused": 3}


def _better(before: QuestionKind, after: QuestionKind) -> bool | None:
    gain = _WORTH[after] - _WORTH[before]
    return None if not gain else gain > 0
