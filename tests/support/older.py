"""The site that an older Greenroom left, unpacked to be used: see `tests/data/site-285606a/README.md`."""

import json
import shutil
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.sites import Site

STORED = Path(__file__).parents[1] / "data" / "site-285606a"


def older_site(root: Path) -> Site:
    """Catalog, store and database as they were left, in a folder of their own."""
    shutil.copytree(STORED / "intents", root / "intents")
    with tarfile.open(STORED / "site.tar.xz") as archive:
        archive.extractall(root, filter="data")
    return Site(root)


def database_of(site: Site) -> Path:
    return site.root / "state" / "greenroom.db"


def visit() -> dict[str, Any]:
    """What the visitor's browser would know: session, resume token, number of the last frame, ids of its turns."""
    found: dict[str, Any] = json.loads((STORED / "visit.json").read_text())
    return found


def left_just_now(site: Site) -> None:
    """As if the older node had stopped a moment ago: a session is resumed within five minutes only."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with sqlite3.connect(database_of(site)) as plain:
        changed = plain.execute("UPDATE sessions SET alive_at = ? WHERE id = ?", (now, visit()["session"]))
        assert changed.rowcount == 1


def rows_of(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with sqlite3.connect(database) as plain:
        plain.row_factory = sqlite3.Row
        names = [row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: [dict(row) for row in plain.execute(f'SELECT * FROM "{name}"')] for name in names}  # noqa: S608
