"""Connections to SQLite: what is left of one that could not be had."""

import logging
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app.adapters.sql.engine import Database


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
