"""Connections to SQLite: a failed one leaves nothing behind, and a URI names a file, not a folder."""

import asyncio
import logging
import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from app.adapters.sql.engine import Database, sqlite_file


class Slow(logging.Handler):
    """Holds up a connection's own thread as it ends, as a busy machine does."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith("executing") and "close_and_stop" in str(record.args):
            time.sleep(0.2)


async def test_a_connection_that_cannot_be_opened_leaves_no_thread(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "aiosqlite")
    logging.getLogger("aiosqlite").addHandler(slow := Slow())
    database = Database(f"sqlite:///{tmp_path}")
    try:
        with pytest.raises(OperationalError):
            async with database.reading():
                pass

        assert [one.name for one in threading.enumerate() if "_connection_worker" in one.name] == []
    finally:
        logging.getLogger("aiosqlite").removeHandler(slow)
        await database.close()


async def test_no_folder_is_made_for_a_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///file:{tmp_path / 'elsewhere' / 'x.db'}?immutable=1&uri=true")

    with pytest.raises(OperationalError):
        async with database.reading():
            pass
    await database.close()

    assert await asyncio.to_thread(os.listdir, tmp_path) == []


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///state/x.db", "state/x.db"),
        ("sqlite:////srv/x.db", "/srv/x.db"),
        ("sqlite:///file:/srv/x.db?immutable=1&uri=true", "/srv/x.db"),
        ("sqlite:///file:///srv/x%2520y.db?uri=true", "/srv/x y.db"),
        ("sqlite:///file:x.db?uri=true", "x.db"),
        ("sqlite:///file:x.db", "file:x.db"),
        ("sqlite:///file:x.db?mode=memory&uri=true", None),
        ("sqlite:///file::memory:?uri=true", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_the_file_of_an_address(url: str, file: str | None):
    assert sqlite_file(make_url(url)) == (Path(file) if file else None)
