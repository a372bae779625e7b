"""Reading: what a rule is given, and what it says."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.adapters.text_normalisation.words import WORDS, Words
from app.catalog.spoken.figures import language_of, settled_number
from app.catalog.spoken.form import Segment

Said = str | Sequence[Segment] | None
"""Reading of a match: words, or its stretches with theirs; None if it is none of the rule's."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Locale of a text, and the grammars' reading of a form."""

    locale: str
    grammar: Callable[[str], str]

    @property
    def words(self) -> Words:
        """Words of the language."""
        return WORDS[language_of(self.locale)]

    def say(self, form: str) -> str | None:
        """Return the words of a form by the grammars; None if they do not know it."""
        said = self.grammar(form)
        return None if said == form or re.search(r"[\d€$£¥]", said) else said

    def number(self, written: str) -> str | None:
        """Return the words of a number with whatever marks; None where two readings fit."""
        settled = settled_number(written, self.locale)
        return None if settled is None else self.say(self.in_marks(settled))

    def in_marks(self, settled: str) -> str:
        """Return a number of `settled_number` with the marks of the language."""
        return settled if language_of(self.locale) == "en" else settled.replace(".", ",")

    def digits(self, figures: str) -> str:
        """Return figures digit by digit."""
        return " ".join(self.words.digits[int(figure)] for figure in figures)


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule: a pattern, and what a match is read as."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Reading], Said]


def stop(match: re.Match[str], *, before_capital: bool) -> str:
    """Return the point of a match that ends in one, where it ends its sentence, too; else nothing."""
    if not match[0].endswith("."):
        return ""
    rest = match.string[match.end() :].lstrip(" \"'“”‘’«»()¿¡")
    return "." if not rest or (before_capital and rest[0].isupper()) else ""


def rule(pattern: str, read: Callable[[re.Match[str], Reading], Said], flags: int = 0) -> Rule:
    """Return a rule of a pattern in `re`'s verbose syntax."""
    return Rule(re.compile(pattern, re.VERBOSE | flags), read)


def table(entries: dict[str, str], after: str = "", closing: frozenset[str] = frozenset()) -> Rule:
    """Return a rule that reads abbreviations by a table; they stand as whole words, before what `after` looks for.

    The point of one that ends in a point stays where a sentence ends with it: before nothing, and after one of the
    `closing` ones, which follow what they belong to, before a capital.
    """
    listed = "|".join(re.escape(one) for one in sorted(entries, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.&/-])(?:{listed})(?!\w){after}")

    def read(match: re.Match[str], reading: Reading) -> Said:
        del reading
        return entries[match[0]] + stop(match, before_capital=match[0] in closing)

    return Rule(pattern, read)
