"""Settling: gathered intents become drafts that fit a catalog, and everything that does not fit is named.

Texts are cleaned of markup, languages are those of the catalog, no phrase leads to two intents, and nothing
that a program would have to fill in is said to anybody. An intent that cannot be served is marked `draft`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.catalog.findings import AVATARS_FOLDER, KNOWLEDGE_FOLDER, intent_file
from app.catalog.imports.gathered import Gathered, Left, SourceIntent
from app.catalog.imports.markup import has_address, spoken
from app.catalog.imports.words import PLACEHOLDER, cleaned, language_of_tag, locale_of, shortened, slug, title_of
from app.catalog.model import STARTERS_FOLDER, Role
from app.text import fold, has_words, wordless

MOST_INTENTS = 10_000
MOST_PHRASES = 500
MOST_ANSWERS = 50
LONGEST_PHRASE = 300
LONGEST_ANSWER = 5000

_NO_TOPICS = frozenset({AVATARS_FOLDER, KNOWLEDGE_FOLDER, STARTERS_FOLDER})
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ROLES_FOLDER = "roles"
_TOPIC = "imported"

Words = tuple[str, str]
"""Locale and folded phrase."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Catalog that drafts come into: its languages, ids, phrases and roles; `reserved` ids are taken, too."""

    default_locale: str
    locales: tuple[str, ...]
    ids: Mapping[str, str] = field(default_factory=dict)
    """Ids that are there, with their files."""
    phrases: Mapping[Words, str] = field(default_factory=dict)
    roles: frozenset[Role] = frozenset()
    reserved: frozenset[str] = frozenset()


@dataclass(slots=True)
class IntentDraft:
    """Intent that is ready to be written; it is marked `draft` while something is `held` against it."""

    id: str
    topic: str
    source: str
    content: dict[str, Any]
    """Keys of the intent's file, in their order."""
    held: list[str] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Return the file of the intent, relative to the catalog."""
        return intent_file(self.topic, self.id)

    @property
    def role(self) -> Role:
        """Return the role that it plays."""
        return Role(self.content.get("role", Role.ANSWER))


@dataclass(frozen=True, slots=True)
class Settled:
    """Drafts in the export's order, what is in the catalog already, and what was left out."""

    drafts: tuple[IntentDraft, ...]
    kept: tuple[tuple[str, str], ...]
    """Names in the export and the files that were there before."""
    left: tuple[Left, ...]


def settle(gathered: Gathered, around: Surroundings, *, own_locale: str) -> Settled:
    """Return drafts of all gathered intents; `own_locale` is that of texts without a language."""
    return _Settling(gathered, around, own_locale).settled()


