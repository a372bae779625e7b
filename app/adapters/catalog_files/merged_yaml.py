"""Merge of YAML files in which two people changed different things: the rest of the file stays as it is written."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from app.adapters.catalog_files.strict_yaml import YamlDocument, parse
from app.authoring.releases.base import Grains
from app.authoring.releases.merge import (
    MISSING,
    Clash,
    FileTree,
    FileVersions,
    KeyTrail,
    MergeConflict,
    MergedFile,
    MergedValue,
    Missing,
    Side,
    Values,
    merge_values,
    whole_file,
)
from app.catalog.findings import TESTS_FILE
from app.digest import digest_bytes

_INDENTED_ITEM = re.compile(r"^ +- ", re.MULTILINE)
_WIDE = 4096
"""Width at which lines are folded: never."""


@dataclass(frozen=True, slots=True)
class _Blocks:
    """File of top-level keys, each with its own lines and the comments above them."""

    data: dict[str, object]
    texts: dict[str, str]

    def text(self, key: str) -> str | None:
        return self.texts.get(key)

    def value(self, key: str) -> object:
        return self.data.get(key, MISSING)


def merge_yaml(versions: FileVersions, prefer: Side | None) -> MergedFile:
    """Merge a catalog file by its keys; any file that cannot be read that way is merged as a whole, or not at all."""
    if not versions.path.endswith(".yaml"):
        return whole_file(versions, prefer)
    sides = [_blocks(content or b"", versions.path) for content in (versions.base, versions.theirs, versions.mine)]
    base, theirs, mine = sides
    if base is None or theirs is None or mine is None:
        return whole_file(versions, prefer)
    return _joined(versions, base, theirs, mine, prefer)


class GrainReader:
    """Reader of the grains of folders; a file that many releases have in common is read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, bytes], Grains] = {}

    def grains(self, files: FileTree) -> Grains:
        """Return the grains of a folder's files."""
        for file in files.items():
            if file not in self._read:
                self._read[file] = _grains(*file)
        return frozenset().union(*(self._read[file] for file in files.items()))


def _grains(path: str, content: bytes) -> Grains:
    document = parse(content) if path.endswith(".yaml") else None
    if document is not None and not document.problems:
        return frozenset((path, *leaf) for leaf in _leaves(document.data, ()))
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return frozenset({(path, digest_bytes(content))})
    return frozenset((path, line.strip()) for line in lines)


def _leaves(value: object, trail: KeyTrail) -> Iterator[KeyTrail]:
    """Yield every text of a value after its keys; items of a list have no place in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*trail, str(key)))
    elif isinstance(value, list):
        for item in value:
            yield (*trail, json.dumps(item)) if isinstance(item, dict | list) else (*trail, str(item))
    else:
        yield (*trail, str(value))


def _joined(versions: FileVersions, base: _Blocks, theirs: _Blocks, mine: _Blocks, prefer: Side | None) -> MergedFile:
    texts: list[str] = []
    data: dict[str, object] = {}
    clashes: list[Clash] = []
    for key in dict.fromkeys([*mine.texts, *theirs.texts]):
        merged = _merged_key(key, base, theirs, mine, prefer)
        clashes += merged.clashes
        if not isinstance(merged.value, Missing):
            data[key] = merged.value
            texts.append(_text(key, merged.value, theirs, mine, base))
    if clashes:
        return MergedFile(versions.mine, tuple(_conflict(versions.path, clash) for clash in clashes))
    content = "".join(text if text.endswith("\n") else f"{text}\n" for text in texts if text).encode()
    read = parse(content)
    if read.problems or _root(read, versions.path) != data:
        return whole_file(versions, prefer)
    return MergedFile(content)


def _merged_key(key: str, base: _Blocks, theirs: _Blocks, mine: _Blocks, prefer: Side | None) -> MergedValue:
    return merge_values(Values(base.value(key), theirs.value(key), mine.value(key)), (key,), prefer=prefer)


def _text(key: str, value: object, theirs: _Blocks, mine: _Blocks, base: _Blocks) -> str:
    """Return the lines of a key: one side's own where its value is the merged one, else written into `mine`."""
    ours, other = mine.text(key), theirs.text(key)
    if ours is not None and mine.value(key) == value and (other is None or ours != base.text(key)):
        return ours
    if other is not None and theirs.value(key) == value:
        return other
    return _written(ours or other or "", key, value)


def _written(block: str, key: str, value: object) -> str:
    """Write a value into a block, keeping its comments and its form."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, _WIDE, True
    if _INDENTED_ITEM.search(block):
        yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(block)
    if isinstance(document, CommentedMap):
        document[key] = _updated(document.get(key), value)
    else:
        document = _updated(document, value)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _updated(node: Any, value: object) -> Any:
    """Bring a node to a value with the fewest changes."""
    if isinstance(node, CommentedMap) and isinstance(value, dict):
        for gone in [key for key in node if key not in value]:
            del node[gone]
        for key, inner in value.items():
            node[key] = _updated(node.get(key), inner)
        return node
    if isinstance(node, CommentedSeq) and isinstance(value, list):
        for at in range(len(node) - 1, -1, -1):
            if node[at] not in value:
                del node[at]
        node.extend(item for item in value if item not in list(node))
        return node
    return node if node == value else value


def _blocks(content: bytes, path: str) -> _Blocks | None:
    """Cut a file into its top-level keys; None if it is no mapping of a key a line."""
    document = parse(content)
    if document.problems:
        return None
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    if document.data is None:
        return _Blocks({}, {})
    if isinstance(document.data, list) and path == TESTS_FILE:
        return _Blocks({"tests": document.data}, {"tests": text})
    if not isinstance(document.data, dict):
        return None
    starts = {str(key): document.lines[(key,)] for key in document.data}
    return _cut(text, document.data, starts)


def _cut(text: str, data: dict[str, object], starts: dict[str, int]) -> _Blocks | None:
    lines = text.splitlines(keepends=True)
    if len(set(starts.values())) < len(starts) or any(lines[at - 1][:1] in {" ", "{"} for at in starts.values()):
        return None
    begins = [_with_comments(lines, at - 1) for at in starts.values()]
    begins[0] = 0
    ends = [*begins[1:], len(lines)]
    texts = {key: "".join(lines[begin:end]) for key, begin, end in zip(starts, begins, ends, strict=True)}
    return _Blocks(data, texts)


def _with_comments(lines: list[str], at: int) -> int:
    """Return the first line of the comments right above a key."""
    while at > 0 and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _root(document: YamlDocument, path: str) -> object:
    return {"tests": document.data} if path == TESTS_FILE and isinstance(document.data, list) else document.data


def _conflict(path: str, clash: Clash) -> MergeConflict:
    base, theirs, mine = (_shown(value) for value in (clash.values.base, clash.values.theirs, clash.values.mine))
    return MergeConflict(path, ".".join(clash.trail), base, theirs, mine)


def _shown(value: object) -> str | None:
    if isinstance(value, Missing):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
