"""Files of a catalog folder, and none outside it."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.catalog.findings import AVATARS_FOLDER, CATALOG_FILE, FACTS_FILE, KNOWLEDGE_FOLDER, TESTS_FILE, Finding, Level

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TOP_FILES = (CATALOG_FILE, FACTS_FILE, TESTS_FILE)


@dataclass(frozen=True, slots=True)
class Tree:
    """Names of regular files under `root`, relative to it with `/`, sorted; findings about the others."""

    root: Path
    top: frozenset[str] = frozenset()
    avatars: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
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
        _visit(entry.path, entry.name, found)
    found.names = sorted({*found.names, *more})
    return _tree_of(found)


def inside(root: Path, path: Path) -> bool:
    """Return whether the path, all links followed, lies under the root and exists."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return False


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted((one for one in entries if not one.name.startswith(".")), key=lambda one: one.name)


def _visit(path: str, name: str, found: _Scan) -> None:
    if not inside(found.root, Path(path)):
        message = "Expected a file inside the catalog folder, got a link that leaves it or leads nowhere."
        found.findings.append(_finding("path-outside", name, message, "Copy the file into the catalog."))
    elif Path(path).is_dir():
        _visit_folder(path, name, found)
    elif Path(path).is_file():
        found.names.append(name)


def _visit_folder(path: str, name: str, found: _Scan) -> None:
    if name.count("/") >= 1:
        message = "Expected intents one folder deep, got a folder inside a topic."
        if any(True for _ in Path(path).glob("*.y*ml")):
            found.findings.append(_finding("unknown-file", name, message, "Move its files up.", level=Level.WARNING))
        return
    for entry in _entries(path):
        _visit(entry.path, f"{name}/{entry.name}", found)


def _tree_of(found: _Scan) -> Tree:
    groups: dict[str, list[str]] = {"avatars": [], "knowledge": [], "intents": []}
    findings = list(found.findings)
    for name in found.names:
        group = _group(name)
        wrong = _wrong_name(name, group)
        if wrong:
            findings.append(wrong)
        elif group:
            groups[group].append(name)
    return Tree(
        root=found.root,
        top=frozenset(name for name in found.names if name in _TOP_FILES),
        avatars=tuple(groups["avatars"]),
        knowledge=tuple(groups["knowledge"]),
        intents=tuple(groups["intents"]),
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
    if file.endswith(".yml") or (file.endswith(".yaml") and group is None and name not in _TOP_FILES):
        message = f"Expected {_places(folder)}, got `{_shown(name)}`; it is not read."
        hint = (
            "Rename it to end in `.yaml`." if file.endswith(".yml") else "Move it into a topic's folder or remove it."
        )
        return _finding("unknown-file", name, message, hint, level=Level.WARNING)
    if group in {"avatars", "intents"} and not (_SLUG.fullmatch(folder) and is_slug(Path(file).stem)):
        message = "Expected a name of lower-case letters, digits and single hyphens, because it is the id."
        return _finding("file-name", name, message, f"Rename it to `{_slugged(name)}`.")
    return None


def _places(folder: str) -> str:
    return "`<id>.yaml`" if folder else "`catalog.yaml`, `facts.yaml` or `tests.yaml`"


def is_slug(name: str) -> bool:
    """Return whether a name can be an id, or a topic."""
    return len(name) <= 64 and _SLUG.fullmatch(name) is not None


def _slugged(name: str) -> str:
    folder, _, file = name.rpartition("/")
    parts: Iterator[str] = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:64] for part in (folder, file[:-5]))
    return "/".join(part or "name" for part in parts) + ".yaml"


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _finding(rule: str, name: str, message: str, hint: str, *, level: Level = Level.ERROR) -> Finding:
    return Finding(level, rule, _shown(name), 0, message, hint)
