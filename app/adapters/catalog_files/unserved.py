"""Texts in locales that `catalog.yaml` does not serve: they are left out, and told once a locale."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.adapters.catalog_files.parts import Parts, ReadIntent
from app.adapters.catalog_files.reader import Reader
from app.catalog.findings import CATALOG_FILE, TESTS_FILE, Complaint, KeyPath, Level
from app.catalog.spoken.figures import language_of
from app.catalog.validation_messages import nearest

_BY_LOCALE = ("titles", "phrases", "not_phrases", "answer", "audio", "cards")


def without_unserved(parts: Parts, served: Sequence[str], reader: Reader) -> Parts:
    """Return the parts without texts and test questions in other locales than these.

    A locale in one file is an error there: a slip, or one that was forgotten in `catalog.yaml`. One that stands in
    several files was taken off on purpose, so that is a warning. Recordings of locales that are left out stay named.
    """
    found: dict[str, dict[str, KeyPath]] = {}
    for locale, file, path in _places(parts):
        if locale not in served:
            found.setdefault(locale, {}).setdefault(file, path)
    if not found:
        return parts
    for locale, files in sorted(found.items()):
        _tell(locale, files, served, reader)
    kept = [at for at, question in enumerate(parts.questions) if question.locale not in found]
    if len(kept) < len(parts.questions):
        reader.keep(TESTS_FILE, "tests", kept)
    intents = tuple(_fitted(one, found) for one in parts.intents)
    return replace(parts, intents=intents, questions=tuple(parts.questions[at] for at in kept))


def _places(parts: Parts) -> Iterator[tuple[str, str, KeyPath]]:
    for intent in parts.intents:
        for key in _BY_LOCALE:
            yield from ((locale, intent.file, (key, locale)) for locale in getattr(intent.described, key))
    for at, question in enumerate(parts.questions):
        if question.locale is not None:
            yield question.locale, TESTS_FILE, ("tests", at, "locale")


def _tell(locale: str, files: dict[str, KeyPath], served: Sequence[str], reader: Reader) -> None:
    known, (first, path) = ", ".join(served), next(iter(files.items()))
    if len(files) == 1:
        message = f"Expected a locale of the catalog ({known}), got `{locale}`."
        meant = next((one for one in served if language_of(one) == language_of(locale)), nearest(locale, [*served]))
        hint = f"Add `{locale}` to `locales` in catalog.yaml, or remove it here."
        hint = f"Did you mean `{meant}`? Else a" + hint[1:] if meant else hint
        reader.beside.append(Complaint("locale-unknown", path, message, hint).at(first, reader.places))
        return
    line = reader.places.find(first, *path).line
    message = f"Expected texts in locales of the catalog ({known}), got `{locale}` in {len(files)} files, as in "
    message += f"`{first}:{line}`; nobody gets them."
    hint = f"Add `{locale}` to `locales` if it is to be served; else leave them for later, or remove them."
    told = Complaint("locale-unserved", ("locales",), message, hint, Level.WARNING)
    reader.beside.append(told.at(CATALOG_FILE, reader.places))


def _fitted(intent: ReadIntent, unserved: dict[str, dict[str, KeyPath]]) -> ReadIntent:
    """Return the intent without these locales."""
    changed = {
        key: {locale: text for locale, text in texts.items() if locale not in unserved}
        for key in _BY_LOCALE
        if not unserved.keys().isdisjoint(texts := getattr(intent.described, key))
    }
    if not changed:
        return intent
    recordings = {locale: one for locale, one in intent.recordings.items() if locale not in unserved}
    return replace(intent, described=intent.described.model_copy(update=changed), recordings=recordings)
