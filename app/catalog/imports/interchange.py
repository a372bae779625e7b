"""Interchange: a catalog's intents and facts as JSON lines or as a table, which read back the same.

A line of JSON is one record: the catalog, its facts, or an intent with the keys of its file. In a table an
intent has as many rows as its longest list of texts, so that it can be edited in a spreadsheet.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from app.catalog.imports.gathered import Gathered, SourceIntent, mapping
from app.catalog.model import Role

RECORD = "greenroom"
"""Key that says what a line is."""

COLUMNS = (
    "topic", "intent", "title", "role", "locale", "question", "not_question", "answer", "audio", "next", "card_title",
    "card_body", "card_url", "valid_from", "valid_until", "split", "interruptible", "draft", "fact",
    "meanwhile",
)  # fmt: skip

_TEXTS = {"question": "phrases", "not_question": "not_phrases", "answer": "answer", "audio": "audio"}
_SWITCHES = ("split", "interruptible", "draft")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""Beginnings that a spreadsheet may take for a formula; such a cell gets an apostrophe in front."""


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """Intent as its file has it, with its topic and id."""

    topic: str
    id: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CatalogRecords:
    """Content of a catalog that an export carries."""

    name: str
    default_locale: str
    locales: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    intents: tuple[IntentRecord, ...] = ()


def lines(records: CatalogRecords) -> Iterator[str]:
    """Yield the records as JSON, one a line."""
    head = {"name": records.name, "default_locale": records.default_locale, "locales": list(records.locales)}
    yield _line({RECORD: "catalog", **head})
    if records.facts:
        yield _line({RECORD: "facts", "facts": records.facts})
    for one in records.intents:
        yield _line({RECORD: "intent", "topic": one.topic, "id": one.id, **one.content})


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def rows(records: CatalogRecords) -> Iterator[list[str]]:
    """Yield the records as rows of a table, its headings first."""
    yield list(COLUMNS)
    for name, value in (
        ("@name", records.name),
        ("@default_locale", records.default_locale),
        ("@locales", " ".join(records.locales)),
        *_flat(records.facts),
    ):
        yield _row({"fact": name, "answer": value})
    for one in records.intents:
        yield from _intent_rows(one)


def _flat(facts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)


def _intent_rows(one: IntentRecord) -> Iterator[list[str]]:
    content = one.content
    card, valid = mapping(content.get("card")), mapping(content.get("valid"))
    first = {
        "title": content.get("title"),
        "role": content.get("role"),
        "next": " ".join(content.get("next", ())),
        **{f"card_{key}": card.get(key) for key in ("title", "body", "url")},
        **{f"valid_{key}": valid.get(key) for key in ("from", "until")},
        **{key: str(content[key]).lower() for key in _SWITCHES if key in content},
    }
    locales = dict.fromkeys(locale for key in _TEXTS.values() for locale in content.get(key, {})) or {"": None}
    for locale in locales:
        columns = [content.get(key, {}).get(locale, ()) for key in _TEXTS.values()]
        for texts in [*zip_longest(*columns)] or [()]:
            named = dict(zip(_TEXTS, texts, strict=False))
            yield _row({"topic": one.topic, "intent": one.id, "locale": locale, **first, **named})
            first = {}


def _row(cells: Mapping[str, Any]) -> list[str]:
    return [_guarded(str(cells.get(name) or "")) for name in COLUMNS]


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unguarded(text: object) -> str:
    plain = "" if text is None else str(text)
    return plain[1:] if plain.startswith("'") and plain[1:].startswith(_FORMULA) else plain


def is_own(records: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether lines come from our own export."""
    return any(record.get(RECORD) in ("catalog", "intent") for record in records)


def is_own_table(headings: Sequence[object]) -> bool:
    """Return whether a table comes from our own export, whatever the order of its columns."""
    return {"topic", "intent", "not_question", "fact"} <= {str(one).strip().lstrip("\ufeff") for one in headings}


def gather_lines(records: Iterable[tuple[int, Mapping[str, Any]]], where: str) -> Gathered:
    """Return the intents of our own JSON lines."""
    gathered = Gathered("an export of Greenroom")
    for number, record in records:
        kind = record.get(RECORD)
        if kind == "catalog":
            gathered.name, gathered.locale = str(record.get("name") or ""), str(record.get("default_locale") or "")
        elif kind == "facts":
            gathered.facts |= mapping(record.get("facts"))
        elif kind == "intent":
            content = {key: value for key, value in record.items() if key not in {RECORD, "topic", "id"}}
            _intent(gathered, str(record.get("topic") or ""), str(record.get("id") or ""), content)
        else:
            gathered.leave(f"{where}:{number}", f"a record `{kind}`", "its kind is not known")
    return gathered


def gather_table(cells: Iterable[Sequence[Any]], where: str) -> Gathered:
    """Return the intents of our own table."""
    gathered, headings = Gathered("an export of Greenroom"), list[str]()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number, row in enumerate(cells, 1):
        if not headings:
            headings = [str(one).strip().lstrip("\ufeff") for one in row]
            continue
        cell = dict(zip(headings, map(_unguarded, row), strict=False))
        if cell.get("fact"):
            _fact(gathered, cell["fact"], cell.get("answer", ""))
        elif cell.get("intent"):
            _cells(found.setdefault((cell.get("topic", ""), cell["intent"]), {}), cell)
        elif any(cell.values()):
            gathered.leave(f"{where}:{number}", " | ".join(filter(None, cell.values())), "it names no intent")
    for (topic, name), content in found.items():
        _intent(gathered, topic, name, content)
    return gathered


def _fact(gathered: Gathered, name: str, value: str) -> None:
    if name == "@name":
        gathered.name = value
    elif name == "@default_locale":
        gathered.locale = value
    elif not name.startswith("@"):
        *groups, last = name.split(".")
        inside = gathered.facts
        for group in groups[:3]:
            deeper = inside.setdefault(group, {})
            inside = deeper if isinstance(deeper, dict) else {}
        inside[last] = value


def _cells(content: dict[str, Any], cell: Mapping[str, str]) -> None:
    for name in ("title", "role", "draft", "split", "interruptible", "meanwhile"):
        if cell.get(name):
            content[name] = cell[name].lower() == "true" if name in _SWITCHES else cell[name]
    for column, key in _TEXTS.items():
        if cell.get(column):
            content.setdefault(key, {}).setdefault(cell.get("locale", ""), []).append(cell[column])
    if cell.get("next"):
        content["next"] = cell["next"].split()
    for part, keys in (("card", ("title", "body", "url")), ("valid", ("from", "until"))):
        given = {key: cell[f"{part}_{key}"] for key in keys if cell.get(f"{part}_{key}")}
        if given:
            content[part] = given


def _intent(gathered: Gathered, topic: str, name: str, content: dict[str, Any]) -> None:
    """Add an intent as it is; a draft stays one."""
    intent = SourceIntent(name, title=str(content.pop("title", name)), topic=topic)
    role = content.pop("role", Role.ANSWER.value)
    intent.role = Role(role) if isinstance(role, str) and role in set(Role) else Role.ANSWER
    for key, into in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases), ("answer", intent.answers)):
        for locale, texts in mapping(content.pop(key, None)).items():
            into[locale] = [text for text in (texts if isinstance(texts, list) else [texts]) if isinstance(text, str)]
    if content.pop("draft", False):
        intent.hold("it is a draft in the export")
    intent.exact = content or {"next": []}
    gathered.intents[f"{topic}/{name}"] = intent
