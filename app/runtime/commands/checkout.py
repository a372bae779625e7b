"""Checkout of a catalog: where its folder is a git checkout, an edit gets a commit if its author asks for one."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import CatalogError

TIMEOUT_S = 20.0

MOST_COMMITS = 20

_FIELD = "\x1f"


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit that changed a file."""

    id: str
    at: datetime
    by: str
    subject: str


async def is_checkout(folder: Path) -> bool:
    """Return whether the folder is inside of a git checkout, and git is there to ask."""
    try:
        status, said = await _git(folder, "rev-parse", "--is-inside-work-tree")
    except OSError:
        return False
    return status == 0 and said.strip() == "true"


async def commit(folder: Path, files: Sequence[str], *, subject: str, by: str) -> str:
    """Commit these files of the folder and nothing else; return the commit's short id.

    Raises:
        CatalogError: git refuses; the files stay as they are written.
    """
    name = " ".join(by.split())[:80] or "somebody"
    await _must(folder, "add", "--", *files)
    identity = ("-c", f"user.name={name}", "-c", "user.email=studio@greenroom.invalid")
    await _must(folder, *identity, "commit", "--quiet", "-m", subject[:200], "--", *files)
    return (await _must(folder, "rev-parse", "--short", "HEAD")).strip()


async def commits_of(folder: Path, file: str) -> tuple[Commit, ...]:
    """Return the newest commits that changed a file; none outside of a checkout."""
    if not await is_checkout(folder):
        return ()
    shape = _FIELD.join(("%h", "%aI", "%an", "%s"))
    status, said = await _git(folder, "log", f"-{MOST_COMMITS}", f"--format={shape}", "--", file)
    rows = [line.split(_FIELD) for line in said.splitlines()] if status == 0 else []
    return tuple(Commit(row[0], datetime.fromisoformat(row[1]), row[2], row[3]) for row in rows if len(row) == 4)


async def _must(folder: Path, *arguments: str) -> str:
    status, said = await _git(folder, *arguments)
    if status:
        raise CatalogError(f"The files are written, but git made no commit: {' '.join(said.split())[:300]}")
    return said


async def _git(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run git in a folder without its hooks asking anything; return its status and what it said."""
    process = await asyncio.create_subprocess_exec(
        "git",
        "-C",
        str(folder),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LC_ALL": "C.UTF-8"},
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return 1, "git did not answer in time"
    return process.returncode or 0, said.decode("utf-8", "replace")
