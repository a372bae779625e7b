"""Rules about `tests.yaml`: known intents, no question that contradicts another or the phrases."""

from collections.abc import Iterator

from app.catalog.findings import TESTS_FILE, Finding, SourceLine
from app.catalog.model import Question
from app.catalog.rules.context import Context, error, warning
from app.catalog.validation_messages import did_you_mean
from app.text import fold

NONE = "none"
"""Expectation of a question that must reach no intent."""


def unknown_intents(context: Context) -> Iterator[Finding]:
    """Questions about unknown intents."""
    known = [intent.id for intent in context.catalog.intents]
    for at, question in enumerate(context.catalog.questions):
        if question.expect not in {None, NONE, *known}:
            message = f"Expected the id of an intent or `none`, got `{question.expect}`."
            hint = did_you_mean(question.expect or "", [*known, NONE])
            yield error("reference", _place(context, at, "expect"), message, hint)
        for name in question.not_:
            if name not in known:
                message = f"Expected the id of an intent in `not`, got `{name}`."
                yield error("reference", _place(context, at, "not"), message, did_you_mean(name, known))


def pointless(context: Context) -> Iterator[Finding]:
    """Questions that check nothing or can never pass."""
    for at, question in enumerate(context.catalog.questions):
        if question.expect is None and not question.not_:
            message = "Expected `expect` or `not` beside the question, got neither."
            yield warning("question-open", _place(context, at), message, "Say what it must reach, or `none`.")
        if question.expect in question.not_:
            message = f"Expected different intents in `expect` and `not`, got `{question.expect}` in both."
            yield error("question-contradicts", _place(context, at, "not"), message, "Remove one of them.")


def contradicting(context: Context) -> Iterator[Finding]:
    """One question with two expectations."""
    seen: dict[tuple[str, str], tuple[int, Question]] = {}
    for at, question in enumerate(context.catalog.questions):
        if question.expect is None:
            continue
        first_at, first = seen.setdefault((_locale(context, question), fold(question.ask)), (at, question))
        if first.expect != question.expect:
            line = _place(context, first_at).line
            both = f"`{question.expect}` and `{first.expect}` (line {line})"
            message = f"Expected one outcome for `{question.ask}`, got {both}."
            yield error("question-contradicts", _place(context, at, "expect"), message, "Keep one of them.")


def against_phrases(context: Context) -> Iterator[Finding]:
    """Questions worded exactly like a phrase of another intent, or like a near miss of the expected one."""
    phrases, refused = _by_words(context)
    for at, question in enumerate(context.catalog.questions):
        words = (_locale(context, question), fold(question.ask))
        place = _place(context, at, "expect")
        owner = phrases.get(words)
        if question.expect is not None and owner not in {None, question.expect}:
            message = f"Expected `{question.expect}` for `{question.ask}`, but these words are a phrase of `{owner}`."
            yield error("question-contradicts", place, message, "Change the question or the phrase.")
        elif question.expect in refused.get(words, ()):
            message = f"Expected `{question.expect}` for `{question.ask}`, but its `not_phrases` has these words."
            yield error("question-contradicts", place, message, "Change the question or the near miss.")


_Words = tuple[str, str]


def _by_words(context: Context) -> tuple[dict[_Words, str], dict[_Words, set[str]]]:
    phrases: dict[_Words, str] = {}
    refused: dict[_Words, set[str]] = {}
    for intent in context.catalog.intents:
        for locale, texts in intent.phrases.items():
            phrases.update({(locale, fold(text)): intent.id for text in texts})
        for locale, texts in intent.not_phrases.items():
            for text in texts:
                refused.setdefault((locale, fold(text)), set()).add(intent.id)
    return phrases, refused


def _locale(context: Context, question: Question) -> str:
    return question.locale or context.catalog.default_locale


def _place(context: Context, at: int, *path: str) -> SourceLine:
    return context.places.find(TESTS_FILE, "tests", at, *path)
