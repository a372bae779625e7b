"""Pronunciation lexicon of a catalog: how names and words are spoken, by locale."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.catalog.facts import EVERY_LOCALE
from app.catalog.model import Avatar, CatalogFile
from app.catalog.spoken.form import Segment


def pronunciations(settings: CatalogFile, facts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return what a catalog says of pronunciation, by locale: spoken forms of facts, then `pronounce:`."""
    tables = {locale: dict(forms) for locale, forms in facts.items()}
    for written, said in settings.pronounce.items():
        for locale, spoken in said.items() if isinstance(said, dict) else ((EVERY_LOCALE, said),):
            tables.setdefault(locale, {})[written] = spoken
    return tables


@dataclass(frozen=True)
class PronunciationLexicon:
    """Pronunciations in one locale: a written form to a respelling, or to `/phonemes/`."""

    entries: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, avatar: Avatar, locale: str) -> "PronunciationLexicon":
        """Return what the avatar's catalog says for this locale: its language's entries, then its own."""
        language = locale.partition("-")[0]
        tables = (avatar.pronounce.get(key, {}) for key in dict.fromkeys((EVERY_LOCALE, language, locale)))
        return cls({written: spoken for table in tables for written, spoken in table.items()})

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.entries:
            return None
        longest_first = sorted(self.entries, key=len, reverse=True)
        return re.compile(rf"(?<![\w.,])(?:{'|'.join(map(re.escape, longest_first))})(?![\w]|[.,]\d)")

    def segments(self, text: str) -> tuple[Segment, ...]:
        """Return the text in stretches; entries match whole words, their case as written, the longest first."""
        if self._pattern is None:
            return (Segment.same(text),)
        found, at = [], 0
        for match in self._pattern.finditer(text):
            found += [
                Segment.same(text[at : match.start()]),
                Segment(match[0], _spoken(match[0], self.entries[match[0]])),
            ]
            at = match.end()
        return tuple(one for one in (*found, Segment.same(text[at:])) if one.written)


def _spoken(written: str, entry: str) -> str:
    """Return the respelling, or the phonemes in the notation of `without_phonemes`."""
    if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
        return f"[{written}]({entry})"
    return entry
