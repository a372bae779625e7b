"""A surface is what somebody outside relies on: items by their names. Two are compared item by item."""

from collections.abc import Iterator, Mapping
from typing import Any

Surface = Mapping[str, Any]

TEXTS = {"description", "summary"}
"""Keys of a document that hold prose."""

SHOWN = 12
"""Differences told of one surface; the rest is counted."""

LONGEST = 160


def differences(before: Surface, after: Surface) -> list[str]:
    """A line for every item that is gone, new or another one."""
    gone = [f"gone: {name}" for name in before if name not in after]
    new = [f"new: {name}" for name in after if name not in before]
    other = [
        f"other: {name}: {_short(before[name])} -> {_short(after[name])}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    return gone + new + other


def told(name: str, before: Surface, after: Surface) -> str:
    """`same N`, or the differences."""
    found = differences(before, after)
    if not found:
        return f"{name}: same {len(before)}"
    more = [f"  ... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join([f"{name}: {len(found)} differ", *(f"  {line}" for line in found[:SHOWN]), *more])


def leaves(document: Any, *, texts: bool, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a JSON document by its path: prose alone, or all but prose."""
    match document:
        case Mapping() if document:
            for key, value in document.items():
                is_text = key in TEXTS and isinstance(value, str)
                if is_text is texts or not isinstance(value, str):
                    yield from leaves(value, texts=texts, path=f"{path}/{key}")
        case list() if document:
            for at, value in enumerate(document):
                yield from leaves(value, texts=texts, path=f"{path}/{at}")
        case _:
            last = path.rpartition("/")[2]
            if (last in TEXTS and isinstance(document, str)) is texts:
                yield path, document


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
