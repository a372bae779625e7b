"""Facts: texts that many answers share and that are written once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.catalog.card import Card, PageCall
from app.catalog.findings import Complaint, KeyPath
from app.catalog.model import AvatarFile, IntentFile
from app.catalog.page_variables import is_reference, names_page
from app.catalog.validation_messages import did_you_mean

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_REFERENCE = re.compile(rf"\s*facts\s*\.\s*({_NAME.pattern}(?:\.{_NAME.pattern})?)\s*")

FactText = str | Mapping[str, str]
"""Text of a fact: one for every locale, or one per locale."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts by dotted name (`opening_hours`, `prices.adult`), as their file writes them."""

    texts: Mapping[str, FactText] = field(default_factory=dict)
    default_locale: str = "en"
    spoken: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Spoken form of each shown one, by locale; under an empty text for every locale."""
    either: frozenset[str] = frozenset()
    """Names of groups that are also facts per locale, some of which the catalog does not serve."""

    def text(self, name: str, locale: str) -> str | None:
        """Return a fact's text in this locale, else in the default one."""
        found = self.texts.get(name)
        if found is None or isinstance(found, str):
            return found
        return found.get(locale, found.get(self.default_locale))


def fact_texts(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Return the texts of all facts by locale, under `EVERY_LOCALE` those for every one."""
    found: dict[str, list[str]] = {}
    for text in facts.texts.values():
        for locale, one in ((EVERY_LOCALE, text),) if isinstance(text, str) else text.items():
            if one:
                found.setdefault(locale, []).append(one)
    return {locale: tuple(texts) for locale, texts in found.items()}


def read_facts(
    data: object, *, written: Mapping[KeyPath, str], locales: tuple[str, ...], default_locale: str
) -> tuple[Facts, tuple[Complaint, ...]]:
    """Read the facts of a parsed `facts.yaml`.

    Numbers stay in the form in which they are `written` (`12.50`).

    A value is a text, a number, a text per locale, or a group of those. Instead of a text there may be two, `shown` and
    `spoken`. Keys that are all language tags, one of them of `locales`, are locales: those that are not served are left
    out. At the top they may be a group as well (`{de: ..., at: ...}` by country), and both readings hold.
    """
    reading = _Reading(written, frozenset(locales))
    if isinstance(data, dict):
        for name, value in data.items():
            reading.entry(name, value)
    elif data is not None:
        reading.complain("fact-value", (), "Expected a mapping of names to values, got something else.", "")
    facts = Facts(reading.texts, default_locale, reading.spoken, frozenset(reading.either))
    return facts, tuple(reading.complaints)


class _Reading:
    def __init__(self, written: Mapping[KeyPath, str], locales: frozenset[str]) -> None:
        self._written = written
        self._locales = locales
        self.texts: dict[str, FactText] = {}
        self.spoken: dict[str, dict[str, str]] = {}
        self.either: set[str] = set()
        self.complaints: list[Complaint] = []

    def complain(self, rule: str, path: KeyPath, message: str, hint: str) -> None:
        self.complaints.append(Complaint(rule, path, message, hint))

    def entry(self, name: str, value: object) -> None:
        """Read a fact, or a group of facts."""
        per_locale = isinstance(value, dict) and self._per_locale(value)
        served = isinstance(value, dict) and bool(value) and value.keys() <= self._locales
        if isinstance(value, dict) and not served and not value.keys() & _FORMS:
            for inner, leaf in value.items() if not per_locale or self._may_be_group(value) else ():
                self._leaf(f"{name}.{inner}", leaf, (name, inner))
            if not per_locale:
                return
            self.either.add(name)
        self._leaf(name, value, (name,))

    def _leaf(self, name: str, value: object, path: KeyPath) -> None:
        if not _NAME.fullmatch(str(path[-1])):
            hint = "Rename it, for example `opening_hours`."
            self.complain("fact-name", path, f"Expected letters, digits, `_` and `-`, got `{path[-1]}`.", hint)
        elif isinstance(value, dict) and self._per_locale(value):
            served = {locale: text for locale, text in value.items() if locale in self._locales}
            self._complain_of_slips(value, path)
            texts = {locale: self._one(text, (*path, locale), locale) for locale, text in served.items()}
            self.texts[name] = {locale: text for locale, text in texts.items() if text is not None}
        elif isinstance(value, dict) and isinstance(value.get("shown"), dict) and self._per_locale(value["shown"]):
            self._leaf(name, _turned(value), path)
        else:
            text = self._one(value, path, EVERY_LOCALE)
            self.texts[name] = text if text is not None else ""

    def _complain_of_slips(self, value: Mapping[str, object], path: KeyPath) -> None:
        """Complain of a locale that is not served where a served one is missing: it may be the same, misspelt.

        Where a language was taken off the catalog, all that are served are there.
        """
        strange, missing = value.keys() - self._locales, self._locales - value.keys()
        for key in sorted(strange) if missing else ():
            lacking = ", ".join(f"`{one}`" for one in sorted(missing))
            message = f"Expected a locale of the catalog, got `{key}`, while {lacking} has no text."
            self.complain("fact-value", (*path, key), message, "Correct the locale, or add the text that is missing.")

    def _one(self, value: object, path: KeyPath, locale: str) -> str | None:
        """Return the shown text of a value, and note its spoken one if there are two."""
        if not isinstance(value, dict) or not value.keys() & _FORMS:
            return self._text(value, path)
        if value.keys() != _FORMS:
            got = " and ".join(f"`{key}`" for key in value)
            hint = "Write what is shown under `shown:` and the words that are said under `spoken:`."
            self.complain("fact-value", path, f"Expected `shown` and `spoken`, got {got}.", hint)
            return None
        shown, spoken = self._text(value["shown"], (*path, "shown")), value["spoken"]
        by_locale = spoken if isinstance(spoken, dict) and self._per_locale(spoken) else {locale: spoken}
        for tag, words in by_locale.items():
            if tag and tag not in self._locales:
                continue
            inside = (*path, "spoken", tag) if by_locale is spoken else (*path, "spoken")
            said = self._text(words, inside)
            if shown and said:
                self.spoken.setdefault(tag, {})[shown] = said
        return shown

    def _text(self, value: object, path: KeyPath) -> str | None:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            hint = "Write a text in quotes, a number, or one text per locale."
            self.complain("fact-value", path, f"Expected a text or a number, got {_kind(value)}.", hint)
            return None
        text = self._written.get(path, str(value)).strip()
        if "{{" in text:
            self.complain("fact-value", path, "Expected plain text, got `{{` in a fact.", "Facts cannot use facts.")
        return text

    def _per_locale(self, value: Mapping[str, object]) -> bool:
        served = value.keys() & self._locales
        return bool(served) and all(key in served or _TAG.fullmatch(str(key)) for key in value)

    @staticmethod
    def _may_be_group(value: Mapping[str, object]) -> bool:
        return not any(isinstance(leaf, dict) for leaf in value.values())


_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FORMS = frozenset({"shown", "spoken"})

EVERY_LOCALE = ""
"""Key of spoken forms that hold for every locale."""


def _turned(value: Mapping[str, Any]) -> dict[str, object]:
    """Return `shown` and `spoken` per locale as locales with both."""
    spoken = value.get("spoken")
    per_locale = spoken if isinstance(spoken, dict) else {}
    return {
        locale: {"shown": text, "spoken": per_locale.get(locale, spoken if not per_locale else None)}
        for locale, text in value["shown"].items()
    }


def _kind(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "a list" if isinstance(value, list) else "a mapping inside a mapping"


class Filler:
    """Filler of facts into the texts of one file. It records which facts were used and what was wrong."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.used: set[str] = set()
        self.complaints: list[Complaint] = []

    def fill(self, text: str, locale: str, path: KeyPath, *, page: bool = False) -> str:
        """Return the text with every `{{ facts.x }}` replaced.

        Anything else in double braces is a complaint, except where `page` allows `{{ page.x | else }}`.
        """
        filled = _TEMPLATE.sub(lambda match: self._replace(match, locale, path, page=page), text)
        if "{{" in _TEMPLATE.sub("", text):
            self._complain("fact-syntax", path, "Expected `}}` after `{{`, got none.", "Close the braces.")
        return filled

    def refuse(self, text: str, path: KeyPath) -> None:
        """Report braces in a text that takes no facts."""
        if "{{" in text:
            message = f"Expected plain text, got `{{{{` in `{path[0]}`."
            self._complain("fact-syntax", path, message, "Facts are filled into answers and cards only.")

    def complain_about_url(self, url: str, path: KeyPath) -> None:
        """Report a fact that makes an unusable link."""
        message = f"Expected an address that begins with `https://`, `http://`, `tel:` or `/`, got `{url[:60]}`."
        self._complain("fact-url", path, message, "Write the whole address in facts.yaml.")

    def _replace(self, match: re.Match[str], locale: str, path: KeyPath, *, page: bool) -> str:
        if names_page(match.group(1)):
            self._check_page(match, path, page=page)
            return match.group()
        reference = _REFERENCE.fullmatch(match.group(1))
        if reference is None:
            message = f"Expected `{{{{ facts.name }}}}`, got `{match.group()[:60]}`."
            self._complain("fact-syntax", path, message, "Only facts can be filled in.")
            return match.group()
        name = reference.group(1)
        text = self._facts.text(name, locale)
        if text is None:
            self._missing(name, locale, path)
            return match.group()
        self.used.add(name)
        return text

    def _check_page(self, match: re.Match[str], path: KeyPath, *, page: bool) -> None:
        if not page:
            message = f"Expected plain text or facts, got `{match.group()[:60]}`."
            self._complain("page-variable", path, message, "The page's values are filled into answers and cards only.")
        elif not is_reference(match.group(1)):
            message = f"Expected `{{{{ page.name | other words }}}}`, got `{match.group()[:60]}`."
            self._complain(
                "page-variable", path, message, "Write after `|` what is said where the page gives no value."
            )

    def _missing(self, name: str, locale: str, path: KeyPath) -> None:
        if name in self._facts.texts:
            self.used.add(name)
            message = f"Expected the fact `{name}` in `{locale}`, got other locales only."
            hint = f"Add `{locale}:` to it in facts.yaml."
        else:
            message = f"Expected a fact of facts.yaml, got `{name}`."
            hint = did_you_mean(name, list(self._facts.texts)) or "Add it to facts.yaml."
        self._complain("fact-missing", path, message, hint)

    def _complain(self, rule: str, path: KeyPath, message: str, hint: str) -> None:
        self.complaints.append(Complaint(rule, path, message, hint))


_ADDRESSES = ("https://", "http://", "tel:", "mailto:", "/", "{{")
"""Beginnings of a link. `{{` is a fact that could not be filled in and was reported already."""


def fill_intent(intent: IntentFile, filler: Filler, default_locale: str) -> dict[str, object]:
    """Return the fields of the intent that change: `answer`, `card`, `cards` and `call`."""
    _refuse_elsewhere(intent, filler)
    answer = {
        locale: tuple(filler.fill(text, locale, ("answer", locale, at), page=True) for at, text in enumerate(texts))
        for locale, texts in intent.answer.items()
    }
    card = intent.card and _fill_card(intent.card, filler, default_locale)
    cards = {
        locale: _fill_card(one, filler, locale, key=("cards", locale), url=card.url if card else None)
        for locale, one in intent.cards.items()
    }
    return {
        "answer": answer,
        "card": card,
        "cards": cards,
        "call": intent.call and _fill_call(intent.call, filler, default_locale),
    }


def _fill_call(call: PageCall, filler: Filler, locale: str) -> PageCall:
    arguments = {
        name: filler.fill(text, locale, ("call", "arguments", name), page=True) for name, text in call.arguments.items()
    }
    return call.model_copy(update={"arguments": arguments})


def fill_disclosure(avatar: AvatarFile, filler: Filler) -> dict[str, str]:
    """Return the avatar's disclosure per locale."""
    return {locale: filler.fill(text, locale, ("disclosure", locale)) for locale, text in avatar.disclosure.items()}


_FILLED_IN_CARDS = frozenset({"title", "body", "url", "image", "alt", "address", "price"})


def _fill_card(card: Card, filler: Filler, locale: str, *, key: KeyPath = ("card",), url: str | None = None) -> Card:
    """Return the card with its facts; `url` is its link unless it has one of its own."""
    fill = partial(filler.fill, page=True)
    told = {name: text for name, text in card if isinstance(text, str) and name in _FILLED_IN_CARDS}
    changed: dict[str, object] = {name: fill(text, locale, (*key, name)) for name, text in told.items()}
    changed["items"] = tuple(fill(text, locale, (*key, "items", at)) for at, text in enumerate(card.items))
    filled = card.model_copy(update=changed)
    if filled.url and filled.url != card.url and not filled.url.startswith(_ADDRESSES):
        filler.complain_about_url(filled.url, (*key, "url"))
    return filled if filled.url else filled.model_copy(update={"url": url})


def _refuse_elsewhere(intent: IntentFile, filler: Filler) -> None:
    filler.refuse(intent.title, ("title",))
    for locale, title in intent.titles.items():
        filler.refuse(title, ("titles", locale))
    for key, phrases in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases)):
        for locale, texts in phrases.items():
            for at, text in enumerate(texts):
                filler.refuse(text, (key, locale, at))
