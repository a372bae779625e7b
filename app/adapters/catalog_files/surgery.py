"""Surgery on YAML text: one value is set, and every other character stays as its author typed it.

Positions come from the parser's own marks. Whoever calls compares the outcome with what it should be.
"""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

import yaml

from app.adapters.catalog_files.yaml_scalars import resolve

_FIRST = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`]")
_INSIDE = re.compile(r": | #|:$|[\x00-\x1f\x7f\x85\u2028\u2029\ufeff]")
_IN_FLOW = re.compile(r"[,\[\]{}]")
_OLD_WORDS = frozenset(("yes", "no", "on", "off", "y", "n"))
"""Words that other YAML readers take for booleans."""

LINE_CHARS = 110
"""Length at which a list in brackets goes on in the next line."""


class Plain(str):
    """Text that is written as it stands: no quotes, and what follows it in the line."""

    __slots__ = ()


Written = str | Sequence[str] | Mapping[str, "Written"]

_Path = tuple[str, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def set_list(text: str, path: _Path, values: Sequence[str], *, order: Sequence[str] = ()) -> str:
    """Return the file's text with this list at the path; an empty one removes it. `order`: of top-level keys."""
    node = find(text, path)
    if node is None:
        return _insert(text, path, tuple(values), order) if values else text
    if not values:
        return remove(text, path)
    if isinstance(node, yaml.SequenceNode):
        return _spliced(text, node, values, flow=bool(node.flow_style) or _in_flow(text, path))
    if len(values) == 1:
        return set_text(text, path, values[0], order=order)
    return _listed(text, path, node, values)


def set_text(text: str, path: _Path, value: str, *, order: Sequence[str] = ()) -> str:
    """Return the file's text with this one text at the path, quoted as before where that is possible."""
    node = find(text, path)
    if node is None:
        return _insert(text, path, value, order)
    style = getattr(node, "style", None)
    scalar = quoted(value, style=style if style in ("'", '"') else None, flow=_in_flow(text, path))
    return text[: node.start_mark.index] + scalar + text[_end(text, node) :]


def remove(text: str, path: _Path) -> str:
    """Return the file's text without a key; a mapping that this leaves empty goes, too."""
    parent = find(text, path[:-1])
    if not isinstance(parent, yaml.MappingNode):
        return text
    if len(parent.value) == 1 and len(path) > 1:
        return remove(text, path[:-1])
    at = next((number for number, (key, _) in enumerate(parent.value) if key.value == path[-1]), None)
    if at is None:
        return text
    if parent.flow_style:
        spans = [(key.start_mark.index, _end(text, value)) for key, value in parent.value]
        start, end = _cut(spans, at, at + 1)
        return text[:start] + text[end:]
    key, value = parent.value[at]
    return text[: _line_start(text, key.start_mark.index)] + text[_after_line(text, _end(text, value)) :]


def set_plain(text: str, key: str, value: Plain, *, order: Sequence[str]) -> str:
    """Return the file's text with a top-level key that says this."""
    return _insert(remove(text, (key,)), (key,), value, order)


def find(text: str, path: Sequence[str]) -> yaml.Node | None:
    """Return the node at a path of keys, with its marks in this text."""
    node = yaml.compose(text, Loader=_LOADER)
    for name in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for key, value in node.value if key.value == name), None)
    return node


def block(key: str, value: Written, indent: int = 0) -> str:
    """Return a key with its value as lines, the last one ended."""
    lead = " " * indent
    if isinstance(value, str):
        return f"{lead}{quoted(key)}: {value if isinstance(value, Plain) else quoted(value)}\n"
    if isinstance(value, Mapping):
        return f"{lead}{quoted(key)}:\n" + "".join(block(name, one, indent + 2) for name, one in value.items())
    return f"{lead}{quoted(key)}:\n" + "".join(f"{lead}  - {quoted(one)}\n" for one in value)


def _insert(text: str, path: _Path, value: Written, order: Sequence[str]) -> str:
    """Return the text with a new key, under the deepest mapping of the path that is there."""
    if find(text, ()) is None:  # an empty file, or one of comments alone
        for name in reversed(path[1:]):
            value = {name: value}
        return text + ("" if not text or text.endswith("\n") else "\n") + block(path[0], value)
    depth = max(at for at in range(len(path)) if isinstance(find(text, path[:at]), yaml.MappingNode))
    parent = find(text, path[:depth])
    for name in reversed(path[depth + 1 :]):
        value = {name: value}
    if not isinstance(parent, yaml.MappingNode):  # pragma: no cover - the depth above is that of a mapping
        return text
    if parent.flow_style:
        return _into_braces(text, parent, path[depth], value)
    before = _preceding(parent, path[depth], order if not depth else ())
    at = _after_line(text, _end(text, before))
    head = text[:at] if text[:at].endswith("\n") else text[:at] + "\n"
    return head + block(path[depth], value, parent.start_mark.column) + text[at:]


def _preceding(parent: yaml.MappingNode, key: str, order: Sequence[str]) -> yaml.Node:
    """Return the value after which a key is written: of the last key that comes before it, else of the last one."""
    earlier = set(order[: order.index(key)]) if key in order else set()
    ahead = [value for name, value in parent.value if name.value in earlier]
    last: yaml.Node = (ahead or [value for _, value in parent.value])[-1]
    return last


def _into_braces(text: str, parent: yaml.MappingNode, key: str, value: Written) -> str:
    at = _end(text, parent.value[-1][1]) if parent.value else parent.start_mark.index + 1
    comma = ", " if parent.value else ""
    return f"{text[:at]}{comma}{quoted(key, flow=True)}: {_flow(value)}{text[at:]}"


def _flow(value: Written) -> str:
    if isinstance(value, str):
        return quoted(value, flow=True)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(name, flow=True)}: {_flow(one)}" for name, one in value.items()) + "}"
    return "[" + ", ".join(quoted(one, flow=True) for one in value) + "]"


def _listed(text: str, path: _Path, node: yaml.Node, values: Sequence[str]) -> str:
    """Return the text with a list where one text stood: in brackets if that fits into the line."""
    start, end = node.start_mark.index, _end(text, node)
    flow = _in_flow(text, path)
    brackets = _flow(tuple(values))
    line = _line_start(text, start)
    if flow or (start - line + len(brackets) <= LINE_CHARS and getattr(node, "style", None) not in ("|", ">")):
        return text[:start] + brackets + text[end:]
    parent = find(text, path[:-1])
    indent = " " * ((parent.start_mark.column if parent else 0) + 2)
    items = "".join(f"\n{indent}- {quoted(one)}" for one in values)
    return text[:start].rstrip(" ") + items + text[end:]


def _spliced(text: str, node: yaml.SequenceNode, values: Sequence[str], *, flow: bool) -> str:
    """Return the text with the list's items changed from the last to the first, so that marks stay true."""
    old = [str(one.value) for one in node.value]
    for _, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, list(values), autojunk=False).get_opcodes()):
        if old[i1:i2] == list(values[j1:j2]):
            continue
        both = min(i2 - i1, j2 - j1)
        text = _without(text, node, i1 + both, i2, flow=flow)
        text = _with(text, node, i1 + both, values[j1 + both : j2], flow=flow)
        for at in reversed(range(both)):
            item = node.value[i1 + at]
            style = item.style if item.style in ("'", '"') else None
            scalar = quoted(values[j1 + at], style=style, flow=flow)
            text = text[: item.start_mark.index] + scalar + text[_end(text, item) :]
    return text


def _without(text: str, node: yaml.SequenceNode, first: int, last: int, *, flow: bool) -> str:
    if first == last:
        return text
    items = node.value
    if flow:
        start, end = _cut([(one.start_mark.index, _end(text, one)) for one in items], first, last)
        return text[:start] + text[end:]
    for at in reversed(range(first, last)):
        start = _dash(text, node, items[at])
        text = text[:start] + text[_after_line(text, _end(text, items[at])) :]
    return text


def _with(text: str, node: yaml.SequenceNode, at: int, values: Sequence[str], *, flow: bool) -> str:
    if not values:
        return text
    items = node.value
    if not flow:
        place = _after_line(text, _end(text, items[at - 1])) if at else _dash(text, node, items[0])
        head = text[:place] if text[:place].endswith("\n") else text[:place] + "\n"
        indent = " " * node.start_mark.column
        return head + "".join(f"{indent}- {quoted(one)}\n" for one in values) + text[place:]
    if not items or not at:
        place = node.start_mark.index + 1
        return (
            text[:place] + ", ".join(quoted(one, flow=True) for one in values) + (", " if items else "") + text[place:]
        )
    place, indent = _end(text, items[at - 1]), " " * (node.start_mark.column + 1)
    for one in values:
        added = quoted(one, flow=True)
        long = place - _line_start(text, place) + len(added) + 3 > LINE_CHARS
        joined = f",\n{indent}{added}" if long else f", {added}"
        text = text[:place] + joined + text[place:]
        place += len(joined)
    return text


def _cut(spans: Sequence[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """Return what to cut so that items between brackets go with one of their commas."""
    if first:
        return spans[first - 1][1], spans[last - 1][1]
    return spans[0][0], spans[last][0] if last < len(spans) else spans[-1][1]


def _in_flow(text: str, path: _Path) -> bool:
    return any(bool(getattr(find(text, path[:at]), "flow_style", False)) for at in range(len(path)))


def _end(text: str, node: yaml.Node) -> int:
    """Return the position after the last character of a value, without the blank lines that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        if not node.value:
            return int(node.start_mark.index)
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    return max(start, len(text[:end].rstrip()))


def _dash(text: str, node: yaml.SequenceNode, item: yaml.Node) -> int:
    """Return the start of the line on which an item's dash stands."""
    start = _line_start(text, item.start_mark.index)
    while text[start + node.start_mark.column : start + node.start_mark.column + 1] != "-":
        start = _line_start(text, start - 1)
    return start


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _after_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def quoted(text: str, *, style: str | None = None, flow: bool = False) -> str:
    """Return the text as a scalar in the wanted quotes (`'`, `"`), or plain where that is possible.

    `flow`: it stands between brackets, where a comma would end it.
    """
    if style == "'" and not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\ufeff]", text):
        return _single(text)
    if style == '"' or not _plain(text, flow=flow):
        readable = not _INSIDE.search(text) or "\n" not in text
        return _single(text) if style != '"' and readable and ('"' in text or "\\" in text) else _double(text)
    return text


def _plain(text: str, *, flow: bool) -> bool:
    if not text or text != text.strip() or _FIRST.match(text) or _INSIDE.search(text):
        return False
    if flow and _IN_FLOW.search(text):
        return False
    return isinstance(resolve(text), str) and text.lower() not in _OLD_WORDS


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f").replace("\x85", "\\x85")
