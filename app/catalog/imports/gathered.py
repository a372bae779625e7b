"""Gathered intents: all that one export holds, in its own words, and what was left out with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.catalog.model import Role

OWN = ""
"""Locale of texts whose export does not say their language."""


@dataclass(frozen=True, slots=True)
class Left:
    """Part of an export that does not come along: its place, what it is, and why."""

    where: str
    what: str
    why: str


@dataclass(slots=True)
class SourceIntent:
    """Intent as its export has it; texts are raw and by locale, `held` are reasons to keep it from visitors."""

    name: str
    title: str = ""
    topic: str = ""
    role: Role = Role.ANSWER
    phrases: dict[str, list[str]] = field(default_factory=dict)
    not_phrases: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    url: str = ""
    next: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    exact: dict[str, Any] = field(default_factory=dict)
    """Keys of an intent's file that are taken as they are: only our own export has them."""

    def ask(self, text: object, locale: str = OWN) -> None:
        """Add a way to ask."""
        if isinstance(text, str) and text.strip():
            self.phrases.setdefault(locale, []).append(text)

    def say(self, text: object, locale: str = OWN) -> None:
        """Add a variant of the answer."""
        if isinstance(text, str) and text.strip():
            self.answers.setdefault(locale, []).append(text)

    def hold(self, reason: str) -> None:
        """Keep the intent a draft, for a reason that its author reads."""
        if reason not in self.held:
            self.held.append(reason)

    @property
    def texts(self) -> int:
        """Return how many phrases and answers were found."""
        return sum(len(texts) for by_locale in (self.phrases, self.answers) for texts in by_locale.values())


@dataclass(slots=True)
class Gathered:
    """Content of one export: its intents by name, what was left, its own name and language."""

    kind: str
    intents: dict[str, SourceIntent] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    locale: str = OWN

    def intent(self, name: str) -> SourceIntent:
        """Return the intent of this name; several files may add to one."""
        return self.intents.setdefault(name, SourceIntent(name))

    def leave(self, where: str, what: str, why: str) -> None:
        """Name a part that does not come along, once."""
        one = Left(where, what[:200], why)
        if one not in self.left[-50:]:
            self.left.append(one)

    def add(self, other: "Gathered") -> None:
        """Take over what another file of the same folder holds."""
        for name, intent in other.intents.items():
            if name not in self.intents:
                self.intents[name] = intent
                continue
            mine = self.intents[name]
            for locale, text in ((locale, text) for locale, texts in intent.phrases.items() for text in texts):
                mine.ask(text, locale)
            for locale, text in ((locale, text) for locale, texts in intent.answers.items() for text in texts):
                mine.say(text, locale)
        self.left += other.left
        self.facts |= other.facts
        self.name, self.locale = self.name or other.name, self.locale or other.locale


def mappings(value: object) -> Iterator[dict[str, Any]]:
    """Yield the mappings of a list; nothing for anything else."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def mapping(value: object) -> dict[str, Any]:
    """Return a mapping as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> Iterator[str]:
    """Yield the texts of a list, or the one text."""
    listed = value if isinstance(value, list) else [value]
    return (one for one in listed if isinstance(one, str) and one.strip())
