"""A real disk that fills while visitors are served: the node lives, answers with what it has, and goes on with room.

Needs the right to mount: as root, on Linux. Every write that may find a disk full is in `test_full_disk.py`.
"""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.adapters.sql.turn_log import SqlTurnLog
from app.errors import StateUnavailableError
from tests.contracts.test_turn_log import a_turn
from tests.faults.disk import small_disk
from tests.support.chat_client import ChatClient
from tests.support.postgres import PostgresProcess

PATIENCE_S = 120.0
MANY = 4000
"""Turns of seven kilobytes: more than any spare room that the server keeps."""

Disk = Callable[[Path, int], None]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A small file system at a new folder; the test is skipped where nobody may mount one."""
    with ExitStack() as stack:

        def mounted(folder: Path, size_kb: int) -> None:
            try:
                stack.enter_context(small_disk(folder, size_kb))
            except (OSError, subprocess.CalledProcessError) as error:
                pytest.skip(f"needs the right to mount a small file system: {error}")

        yield mounted


def fill(folder: Path) -> Path:
    """A file that leaves no block free."""
    file = folder / "filler"
    with file.open("wb", buffering=0) as filler:
        for size in (1 << 16, 4096, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue
    return file


@pytest.mark.long
def test_visitors_are_answered_while_the_disk_of_the_state_is_full(warmed_site, tmp_path, disk):
    site = warmed_site.copied(tmp_path / "site")
    disk(site.root / "state", 6_000)

    async def outcomes(address: str, questions: int) -> list[str]:
        async with ChatClient(address) as chat:
            return [(await chat.ask("When are you open?"))[-1]["outcome"] for _ in range(questions)]

    with site.node() as node:
        before = asyncio.run(outcomes(node.address, 2))
        filler = fill(site.root / "state")
        during = [outcome for _ in range(4) for outcome in asyncio.run(outcomes(node.address, 5))]
        filler.unlink()
        after = asyncio.run(outcomes(node.address, 2))
        assert node.process.poll() is None

    assert before + during + after == ["answered"] * 24


@pytest.mark.long
async def test_on_postgresql_a_full_disk_refuses_writes_and_room_lets_them_through(tmp_path, disk, monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="greenroom-disk-")) / "disk"
    folder.parent.chmod(0o755)
    disk(folder, 160_000)
    folder.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    server = PostgresProcess()
    monkeypatch.setattr(tempfile, "tempdir", None)
    try:
        await migrate(server.url)
        database = Database(server.url)
        log = SqlTurnLog(database)
        await log.record(a_turn("before"))
        filler = fill(folder)
        kept = [turn async for turn in _recorded_until_full(log)]
        filler.unlink()

        async with asyncio.timeout(PATIENCE_S):
            await _recorded(log, a_turn("after"))

        assert len(kept) < MANY, "the disk was never full"
        assert all([await log.get(turn) is not None for turn in ("before", "after", *kept)])
        await database.close()
    finally:
        server.close()


async def _recorded_until_full(log: SqlTurnLog) -> AsyncIterator[str]:
    """Ids of turns that were confirmed; each is larger than what a page has left."""
    with suppress(StateUnavailableError):
        for number in range(MANY):
            await log.record(a_turn(f"t{number}", question=f"{number} " + "Where is the cloakroom? " * 300))
            yield f"t{number}"


async def _recorded(log: SqlTurnLog, turn) -> None:
    """A server that ended on the full disk recovers first."""
    while True:
        try:
            return await log.record(turn)
        except StateUnavailableError:
            await asyncio.sleep(0.5)
