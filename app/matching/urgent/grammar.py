"""Grammar of need: patterns of words that say who is in what state, or which help is called for.

A pattern is a regular expression over words one blank apart. `<name>` stands for a class of words, and one group in
«» holds the words without which the pattern cannot match: they say which patterns are worth a look, and they are
what a mistyped word is read as.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, get_args

NeedKind = Literal["fire", "medical", "danger", "crisis", "lost child", "call"]
KINDS: tuple[NeedKind, ...] = get_args(NeedKind)
"""Kinds of need; `call` is a call for help that does not say what for."""

_CLASS = re.compile(r"<([a-z_]+)>")
_TRIGGERS = re.compile("«([^«»]*)»")
_LETTERS = re.compile(r"[^\W_]+")
_LANGUAGES = ("en", "de")
_FOLD = re.compile(r"\n *")
_NOT_AFTER = re.compile(r"\(\?! \(\?:([^()]*)\)\)")
"""Words that may not follow; they are whole words: `her` is not the beginning of `here`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Grammar of one language."""

    classes: Mapping[str, str]
    """Classes by name, as alternatives of a regular expression; a class may name those before it."""
    patterns: Mapping[NeedKind, Sequence[str]]
    people: frozenset[str]
    """Names of the classes of people."""
    shouted: frozenset[str]
    """Clauses that call for help only with an exclamation mark."""
    doubts: re.Pattern[str]
    """Words before a pattern that make it a case and no fact: `if`, `whether`, `what happens when`."""
    past: re.Pattern[str]
    """Words anywhere in the clause that move it to another time: `last year`, `every day`."""
    tales: re.Pattern[str]
    """Words anywhere in the clause that move it to another world: `in the painting`, `on Instagram`."""
    openings: re.Pattern[str]
    """Words at the start of a clause that say nothing: `help`, `sorry`, `I think`."""


@dataclass(frozen=True, slots=True)
class Need:
    """Need that was heard: its kind, and the words that said it."""

    kind: NeedKind
    words: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: NeedKind
    expression: re.Pattern[str]
    language: Language


class Grammar:
    """Patterns of all languages, by the words that they need."""

    def __init__(self, languages: Iterable[Language]) -> None:
        """Expand and compile the patterns."""
        self._by_word: dict[str, list[_Pattern]] = {}
        self._languages = tuple(languages)
        people: set[str] = set()
        own: list[frozenset[str]] = []
        for language in self._languages:
            words: set[str] = set()
            classes = _expanded(language.classes)
            words.update(_LETTERS.findall(" ".join(classes.values())))
            people.update(_LETTERS.findall(" ".join(classes[name] for name in language.people)))
            for kind, patterns in language.patterns.items():
                for text in patterns:
                    words.update(self._add(kind, text, classes, language))
            own.append(frozenset(words))
        self.vocabularies = tuple(own)
        """Every word that the patterns of a language know, in the order of the languages."""
        self.vocabulary = frozenset().union(*own)
        self.worth_mending = frozenset(self._by_word) | people
        """Words that a mistyped one is read as: those of need, and people."""

    @property
    def triggers(self) -> frozenset[str]:
        """Words of which a clause must have one."""
        return frozenset(self._by_word)

    def hear(self, clause: str, *, shouted: bool) -> Need | None:
        """Return the need that a clause of normalised words tells of; None for any other clause."""
        if shouted and any(clause in language.shouted for language in self._languages):
            return Need("call", clause)
        for pattern in self._worth_a_look(clause.split()):
            if heard := _match(pattern, clause):
                return Need(pattern.kind, heard)
        return None

    def _add(self, kind: NeedKind, text: str, classes: Mapping[str, str], language: Language) -> list[str]:
        full = _NOT_AFTER.sub(r"(?! (?:\1)(?= |$))", _filled(text, classes))
        needed = _TRIGGERS.search(full)
        if needed is None:
            raise ValueError(f"Expected words in «», got none in `{text}`.")
        grouped = _TRIGGERS.sub(r"(?:\1)", full)
        expression = re.compile(rf"(?:(?<= )|^)(?:{grouped})(?= |$)")
        for word in {max(_LETTERS.findall(one), key=len) for one in needed[1].split("|")}:
            self._by_word.setdefault(word, []).append(_Pattern(kind, expression, language))
        return _LETTERS.findall(_TRIGGERS.sub(r" \1 ", full))

    def _worth_a_look(self, words: Sequence[str]) -> Iterator[_Pattern]:
        found = {id(one): one for word in words for one in self._by_word.get(word, ())}
        return iter(sorted(found.values(), key=lambda one: KINDS.index(one.kind)))


def _match(pattern: _Pattern, clause: str) -> str | None:
    """Return the words of the first match that is neither a case nor a tale; who may die is heard in any case."""
    language, always = pattern.language, pattern.kind == "crisis"
    if language.tales.search(clause) or (not always and language.past.search(clause)):
        return None
    opening = language.openings.match(clause)
    said = clause[opening.end() :] if opening else clause
    for text in dict.fromkeys((said, clause)):
        for match in pattern.expression.finditer(text):
            if always or not language.doubts.search(text[: match.start()]):
                return match.group()
    return None


def _expanded(classes: Mapping[str, str]) -> dict[str, str]:
    full: dict[str, str] = {}
    for name, text in classes.items():
        full[name] = _filled(text, full)
    return full


def _filled(text: str, classes: Mapping[str, str]) -> str:
    return _CLASS.sub(lambda name: f"(?:{classes[name[1]]})", text)


def languages() -> tuple[Language, ...]:
    """Return the grammar of each language."""
    return tuple(_language(_data(f"urgent_{name}.toml")) for name in _LANGUAGES)


def short_forms() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return short forms and chat spellings in full, and the same for endings with an apostrophe."""
    data = _data("urgent_short_forms.toml")
    words, endings = ({short: tuple(full.split()) for short, full in data[key].items()} for key in ("words", "endings"))
    return words, endings


def everyday_words() -> frozenset[str]:
    """Return words that are a slip or two away from a word of need, and have a meaning of their own."""
    lines = _text("everyday_words.txt").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _language(data: Mapping[str, Any]) -> Language:
    return Language(
        classes={name: _folded(text) for name, text in data["classes"].items()},
        patterns={kind: tuple(map(_folded, data["patterns"][kind])) for kind in KINDS},
        people=frozenset(data["people"]),
        shouted=frozenset(data["shouted"]),
        doubts=re.compile(_folded(data["doubts"])),
        past=re.compile(_folded(data["past"])),
        tales=re.compile(_folded(data["tales"])),
        openings=re.compile(_folded(data["openings"])),
    )


def _folded(text: str) -> str:
    """Return a pattern in one line: line breaks and the blanks after them are layout."""
    return _FOLD.sub("", f"\n{text}")


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return files("app.matching").joinpath("data", name).read_text("utf-8")
