"""Validation errors in an author's words: what was expected, what came, what to do."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from app.catalog.findings import Complaint, KeyPath
from app.catalog.voice_table import ONE_VOICE, VOICE_PER_LOCALE

_SHAPES = {
    "^[a-z0-9]+(": "an id of lower-case letters, digits and single hyphens",
    "^[a-z]{2,3}(": "a language tag such as `en` or `de-AT`",
    "^(https?": "an address that begins with `https://`, `http://` or `/`, or a fact",
}
_TYPES = {
    "string_type": "text",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "list_type": "a list",
    "tuple_type": "a text or a list",
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "date_type": "a day such as `2026-12-31`",
    "date_parsing": "a day such as `2026-12-31`",
    "date_from_datetime_parsing": "a day such as `2026-12-31`",
}
_BY_LOCALE = frozenset({"phrases", "not_phrases", "answer", "audio", "disclosure"})
"""Keys that hold texts by language."""

_VOICE_HINTS = {
    "voice_mixed": "Write all keys of a voice below its locale: `en: {speech: local}`.",
    "voice_twice": "Keep one of them.",
}

_NEAR = 60.0
"""Similarity (0 to 100) from which a known name is offered for an unknown one.

`phrase` and `phrases` have 92.
"""


def explain(
    error: ValidationError, model: type[BaseModel], written: Mapping[KeyPath, str] | None = None
) -> tuple[Complaint, ...]:
    """Return one complaint per cause: a misspelt key is not also reported as a missing one.

    `written` has the source of values that are no text, such as `~`.
    """
    details = error.errors(include_url=False, include_context=True)
    unknown = {_path(one): _nearest_key(one, model) for one in details if one["type"] == "extra_forbidden"}
    misspelt = {(*path[:-1], key) for path, key in unknown.items() if key}
    return tuple(
        _complaint(one, model, (written or {}).get(_path(one), ""))
        for one in details
        if not (one["type"] == "missing" and _path(one) in misspelt)
    )


def nearest(name: str, known: list[str]) -> str | None:
    """Return the known name that this one probably means, if any is close."""
    found = process.extractOne(name.lower(), known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return str(found[0]) if found else None


def did_you_mean(name: str, known: list[str]) -> str:
    """Return a hint that offers the nearest known name, or lists a few."""
    near = nearest(name, known)
    if near:
        return f"Did you mean `{near}`?"
    listed = ", ".join(f"`{one}`" for one in sorted(known)[:12])
    return f"Known: {listed}." if listed else ""


def _complaint(error: ErrorDetails, model: type[BaseModel], written: str) -> Complaint:
    path = _path(error)
    name = path[-1] if path else ""
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(str(name), list(_known_keys(model, path[:-1])))
        return Complaint("unknown-key", path, f"Expected a known key, got `{name}`.", hint)
    if error["type"] == "missing":
        return Complaint("missing-key", path[:-1], f"Expected the key `{name}`, got none.", f"Add `{name}:`.")
    where = f" for `{_dotted(path)}`" if path else ""
    if error["input"] is None and written:
        message = f"Expected {_expected(error)}{where}, got `{written}`, which means nothing at all in YAML."
        return Complaint("wrong-value", path, message, "Put it in quotes.")
    got = error.get("ctx", {}).get("got") or _shown(error["input"])
    message = f"Expected {_expected(error)}{where}, got {got}."
    return Complaint("wrong-value", path, message, _hint(error, model))


def _expected(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return next((text for start, text in _SHAPES.items() if pattern.startswith(start)), f"text like `{pattern}`")
    if error["type"] in _TYPES:
        return _TYPES[error["type"]]
    phrase = (
        error["msg"].replace("Input should be ", "").replace("String should have", "text of").replace("Value", "it")
    )
    return phrase[:1].lower() + phrase[1:]


def _hint(error: ErrorDetails, model: type[BaseModel]) -> str:
    value = error["input"]
    if value is None:
        return "Write a value or remove the key."
    if error["type"] in _VOICE_HINTS:
        return _VOICE_HINTS[error["type"]]
    if error["type"] == "string_type":
        inside = "Put text that contains `: ` or begins with `{` in quotes."
        return inside if isinstance(value, dict) else "Put it in quotes."
    return _hint_about_place(error, model)


def _hint_about_place(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Return a hint about a value that stands one level too high or too deep."""
    value, path = error["input"], _path(error)
    if not path:
        return "Write `key: text` lines, with a blank after the colon." if isinstance(value, str) else ""
    if path[0] == "voice":
        return _voice_hint(error)
    if len(path) == 1 and path[0] in _BY_LOCALE and isinstance(value, str | list):
        return f"Write the language above it: `en:` in a line of its own below `{path[-1]}:`, and the text below that."
    if error["type"] == "string_pattern_mismatch" and (tag := _as_tag(error)):
        return f"Write it as `{tag}`."
    if error["type"] == "string_pattern_mismatch" and value in _known_keys(model, ()):
        return f"If `{value}:` is a key of the file, it is indented too far: write it below the first key."
    return ""


def _voice_hint(error: ErrorDetails) -> str:
    value = error["input"]
    if error["type"] == "string_pattern_mismatch":
        tag = _as_tag(error)
        return f"Write it as `{tag}`." if tag else "Write a voice for each locale; there is none for the rest."
    if error["type"] == "model_type" and isinstance(value, str):
        return f"Write a voice as `{{speech: {value if value.isidentifier() else 'local'}}}`."
    listed = "Write the keys of one voice, such as `speech: local`, or a voice for each locale: `en: {speech: local}`."
    return listed if error["type"] == "model_type" else ""


def _as_tag(error: ErrorDetails) -> str:
    """Return a language tag as it is written here: `DE` is `de`, `de_AT` is `de-AT`; nothing for what is none."""
    if not str(error.get("ctx", {}).get("pattern", "")).startswith("^[a-z]{2,3}("):
        return ""
    language, *rest = str(error["input"]).replace("_", "-").split("-")
    tag = "-".join((language.lower(), *rest))
    return tag if re.fullmatch(str(error["ctx"]["pattern"]), tag) else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _path(error: ErrorDetails) -> KeyPath:
    return tuple(part for part in error["loc"] if part not in {"[key]", ONE_VOICE, VOICE_PER_LOCALE})


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part) if isinstance(part, str) else str(part + 1) for part in path)


def _nearest_key(error: ErrorDetails, model: type[BaseModel]) -> str | None:
    path = _path(error)
    return nearest(str(path[-1]), list(_known_keys(model, path[:-1])))


def _known_keys(model: type[BaseModel], path: KeyPath) -> Iterator[str]:
    """Yield the keys that may stand in the mapping at this path."""
    here = model
    for part in path:
        for name, info in here.model_fields.items():
            if part in {name, info.alias}:
                here = _part_in(info.annotation) or here
    return (info.alias or name for name, info in here.model_fields.items())


def _part_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as `Card | None` or `tuple[Question, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _part_in(one))), None)
