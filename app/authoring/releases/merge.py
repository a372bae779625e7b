"""Three-way merge of catalog folders: by file, by key, and by the lists to which several people add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

FileTree = Mapping[str, bytes]
"""Files of a folder by their path in it, with `/`."""

KeyTrail = tuple[str, ...]
"""Keys that lead to a value inside one file."""

Side = Literal["mine", "theirs"]

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """File that two folders have differently."""

    path: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """Place that both sides changed, each in its own way.

    `key` is the place inside the file, such as `answer.en`; empty for the whole file. A text is None if that side
    does not have it.
    """

    path: str
    key: str
    base: str | None
    theirs: str | None
    mine: str | None


@dataclass(frozen=True, slots=True)
class MergedFile:
    """File as merged; `content` is None if it is gone."""

    content: bytes | None
    conflicts: tuple[MergeConflict, ...] = ()


@dataclass(frozen=True, slots=True)
class FileVersions:
    """Three versions of one file; None: it is not there."""

    path: str
    base: bytes | None
    theirs: bytes | None
    mine: bytes | None


MergeFile = Callable[[FileVersions, Side | None], MergedFile]
"""Merge of a file that both sides have and changed; `Side` says whose version wins where they collide."""


@dataclass(frozen=True, slots=True)
class MergedTree:
    """Folder as merged. `taken` are the files that are other than in the folder `mine`."""

    files: FileTree
    taken: tuple[ChangedFile, ...]
    conflicts: tuple[MergeConflict, ...]


def changed_files(before: FileTree, after: FileTree) -> tuple[ChangedFile, ...]:
    """Return the files that differ, by path."""
    names = sorted({*before, *after})
    found = ((name, before.get(name), after.get(name)) for name in names)
    return tuple(ChangedFile(name, _kind(old, new)) for name, old, new in found if old != new)


def merge_trees(
    base: FileTree, theirs: FileTree, mine: FileTree, merge_file: MergeFile, *, prefer: Side | None = None
) -> MergedTree:
    """Merge two folders that were made from one."""
    files: dict[str, bytes] = {}
    conflicts: list[MergeConflict] = []
    for path in sorted({*base, *theirs, *mine}):
        versions = FileVersions(path, base.get(path), theirs.get(path), mine.get(path))
        merged = _merged(versions, merge_file, prefer)
        conflicts += merged.conflicts
        if merged.content is not None:
            files[path] = merged.content
    return MergedTree(files, changed_files(mine, files), tuple(conflicts))


def whole_file(versions: FileVersions, prefer: Side | None) -> MergedFile:
    """Return the preferred version of a file that cannot be merged inside, else a conflict, with `mine` kept."""
    if prefer is not None:
        return MergedFile(versions.theirs if prefer == "theirs" else versions.mine)
    texts = (_shown(versions.base), _shown(versions.theirs), _shown(versions.mine))
    return MergedFile(versions.mine, (MergeConflict(versions.path, "", *texts),))


def _merged(versions: FileVersions, merge_file: MergeFile, prefer: Side | None) -> MergedFile:
    if versions.theirs in (versions.base, versions.mine):
        return MergedFile(versions.mine)
    if versions.mine == versions.base:
        return MergedFile(versions.theirs)
    if versions.theirs is None or versions.mine is None:
        return whole_file(versions, prefer)
    return merge_file(versions, prefer)


def _kind(before: bytes | None, after: bytes | None) -> ChangeKind:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _shown(content: bytes | None) -> str | None:
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"


class Missing:
    """Value of a key that is not there: None is a value of YAML's."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Values:
    """Three versions of one value."""

    base: object
    theirs: object
    mine: object


@dataclass(frozen=True, slots=True)
class Clash:
    """Value that both sides changed, and where it is."""

    trail: KeyTrail
    values: Values


@dataclass(frozen=True, slots=True)
class MergedValue:
    """Value as merged, and what could not be merged in it: there it is `mine`, or the preferred side's."""

    value: object
    clashes: tuple[Clash, ...] = ()


def merge_values(values: Values, trail: KeyTrail = (), *, prefer: Side | None = None) -> MergedValue:
    """Merge a value: mappings key by key, lists that people add to item by item, all else as a whole."""
    if values.theirs in (values.base, values.mine):
        return MergedValue(values.mine)
    if values.mine == values.base:
        return MergedValue(values.theirs)
    mappings = _mappings(values)
    if mappings is not None:
        return _merged_mapping(mappings, trail, prefer)
    merged = _merged_list(values) if _is_collection(trail) else None
    if merged is not None:
        return MergedValue(merged)
    if prefer is not None:
        return MergedValue(values.theirs if prefer == "theirs" else values.mine)
    return MergedValue(values.mine, (Clash(trail, values),))


def _mappings(values: Values) -> tuple[Mapping[str, object], ...] | None:
    sides = [value for value in (values.theirs, values.mine) if isinstance(value, Mapping)]
    if len(sides) < 2:
        return None
    return (values.base if isinstance(values.base, Mapping) else {}, *sides)


def _merged_mapping(sides: tuple[Mapping[str, object], ...], trail: KeyTrail, prefer: Side | None) -> MergedValue:
    base, theirs, mine = sides
    merged: dict[str, object] = {}
    clashes: list[Clash] = []
    for key in dict.fromkeys([*mine, *theirs]):
        three = Values(*(side.get(key, MISSING) for side in (base, theirs, mine)))
        one = merge_values(three, (*trail, key), prefer=prefer)
        clashes += one.clashes
        if one.value is not MISSING:
            merged[key] = one.value
    return MergedValue(merged, tuple(clashes))


_COLLECTIONS = {("phrases", 2), ("not_phrases", 2), ("next", 1), ("tests", 1), ("starter", 1), ("examples", 2)}
"""Lists whose items stand for themselves, by a key of theirs and by how deep they are.

An answer is none: its variants belong to recordings by their place.
"""


def _is_collection(trail: KeyTrail) -> bool:
    return bool(trail) and {(trail[0], len(trail)), (trail[-1], len(trail))} & _COLLECTIONS != set()


def _merged_list(values: Values) -> list[object] | None:
    base, theirs, mine = (_listed(value) for value in (values.base, values.theirs, values.mine))
    kept = [item for item in mine if item in theirs or item not in base]
    merged = [*kept, *(item for item in theirs if item not in base and item not in kept)]
    asked = [repr((item.get("ask"), item.get("locale"))) for item in merged if isinstance(item, Mapping)]
    return merged if len(asked) == len(set(asked)) else None  # one question with two expectations is a conflict


def _listed(value: object) -> Sequence[object]:
    if isinstance(value, Missing) or value is None:
        return ()
    return value if isinstance(value, list) else [value]
