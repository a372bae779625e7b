"""Plain YAML: a quick reader of the shape that nearly every catalog file has; all else is left to the strict one."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from app.adapters.catalog_files.yaml_scalars import resolve
from app.catalog.findings import KeyPath
from app.catalog.slips import Slip

_LONGEST: Final = 40_000
"""Characters of a file that is read here: so many have fewer values than any limit of the strict reader."""

_KEY: Final = r"[A-Za-z_][A-Za-z0-9_-]{0,60}"
_TEXT: Final = r"""(?:"[^"\\]*"|'[^']*'|[^\W_](?:[^,\[\]{}:#?]*[^,\[\]{}:#? ])?)"""
_LIST: Final = re.compile(rf"\[{_TEXT}(?:, {_TEXT})*\]")
_MAPPING: Final = re.compile(rf"\{{{_KEY}: {_TEXT}(?:, {_KEY}: {_TEXT})*\}}")
_ITEM: Final = re.compile(rf"(?:({_KEY}): )?({_TEXT})(?:, |.$)")
_LINE: Final = re.compile(rf"( *)(?:(- )|({_KEY}):(?: +|$))?(.*)")
_OPENERS: Final = frozenset("¿¡«„“(")
"""Signs beside letters and digits with which a plain text may begin."""

_DEEPEST: Final = 4


@dataclass(slots=True)
class PlainYaml:
    """Content of a plain file; its fields are those of `YamlDocument`."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    written: dict[KeyPath, str] = field(default_factory=dict)
    slips: list[Slip] = field(default_factory=list)


class _OtherYamlError(Exception):
    """The file needs the strict reader."""


def read_plain(text: str) -> PlainYaml | None:
    """Return what a file says that is made of plain lines alone: as the strict reader does, in a quarter of the time.

    A line is a key, a key with a text, or a list's item that is a text: plain, or in quotes without an escape. Anything
    else, a comment or an error too, makes it None.
    """
    if len(text) > _LONGEST or "#" in text or not text.replace("\n", "").isprintable():
        return None
    try:
        return _read(text)
    except _OtherYamlError:
        return None


def _read(text: str) -> PlainYaml | None:
    found = PlainYaml()
    blocks: list[tuple[int, Any, KeyPath]] = [(0, found.data, ())]
    waiting = ""  # a key whose block begins in the next line
    for number, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        indent, dash, key, value = _LINE.match(line).groups()  # type: ignore[union-attr]  # it matches every line
        _depth, block, path = _block(blocks, len(indent), waiting, is_list=bool(dash))
        waiting = ""
        if dash and type(block) is list:
            here = (*path, len(block))
            found.lines[here] = number
            block.append(_scalar(value, here, found))
        elif key and type(block) is dict and key not in block:
            here = (*path, key)
            found.lines[here] = number
            if value:
                in_brackets = value[0] in "[{"
                block[key] = _in_brackets(value, here, number, found) if in_brackets else _scalar(value, here, found)
            else:
                waiting = key
        else:
            return None
    return found if found.data and not waiting else None


def _block(
    blocks: list[tuple[int, Any, KeyPath]], indent: int, waiting: str, *, is_list: bool
) -> tuple[int, Any, KeyPath]:
    """Return the block that a line belongs to: a new one below a key that waits, else an open one."""
    depth, block, path = blocks[-1]
    if waiting:
        if indent <= depth or len(blocks) > _DEEPEST:
            raise _OtherYamlError
        block[waiting] = [] if is_list else {}
        blocks.append((indent, block[waiting], (*path, waiting)))
    while indent < blocks[-1][0]:
        blocks.pop()
    if blocks[-1][0] != indent:
        raise _OtherYamlError
    return blocks[-1]


def _scalar(text: str, here: KeyPath, found: PlainYaml) -> object:
    first = text[:1]
    if first in ("'", '"'):
        inner = text[1:-1]
        if len(text) < 2 or text[-1] != first or first in inner or (first == '"' and "\\" in inner):
            raise _OtherYamlError
        return inner
    if not (first.isalnum() or first in _OPENERS) or ": " in text or text[-1] in ": ":
        raise _OtherYamlError
    if len(text) > 5 and not first.isdigit():
        return text
    value = resolve(text)
    if not isinstance(value, str):
        found.written[here] = text
    return value


def _in_brackets(text: str, here: KeyPath, number: int, found: PlainYaml) -> object:
    """Return a list or a mapping of texts, in one line; a comma of a list may be one of a sentence: a slip."""
    if not (_LIST if text[0] == "[" else _MAPPING).fullmatch(text):
        raise _OtherYamlError
    return _listed(text, here, number, found) if text[0] == "[" else _mapped(text, here, number, found)


def _listed(text: str, here: KeyPath, number: int, found: PlainYaml) -> list[object]:
    items: list[object] = []
    before = ""
    for at, (_, item) in enumerate(_ITEM.findall(text, 1)):
        found.lines[*here, at] = number
        items.append(_scalar(item, (*here, at), found))
        plain = "" if item[0] in "'\"" else item
        if before and plain:
            found.slips.append(Slip("commas", (*here, at), plain, before))
        before = plain
    return items


def _mapped(text: str, here: KeyPath, number: int, found: PlainYaml) -> dict[str, object]:
    items: dict[str, object] = {}
    for key, item in _ITEM.findall(text, 1):
        if key in items:
            raise _OtherYamlError
        found.lines[*here, key] = number
        items[key] = _scalar(item, (*here, key), found)
    return items
