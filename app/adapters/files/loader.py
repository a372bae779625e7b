"""Reads a catalog folder: a validated catalog, or every reason why not."""

from dataclasses import dataclass
from pathlib import Path

from app.adapters.files.assembly import assemble
from app.adapters.files.parts import read_parts
from app.adapters.files.reader import Reader
from app.adapters.files.tree import Tree, scan
from app.catalog.findings import Finding, Level, ordered
from app.catalog.model import Catalog
from app.catalog.places import CATALOG_FILE, Places
from app.errors import CatalogError

_SHOWN_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A catalog, or None when a finding is an error; where everything was written."""

    catalog: Catalog | None
    findings: tuple[Finding, ...]
    places: Places


def load_catalog(root: Path) -> LoadResult:
    """Read every file of the folder and report all findings at once, by file and line; never raises for bad content."""
    try:
        tree = scan(root)
    except (OSError, ValueError, RuntimeError):
        hint = "Create it with a `catalog.yaml`, or name another folder with `--catalog DIR`."
        return _nothing(".", f"Expected a catalog folder, found none at `{root}`.", hint)
    if CATALOG_FILE not in tree.top:
        hint = "Write one with `name:` and `avatar:`, or name another folder with `--catalog DIR`."
        return _nothing(CATALOG_FILE, f"Expected `{CATALOG_FILE}` in `{root}`, found none.", hint)
    return _read(tree)


def load_or_raise(root: Path) -> Catalog:
    """The catalog of this folder.

    Raises:
        CatalogError: it has errors; the message counts them and quotes the first ones.
    """
    result = load_catalog(root)
    if result.catalog is not None:
        return result.catalog
    errors = [finding for finding in result.findings if finding.level is Level.ERROR]
    lines = [f"Expected a valid catalog in `{root}`, got {len(errors)} error{'s' if len(errors) > 1 else ''}:"]
    lines += [f"  {finding}" for finding in errors[:_SHOWN_FINDINGS]]
    if len(errors) > _SHOWN_FINDINGS:
        lines.append(f"  and {len(errors) - _SHOWN_FINDINGS} more; `greenroom check` lists them all.")
    raise CatalogError("\n".join(lines))


def _read(tree: Tree) -> LoadResult:
    reader = Reader(tree.root)
    parts = read_parts(reader, tree)
    catalog = assemble(parts, parts.settings, reader) if parts.settings else None
    findings = ordered((*tree.findings, *reader.findings))
    failed = any(finding.level is Level.ERROR for finding in findings)
    return LoadResult(None if failed else catalog, findings, reader.places)


def _nothing(file: str, message: str, hint: str) -> LoadResult:
    return LoadResult(None, (Finding(Level.ERROR, "catalog-missing", file, 0, message, hint),), Places())
