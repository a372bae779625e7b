"""Alarm: which intent answers an urgent question."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Self

from app.catalog.model import Catalog, Intent, Role
from app.matching.normalise import normalise
from app.matching.reading.gloss import clauses_in_english
from app.matching.urgent.grammar import NeedKind
from app.matching.urgent.hearing import Clause, clauses, hear, own_words


@dataclass(frozen=True, slots=True)
class Alarmed:
    """Urgent question: the intent that answers it, the words that said so, and the kind of need if one was heard."""

    intent: str
    words: str
    kind: NeedKind | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Urgent intents of a catalog; without any, nothing is urgent."""

    kinds: Mapping[str, Mapping[NeedKind, int]] = field(default_factory=dict)
    """For each urgent intent, in the catalog's order, how many of its phrases tell of which need."""
    phrases: Mapping[str, str] = field(default_factory=dict)
    """The intent of each clause that is one of its phrases."""
    barred: frozenset[str] = frozenset()
    """Normalised `not_phrases` of the urgent intents."""
    known: frozenset[str] = frozenset()
    """Words of the catalog: they are never read as mistyped words of need."""

    @classmethod
    def of(cls, catalog: Catalog) -> Self:
        """Return the alarm of a catalog."""
        urgent = catalog.in_role(Role.URGENT)
        if not urgent:
            return cls()
        everyday = [one for one in catalog.intents if one.role is not Role.URGENT]
        return cls(
            kinds={
                intent.id: Counter(
                    need.kind for locale, text in _spoken(intent) if (need := hear(said_in(text, locale)))
                )
                for intent in urgent
            },
            phrases={clause: intent.id for intent in reversed(urgent) for clause in _whole(_spoken(intent))},
            barred=frozenset(normalise(text) for one in urgent for texts in one.not_phrases.values() for text in texts),
            known=own_words(text for one in everyday for text in (one.title, *(said for _, said in _spoken(one)))),
        )

    def find(self, text: str, locale: str, *, normalised: str, closed: frozenset[str]) -> Alarmed | None:
        """Return what answers an urgent question, none of `closed`; None for any other question."""
        if not self.kinds or normalised in self.barred:
            return None
        said = said_in(text, locale, self.known)
        need = hear(said)
        if need and (intent := self._answering(need.kind, closed)):
            return Alarmed(intent, need.words, need.kind)
        own = ((self.phrases[one.words], one.words) for one in said if one.words in self.phrases)
        return next((Alarmed(intent, one) for intent, one in own if intent not in closed), None)

    def _answering(self, kind: NeedKind, closed: frozenset[str]) -> str | None:
        """Return the intent whose phrases tell most of this need, else of any, else the first."""
        open_ = [one for one in self.kinds if one not in closed]
        return max(open_, key=lambda one: (self.kinds[one][kind], self.kinds[one]["call"]), default=None)


def _spoken(intent: Intent) -> Iterable[tuple[str, str]]:
    """Return the intent's phrases, each after its locale."""
    return ((locale, text) for locale, texts in intent.phrases.items() for text in texts)


def _whole(phrases: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Return the phrases that are one clause, as the grammar spells them."""
    for locale, text in phrases:
        for said in _readings(text, locale):
            if len(said) == 1:
                yield said[0].words


def said_in(text: str, locale: str, known: frozenset[str] = frozenset()) -> tuple[Clause, ...]:
    """Return the clauses of a text in which need is heard: `known` words are no slips.

    In a language without a grammar of need they are in English words, and after these as they were typed: people in
    need speak any language, whatever the session's is.
    """
    return tuple(chain.from_iterable(_readings(text, locale, known)))


def _readings(text: str, locale: str, known: frozenset[str] = frozenset()) -> Iterable[tuple[Clause, ...]]:
    """Return the clauses of each reading of a text."""
    return (clauses(one, known) for one in dict.fromkeys((clauses_in_english(text, locale), text)))
