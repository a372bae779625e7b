"""YAML text of a catalog's files as an author would write it: block style, quotes only where they are needed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from app.adapters.catalog_files.yaml_scalars import resolve

_PLAIN = re.compile(r"[^\W\d_][^\n]*")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")

Value = Mapping[str, object] | Sequence[object] | str | int | float | bool


def yaml_text(content: Mapping[str, object], comments: Sequence[str] = ()) -> str:
    """Return a file's text: comments, a line each, then the keys in their order."""
    head = [f"# {' '.join(_BREAKS.sub(' ', comment).split())}" for comment in comments]
    return "\n".join([*head, *_mapping(content, 0)]) + "\n"


def scalar(text: str) -> str:
    """Return a text as one scalar that reads back as the same text."""
    bare = (
        _PLAIN.fullmatch(text)
        and ": " not in text
        and " #" not in text
        and not text.endswith((":", " "))
        and not _BREAKS.search(text)
        and resolve(text) == text
    )
    return text if bare else _BREAKS.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _mapping(content: Mapping[str, object], depth: int) -> Iterator[str]:
    for key, value in content.items():
        name = f"{'  ' * depth}{scalar(str(key))}:"
        if isinstance(value, Mapping) and value:
            yield name
            yield from _mapping(value, depth + 1)
        elif isinstance(value, list | tuple) and value:
            yield name
            yield from (f"{'  ' * (depth + 1)}- {_leaf(one)}" for one in value)
        else:
            yield f"{name} {_leaf(value)}"


def _leaf(value: object) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
