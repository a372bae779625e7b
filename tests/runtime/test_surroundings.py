"""Whether a node may get traffic: each part within its budget of time, asked once a second, told by name."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.errors import StateUnavailableError, StoreError
from app.runtime.serving.container import open_container
from app.runtime.serving.surroundings import KEPT_S, Surroundings
from app.runtime.settings.site import Settings
from app.runtime.wiring.store_and_encoder import open_store_at
from tests.support.object_storage import ObjectStorage
from tests.support.postgres import PostgresProcess
from tests.support.sites import small_site


class Part:
    """A part that counts who asked, and fails as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.silent = False

    async def ping(self) -> None:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.error:
            raise self.error


class World:
    def __init__(self) -> None:
        self.now = 100.0
        self.store, self.database = Part(), Part()
        parts = {"database": self.database.ping, "store": self.store.ping}
        self.surroundings = Surroundings(parts, budget_s=0.01, monotonic=lambda: self.now)

    async def look(self) -> dict[str, str]:
        self.now += KEPT_S
        return dict(await self.surroundings.failures())


async def test_all_is_well_when_both_answer():
    world = World()

    assert await world.look() == {}


async def test_a_part_that_fails_is_named_and_why_goes_to_the_log_once():
    world = World()
    world.store.error = StoreError("Cannot find the bucket of `s3://inner-name`; make it.")

    with capture_logs() as logged:
        first, second = await world.look(), await world.look()
        world.store.error = None
        third = await world.look()

    assert first == second == {"store": "The store cannot be used; the log says why."}
    assert third == {}
    assert [line["event"] for line in logged] == ["part.failed", "part.back"]
    assert "inner-name" in logged[0]["error"]


async def test_a_silent_part_has_its_budget_and_does_not_hide_the_other():
    world = World()
    world.store.silent = True
    world.database.error = StateUnavailableError("Cannot reach the database.")

    assert await world.look() == {
        "database": "The database cannot be used; the log says why.",
        "store": "The store did not answer within 0.01 s.",
    }


async def test_many_probes_ask_once_a_second():
    world = World()
    world.now += KEPT_S

    await asyncio.gather(*(world.surroundings.failures() for _ in range(50)))
    world.now += KEPT_S / 2
    await world.surroundings.failures()
    assert (world.store.asked, world.database.asked) == (1, 1)

    await world.look()
    assert (world.store.asked, world.database.asked) == (2, 2)


# -- real parts --------------------------------------------------------------------------------------------------------


async def test_a_bucket_that_does_not_exist_keeps_a_node_from_being_ready(
    tmp_path: Path, object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
):
    site = small_site(tmp_path)
    for name, value in object_storage.environment.items():
        monkeypatch.setenv(name, value)

    async with open_container(_settings(site.root, cache="s3://mistyped/main")) as container:
        reasons = await container.readiness()

    assert "The store cannot be used; the log says why." in reasons
    await open_store_at(object_storage.empty_place()).blobs.ping()
    with pytest.raises(StoreError, match="s3://mistyped"):
        await open_store_at("s3://mistyped/main").blobs.ping()


async def test_a_folder_that_went_away_is_found(tmp_path: Path):
    blobs = open_store_at(str(tmp_path / "cache")).blobs
    await blobs.ping()

    (tmp_path / "cache").rename(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="mount it again"):
        await blobs.ping()


async def test_a_database_that_went_away_is_found_and_found_again():
    server = PostgresProcess()
    database = Database(server.url)
    try:
        await migrate(database)
        await database.ping()
        server.crash()
        with pytest.raises(StateUnavailableError):
            await database.ping()
        server.start()
        await database.ping()
    finally:
        await database.close()
        server.close()


def _settings(root: Path, **changes: object) -> Settings:
    plain: dict[str, object] = {
        "catalog": root / "intents",
        "scratch_dir": str(root / "scratch"),
        "database_url": f"sqlite+aiosqlite:///{root / 'state' / 'greenroom.db'}",
    }
    return Settings(**{**plain, **changes})  # type: ignore[arg-type]