class _Settling:
    def __init__(self, gathered: Gathered, around: Surroundings, own_locale: str) -> None:
        self._gathered = gathered
        self._around = around
        self._own_locale = own_locale
        self._left = list(gathered.left)
        self._kept: list[tuple[str, str]] = []
        self._ids: dict[str, str] = {}
        self._claimed: dict[Words, str] = {}
        self._foreign: dict[str, int] = {}

    def settled(self) -> Settled:
        entries = list(self._gathered.intents.items())
        if len(entries) > MOST_INTENTS:
            self._leave("", f"{len(entries) - MOST_INTENTS} intents", f"at most {MOST_INTENTS} come in one go")
        pairs = [(key, one, draft) for key, one in entries[:MOST_INTENTS] if (draft := self._draft(key, one))]
        for served in (True, False):
            for _, one, draft in pairs:
                if served is not bool(draft.held):
                    self._ask(one, draft)
        for _, one, draft in pairs:
            self._chips(one, draft)
        for tag, count in self._foreign.items():
            why = f"the catalog does not serve `{tag}`; add it to `locales` in catalog.yaml first"
            self._leave("", f"{count} text{'s' * (count > 1)} in `{tag}`", why)
        return Settled(tuple(draft for _, _, draft in pairs), tuple(self._kept), tuple(self._left))

    def _draft(self, key: str, one: SourceIntent) -> IntentDraft | None:
        """Return the draft with its answer, or None if the catalog has it already, or nothing of it is left."""
        role = one.role
        answers = self._localised(one.answers, lambda texts, tag: list(self._answers(one, texts, tag)))
        phrases = any(self._served(tag) for tag, texts in one.phrases.items() if texts)
        held = list(one.held)
        if not answers.get(self._around.default_locale) and role is not Role.IDLE:
            held.append(f"there is no answer in `{self._around.default_locale}`")
        if role not in {Role.ANSWER, Role.URGENT} and role in self._around.roles:
            held.append(f"another intent plays `{role}`")
        if not answers and not phrases and role is not Role.IDLE and not one.exact:
            self._leave(one.name, "the intent", "neither a phrase nor an answer of it can be used")
            return None
        named = self._name(key, one, held=bool(held))
        if named is None:
            return None
        topic, name = named
        content: dict[str, Any] = {"title": self._title(one)}
        if role is not Role.ANSWER:
            content["role"] = role.value
        content |= {"phrases": {}, "not_phrases": {}, "answer": answers, **one.exact}
        self._card(one, content)
        return IntentDraft(name, topic, one.name, content, held)

    def _title(self, one: SourceIntent) -> str:
        if one.exact:
            return one.title
        plain = cleaned(one.title) or title_of(one.name)
        return shortened(PLACEHOLDER.sub("…", plain), 200) or "?"

    def _name(self, key: str, one: SourceIntent, *, held: bool) -> tuple[str, str] | None:
        plays = one.role not in {Role.ANSWER, Role.URGENT} and not one.exact and not held
        wanted = one.role.value if plays and one.role.value not in self._ids else slug(_stem(one))
        if one.exact and _ID.fullmatch(one.name):
            wanted = one.name
        if wanted in self._around.ids:
            self._kept.append((one.name, self._around.ids[wanted]))
            return None
        name, number = wanted, 2
        while name in self._ids or (name in self._around.reserved and not plays and not one.exact):
            name, number = f"{wanted}-{number}", number + 1
        self._ids[name] = key
        topic = one.topic if _ID.fullmatch(one.topic) else slug(one.topic, otherwise=_TOPIC)
        if plays:
            topic = _ROLES_FOLDER
        return _TOPIC if topic in _NO_TOPICS else topic, name

    def _localised(
        self, texts: Mapping[str, list[str]], kept: Callable[[list[str], str], list[str]]
    ) -> dict[str, list[str]]:
        """Return texts by the catalog's own locales; those of others are counted."""
        found: dict[str, list[str]] = {}
        for tag, listed in texts.items():
            locale = self._served(tag)
            if not locale:
                self._foreign[tag] = self._foreign.get(tag, 0) + len(listed)
                continue
            fresh = [text for text in kept(listed, locale) if text not in found.get(locale, ())]
            if fresh:
                found.setdefault(locale, []).extend(fresh)
        return found

    def _served(self, tag: str) -> str:
        """Return the catalog's locale for a tag: the same one, else one of the same language."""
        wanted = locale_of(tag) or self._own_locale
        locales = self._around.locales
        same = (one for one in locales if one.lower() == wanted.lower())
        return next(same, "") or next((one for one in locales if language_of_tag(one) == language_of_tag(wanted)), "")

    def _answers(self, one: SourceIntent, texts: list[str], locale: str) -> Iterator[str]:
        if len(texts) > MOST_ANSWERS:
            self._leave(one.name, f"{len(texts) - MOST_ANSWERS} answers", f"over {MOST_ANSWERS} variants of one answer")
        for text in texts[:MOST_ANSWERS]:
            if one.exact:
                yield text
                continue
            said = spoken(text)
            if not has_words(said.text):
                self._leave(one.name, text, "no words to be spoken")
            elif PLACEHOLDER.search(said.text):
                self._leave(one.name, said.text, "it has a place in it that only a program fills")
            elif len(said.text) > LONGEST_ANSWER:
                self._leave(one.name, said.text, f"over {LONGEST_ANSWER} characters; put it among the documents")
            else:
                self._name_marks(one, said.marks, said.links, said.text, locale)
                yield said.text

    def _name_marks(
        self, one: SourceIntent, marks: tuple[str, ...], links: tuple[str, ...], text: str, locale: str
    ) -> None:
        for mark in marks:
            self._leave(one.name, f"{mark} in the answer in `{locale}`", "the words stay, the marks do not")
        usable = [link for link in links if link.startswith(("https://", "http://")) and len(link) <= 2000]
        one.url = one.url or next(iter(usable), "")
        for link in (link for link in links if link != one.url):
            self._leave(one.name, f"the link {link}", "a card has one link")
        if has_address(text):
            self._leave(one.name, "nothing, but read the answer", "an address in it is read out letter by letter")

    def _card(self, one: SourceIntent, content: dict[str, Any]) -> None:
        url = cleaned(one.url)
        if not url or "card" in content:
            return
        if url.startswith(("https://", "http://", "/", "tel:")) and len(url) <= 2000 and "{{" not in url:
            content["card"] = {"title": content["title"], "url": url}
        else:
            self._leave(one.name, f"the link {url}", "a card's link begins with https://, http://, tel: or /")

    def _ask(self, one: SourceIntent, draft: IntentDraft) -> None:
        refused = self._localised(one.not_phrases, lambda texts, _: [self._plain(one, text) for text in texts])
        asked = self._localised(one.phrases, lambda texts, tag: list(self._phrases(one, draft, texts, tag)))
        draft.content["phrases"], draft.content["not_phrases"] = asked, refused
        draft.content = {key: value for key, value in draft.content.items() if value not in ({}, [], None)}

    def _plain(self, one: SourceIntent, text: str) -> str:
        return text if one.exact else cleaned(text)

    def _phrases(self, one: SourceIntent, draft: IntentDraft, texts: list[str], locale: str) -> Iterator[str]:
        for count, written in enumerate(texts):
            text = written if one.exact else cleaned(spoken(written).text if "<" in written else written)
            why = self._unusable(one, draft, text, locale) if count < MOST_PHRASES else f"over {MOST_PHRASES} phrases"
            if why:
                self._leave(one.name, text or written, why)
            elif (locale, fold(text)) not in self._claimed:
                self._claimed[locale, fold(text)] = draft.id
                yield text

    def _unusable(self, one: SourceIntent, draft: IntentDraft, text: str, locale: str) -> str:
        """Return why a text is no phrase of this draft; empty if it is one, or is there twice."""
        words = (locale, fold(text))
        owner = self._claimed.get(words) or self._around.phrases.get(words) or draft.id
        if owner != draft.id:
            return f"it is a phrase of `{owner}`, too; one phrase leads to one intent"
        if one.exact:
            return ""
        if wordless(text) or not has_words(text):
            return "no words of a visitor"
        if len(text) > LONGEST_PHRASE:
            return f"over {LONGEST_PHRASE} characters: no question of a visitor"
        return "it has a place in it that only a program fills" if PLACEHOLDER.search(text) else ""

    def _chips(self, one: SourceIntent, draft: IntentDraft) -> None:
        """Turn names of following intents into ids; chips lead to what is served."""
        if one.exact or not one.next:
            return
        ids = {key: name for name, key in self._ids.items()}
        found = [ids.get(name) or (slug(name) if slug(name) in self._around.ids else "") for name in one.next]
        for name in (name for name, target in zip(one.next, found, strict=True) if not target):
            self._leave(one.name, f"the chip to `{name}`", "there is no such intent")
        targets = [target for target in dict.fromkeys(found) if target and target != draft.id]
        if targets:
            draft.content["next"] = targets

    def _leave(self, where: str, what: str, why: str) -> None:
        one = Left(where, shortened(what, 200), why)
        if one not in self._left[-20:]:
            self._left.append(one)


def _stem(one: SourceIntent) -> str:
    """Return what an id is made of: the name without its topic."""
    return (one.name if " " in one.name else one.name.rpartition("/")[2]) or one.name


def without_dead_chips(drafts: tuple[IntentDraft, ...]) -> None:
    """Take away chips that lead to intents which are not served."""
    held = {draft.id for draft in drafts if draft.held}
    for draft in drafts:
        alive = [name for name in draft.content.get("next", ()) if name not in held]
        if alive:
            draft.content["next"] = alive
        else:
            draft.content.pop("next", None)
