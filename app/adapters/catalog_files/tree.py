"""Files of a catalog folder, and none outside it."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.catalog_files.unread import SOUNDS, TOP_FILES, shown, slug, unread
from app.catalog.findings import AVATARS_FOLDER, KNOWLEDGE_FOLDER, Finding, Level

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SOUND_ENDINGS = tuple(f".{ending}" for ending in SOUNDS)
_DEEPEST = 3
"""Folders below a topic's subfolder that are looked into."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Names of regular files under `root`, relative to it with `/`, sorted; findings about the others."""

    root: Path
    top: frozenset[str] = frozenset()
    avatars: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    """Recordings: read only where an intent names them."""
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Scan:
    root: Path
    names: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def scan(root: Path, more: Iterable[str] = ()) -> Tree:
    """List the catalog folder two levels deep; hidden files are ignored. `more` names files as if they were there.

    Raises:
        OSError: the folder cannot be read.
    """
    found = _Scan(root.resolve())
    for entry in _entries(root):
        _visit(entry, entry.name, found)
    found.names = sorted({*found.names, *more})
    return _tree_of(found)


def reads(root: Path, name: str) -> bool:
    """Return whether a file is one of the catalog's, without a look at the others; see `scan`."""
    group, path = _group(name), root / name
    if name not in TOP_FILES:
        wrong = _wrong_name(name, group)
        if not group or name.count("/") != 1 or (wrong and wrong.rule in {"file-name", "unknown-file"}):
            return False
    return not path.name.startswith(".") and path.is_file() and inside(root, path)


def intent_at(root: Path, intent: str) -> str | None:
    """Return the file of an intent where exactly one topic has it; None where more must be looked at.

    Raises:
        OSError: the folder cannot be read.
    """
    if not is_slug(intent):
        return None
    names = (f"{entry.name}/{intent}.yaml" for entry in _entries(root) if entry.is_dir())
    found = [name for name in names if _group(name) == "intents" and reads(root, name)]
    return found[0] if len(found) == 1 else None


def inside(root: Path, path: Path) -> bool:
    """Return whether the path, all links followed, lies under the root and exists."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return False


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted((one for one in entries if not one.name.startswith(".")), key=lambda one: one.name)


def _visit(entry: os.DirEntry[str], name: str, found: _Scan) -> None:
    """Note a file, or the files of a folder. Only a link leads elsewhere, so no other path is followed."""
    if entry.is_symlink() and not inside(found.root, Path(entry.path)):
        message = "Expected a file inside the catalog folder, got a link that leaves it or leads nowhere."
        found.findings.append(_finding("path-outside", name, message, "Copy the file into the catalog."))
    elif entry.is_dir():
        _visit_folder(entry.path, name, found)
    elif entry.is_file():
        found.names.append(name)


def _visit_folder(path: str, name: str, found: _Scan) -> None:
    if name.count("/") >= 1:
        try:
            has_words = _has_words(path)
        except OSError:
            message = "Expected a folder that can be read, got one that cannot; nothing in it is read."
            hint = "Check its permissions, or move it out of the catalog."
            found.findings.append(_finding("unknown-file", name, message, hint, level=Level.WARNING))
            return
        if has_words:
            message = "Expected intents one folder deep, got a folder inside a topic."
            found.findings.append(_finding("unknown-file", name, message, "Move its files up.", level=Level.WARNING))
        return
    for entry in _entries(path):
        _visit(entry, f"{name}/{entry.name}", found)


def _has_words(folder: str, depth: int = 0) -> bool:
    """Return whether a folder too deep to be read has files that somebody may have meant to be read.

    Raises:
        OSError: it, or a folder inside it, cannot be read.
    """
    for entry in _entries(folder):
        if entry.is_dir() and depth < _DEEPEST and _has_words(entry.path, depth + 1):
            return True
        if not entry.is_dir() and unread(entry.name):
            return True
    return False


def _tree_of(found: _Scan) -> Tree:
    groups: dict[str, list[str]] = {"avatars": [], "knowledge": [], "intents": []}
    findings = list(found.findings)
    for name in found.names:
        group = _group(name)
        wrong = _wrong_name(name, group)
        if wrong:
            findings.append(wrong)
        if group and not (wrong and wrong.rule in {"file-name", "unknown-file"}):
            groups[group].append(name)
    return Tree(
        root=found.root,
        top=frozenset(name for name in found.names if name in TOP_FILES),
        avatars=tuple(groups["avatars"]),
        knowledge=tuple(groups["knowledge"]),
        intents=tuple(groups["intents"]),
        sounds=tuple(name for name in found.names if name.lower().endswith(_SOUND_ENDINGS)),
        findings=tuple(findings),
    )


def _group(name: str) -> str | None:
    """Return the kind of file that a name stands for; None for one that the catalog does not read."""
    folder, _, file = name.rpartition("/")
    if folder == KNOWLEDGE_FOLDER:
        return "knowledge" if file.endswith(".md") else None
    if not folder or not file.endswith(".yaml"):
        return None
    return "avatars" if folder == AVATARS_FOLDER else "intents"


def _wrong_name(name: str, group: str | None) -> Finding | None:
    folder, _, file = name.rpartition("/")
    if group == "knowledge":
        return _document_name(name, file)
    if group is None or file.startswith("~"):
        return None if name in TOP_FILES else unread(name)
    if _SLUG.fullmatch(folder) and is_slug(file.rpartition(".")[0]):
        return None
    message = "Expected a name of lower-case letters, digits and single hyphens, because it is the id."
    return _finding("file-name", name, message, f"Rename it to `{slug(folder)}/{slug(file[:-5])}.yaml`.")


def _document_name(name: str, file: str) -> Finding | None:
    if is_slug(file.rpartition(".")[0]):
        return None
    message = "Expected a document's name of lower-case letters, digits and single hyphens, because it is the id."
    hint = f"Rename it to `{slug(file[:-3])}.md`."
    return _finding("document-name", name, message, hint, level=Level.WARNING)


def is_slug(name: str) -> bool:
    """Return whether a name can be an id, or a topic."""
    return len(name) <= 64 and _SLUG.fullmatch(name) is not None


def _finding(rule: str, name: str, message: str, hint: str, *, level: Level = Level.ERROR) -> Finding:
    return Finding(level, rule, shown(name), 0, message, hint)


def fingerprint(root: Path, deep: int = 2) -> int:
    """Return a number that changes with any file so `deep` in the folder: its name, size or time. None is read.

    Raises:
        OSError: the folder cannot be read.
    """
    return hash(tuple(_stats(root, deep)))


def _stats(folder: str | Path, deep: int) -> Iterator[tuple[str, int, int, int]]:
    for entry in _entries(folder):
        found = entry.stat()
        yield entry.path, found.st_mtime_ns, found.st_size, found.st_ino
        if deep and entry.is_dir(follow_symlinks=False):
            yield from _stats(entry.path, deep - 1)
