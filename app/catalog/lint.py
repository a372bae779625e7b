"""Lint: pure rules over a loaded catalog.

The loader itself reports what only it can see (unreadable files, unknown keys, facts not found or never
used). What must be measured (the portrait, distances between phrases) comes in as values.
"""

from collections.abc import Callable, Iterator
from datetime import date

from app.catalog.findings import Finding, SourceLines, ordered
from app.catalog.model import Catalog
from app.catalog.rules import answers, avatar, links, phrases, questions, spoken_forms, words
from app.catalog.rules.context import Context, Measured

Rule = Callable[[Context], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    links.duplicate_ids,
    links.unknown_next,
    links.unknown_then,
    links.unknown_calls,
    links.unknown_players,
    links.missing_roles,
    phrases.none_usable,
    phrases.too_few,
    phrases.without_words,
    phrases.shared,
    phrases.refused_and_wanted,
    phrases.confusable,
    answers.empty,
    answers.not_filmed,
    answers.too_long,
    answers.validity,
    answers.half_translated,
    words.not_sayable,
    words.unfinished,
    words.broken_letters,
    words.quoted,
    words.long_titles,
    words.other_languages,
    spoken_forms.two_ways,
    avatar.consent,
    avatar.disclosure,
    avatar.voices,
    avatar.portrait,
    questions.unknown_intents,
    questions.pointless,
    questions.contradicting,
    questions.against_phrases,
)


def lint(
    catalog: Catalog, *, today: date, places: SourceLines | None = None, measured: Measured | None = None
) -> tuple[Finding, ...]:
    """Return every rule's findings, by file and line."""
    context = Context(catalog, today, places or SourceLines(), measured or Measured())
    return ordered(finding for rule in RULES for finding in rule(context))
