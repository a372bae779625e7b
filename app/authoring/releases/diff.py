"""Difference between a folder and what is served, as one report: words, facts, clips, money, and what visitors get."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from app.authoring.releases.merge import ChangedFile, ChangeKind
from app.authoring.releases.replay import Replay
from app.catalog.facts import Facts
from app.catalog.model import Catalog, Intent

ClipAction = Literal["new", "stale", "refused", "stored", "dropped"]
"""What becomes of a clip: it is rendered, cannot be, is there already, or is needed no more."""


@dataclass(frozen=True, slots=True)
class WordChange:
    """Text before and after; None: it is not there. `key` is its place, such as `answer.1` or `card.body`."""

    key: str
    locale: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class IntentChange:
    """Intent that visitors would find otherwise than before."""

    id: str
    kind: ChangeKind
    title: str
    words: tuple[WordChange, ...]


@dataclass(frozen=True, slots=True)
class FactChange:
    """Fact before and after, and the intents that say it."""

    name: str
    locale: str | None
    before: str | None
    after: str | None
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClipChange:
    """Clip that the folder needs and what is served does not, or the other way round."""

    intent: str
    locale: str
    variant: int
    text: str | None
    action: ClipAction
    seconds: float
    price: Decimal


@dataclass(frozen=True, slots=True)
class ClipBill:
    """Clips that the change asks for, and their price with the voice.

    `filmed` counts the new and stale ones; `stored` are there already. `owed` are not rendered either way: what is
    served lacks them, too.
    """

    clips: tuple[ClipChange, ...]
    filmed: int
    seconds: float
    price: Decimal
    currency: str
    stored: int
    dropped: int
    refused: int
    owed: int


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Report of what a folder changes against a release; `against` is None before the first one.

    `clips` and `replay` are None if they were not asked for, or if there is nothing to compare with.
    """

    against: int | None
    catalog: str
    files: tuple[ChangedFile, ...]
    intents: tuple[IntentChange, ...]
    facts: tuple[FactChange, ...]
    settings: tuple[WordChange, ...]
    documents: tuple[ChangedFile, ...]
    clips: ClipBill | None = None
    replay: Replay | None = None

    @property
    def same(self) -> bool:
        """Return whether no file differs."""
        return not self.files


_NO_LOCALE = None
_Place = tuple[str, str | None]


def changed_intents(before: Catalog | None, after: Catalog | None) -> tuple[IntentChange, ...]:
    """Compare two catalogs intent by intent, in the order of the newer one; those that are gone come last."""
    old, new = ({intent.id: intent for intent in catalog.intents} if catalog else {} for catalog in (before, after))
    found = (_intent_change(old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old]))
    return tuple(change for change in found if change is not None)


def changed_facts(before: Facts, after: Facts, said_by: Mapping[str, tuple[str, ...]]) -> tuple[FactChange, ...]:
    """Compare facts by name and locale; `said_by` names the intents that use each."""
    old, new = _fact_texts(before), _fact_texts(after)
    return tuple(
        FactChange(name, locale, old.get((name, locale)), new.get((name, locale)), said_by.get(name, ()))
        for name, locale in dict.fromkeys([*new, *old])
        if old.get((name, locale)) != new.get((name, locale))
    )


def changed_settings(before: Catalog | None, after: Catalog | None) -> tuple[WordChange, ...]:
    """Compare `catalog.yaml` and the avatar, key by key."""
    old, new = (_setting_texts(catalog) if catalog else {} for catalog in (before, after))
    return _differing(old, new)


def changed_documents(before: Catalog | None, after: Catalog | None) -> tuple[ChangedFile, ...]:
    """Compare the documents by their name."""
    old, new = ({one.id: one for one in catalog.documents} if catalog else {} for catalog in (before, after))
    kinds: dict[tuple[bool, bool], ChangeKind] = {(True, True): "changed", (True, False): "removed"}
    return tuple(
        ChangedFile(name, kinds.get((name in old, name in new), "added"))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def _intent_change(before: Intent | None, after: Intent | None) -> IntentChange | None:
    if before == after:
        return None
    old, new = (_intent_texts(intent) if intent else {} for intent in (before, after))
    words = (*_differing(old, new), *_listed_changes(before, after))
    shown = after or before
    if shown is None or not words:
        return None
    kind: ChangeKind = "added" if before is None else "removed" if after is None else "changed"
    return IntentChange(shown.id, kind, shown.title, words)


def _differing(old: Mapping[_Place, str], new: Mapping[_Place, str]) -> tuple[WordChange, ...]:
    return tuple(
        WordChange(key, locale, old.get((key, locale)), new.get((key, locale)))
        for key, locale in dict.fromkeys([*old, *new])
        if old.get((key, locale)) != new.get((key, locale))
    )


def _listed_changes(before: Intent | None, after: Intent | None) -> Iterator[WordChange]:
    """Yield phrases and near misses that came or went, a line each."""
    for key in ("phrases", "not_phrases"):
        old, new = (getattr(intent, key) if intent else {} for intent in (before, after))
        for locale in dict.fromkeys([*old, *new]):
            was, now = old.get(locale, ()), new.get(locale, ())
            yield from (WordChange(key, locale, text, None) for text in was if text not in now)
            yield from (WordChange(key, locale, None, text) for text in now if text not in was)


def _intent_texts(intent: Intent) -> dict[_Place, str]:
    texts: dict[_Place, str] = {
        (f"answer.{at}", locale): text
        for locale, variants in intent.answer.items()
        for at, text in enumerate(variants, 1)
    }
    for locale, recordings in intent.recordings.items():
        texts |= {(f"audio.{at}", locale): one.digest for at, one in enumerate(recordings, 1)}
    exclude = {"id", "phrases", "not_phrases", "answer", "audio", "recordings"}
    return texts | _flat(intent.model_dump(mode="json", by_alias=True, exclude=exclude, exclude_none=True))


def _setting_texts(catalog: Catalog) -> dict[_Place, str]:
    exclude: dict[str, Any] = {
        "intents": True, "questions": True, "documents": True, "digest": True, "avatar": {"portrait_path", "facts"}
    }  # fmt: skip
    return _flat(catalog.model_dump(mode="json", by_alias=True, exclude=exclude, exclude_none=True))


def _flat(document: Mapping[str, Any], before: str = "") -> dict[_Place, str]:
    """Return a document's values as texts, by their keys joined with dots."""
    found: dict[_Place, str] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}", _NO_LOCALE] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def _fact_texts(facts: Facts) -> dict[_Place, str]:
    found: dict[_Place, str] = {}
    for name, text in facts.texts.items():
        if isinstance(text, str):
            found[name, _NO_LOCALE] = text
        else:
            found |= {(name, locale): one for locale, one in text.items()}
    return found
