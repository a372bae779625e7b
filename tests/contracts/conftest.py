"""Every implementation of a port that is shipped: one more line here, and it is held to all of the port's promises."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from tests.support.redis import RedisServer, a_redis
from tests.support.stores import Store, in_memory, in_object_storage, on_disk


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Valkey, empty."""
    with a_redis(tmp_path) as server:
        yield server


@pytest.fixture(params=["disk", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    match request.param:
        case "disk":
            return on_disk(tmp_path / "cache")
        case "memory":
            return in_memory(tmp_path)
        case _:
            return in_object_storage(request.getfixturevalue("object_storage"))


class Template:
    """A SQLite file of today's schema, migrated when it is first asked for; tests copy it."""

    def __init__(self, file: Path) -> None:
        self._file, self._made = file, False

    async def file(self) -> Path:
        if not self._made:
            await migrate(f"sqlite:///{self._file}")
            self._made = True
        return self._file


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("sqlite") / "today.db")


Opened = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def opened(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Template) -> AsyncIterator[Opened]:
    """Opener of empty databases of today's schema by their kind; they are closed after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(kind: str) -> Database:
            if kind == "postgresql":
                server = request.getfixturevalue("postgres")
                url = await server.database_of_today()
                stack.push_async_callback(server.drop, url)
            else:
                shutil.copy(await sqlite_template.file(), tmp_path / "state.db")
                url = f"sqlite:///{tmp_path}/state.db"
            database = Database(url)
            stack.push_async_callback(database.close)
            return database

        yield open_one
