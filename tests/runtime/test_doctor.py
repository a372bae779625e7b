"""What `greenroom doctor` looks at."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.redis.connection import open_redis
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.releases import SqlReleases
from app.catalog.releases import ReleaseDraft
from app.digest import digest_bytes
from app.rendering.ledger.records import ORPHAN, Hook
from app.runtime.commands.doctor import PARTS, Symptom, examine
from app.runtime.commands.releases.publish import propose, publish
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from tests.support.catalogs import FILES, write_catalog
from tests.support.newer import NEXT, migrated_by_newer
from tests.support.redis import a_redis
from tests.support.sites import SMALL, small_site


def settings(root: Path, **changes: object) -> Settings:
    plain: dict[str, object] = {
        "catalog": root / "intents",
        "cache": root / "cache",
        "database_url": f"sqlite+aiosqlite:///{root / 'state' / 'greenroom.db'}",
    }
    return Settings(**{**plain, **changes})  # type: ignore[arg-type]


async def test_a_healthy_place_is_well_in_every_part(tmp_path):
    small_site(tmp_path)

    found = await examine(settings(tmp_path))

    assert [symptom.name for symptom in found if not symptom.ok] == []
    assert {symptom.name for symptom in found} >= set(PARTS)


async def test_one_sick_part_does_not_hide_the_others(tmp_path):
    found = {symptom.name: symptom for symptom in await examine(settings(tmp_path, database_url="mysql://x/y"))}

    assert not found["catalog"].ok
    assert "greenroom check" in found["catalog"].remedy
    assert not found["database"].ok
    assert "GREENROOM_DATABASE_URL" in found["database"].remedy
    assert found["store"].ok
    assert found["voice"].ok


async def test_a_store_that_cannot_be_written_is_told_in_a_line(tmp_path):
    small_site(tmp_path)
    (tmp_path / "cache").write_text("no folder")

    found = {symptom.name: symptom for symptom in await examine(settings(tmp_path))}

    assert not found["store"].ok
    assert found["store"].found.count("\n") == 0
    assert "--cache" in found["store"].remedy


async def test_looking_changes_no_schema_and_says_what_the_next_start_will_do(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path)

    before = {symptom.name: symptom for symptom in await examine(place, only=["database"])}["database"]
    async with open_database(place):
        pass
    after = {symptom.name: symptom for symptom in await examine(place, only=["database"])}["database"]

    assert before.ok
    assert "the next start brings it to" in before.found
    assert "at the newest schema" in after.found


async def spoken_by(root: Path, voice: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Symptom:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    german = {**FILES["visiting/dogs.yaml"], "answer": {"en": "No dogs.", "de": "Keine Hunde."}}  # type: ignore[dict-item]
    files = {"avatars/mira.yaml": {**SMALL, "voice": voice}, "visiting/dogs.yaml": german}
    write_catalog(root, files=files, locales=["en", "de"])
    (found,) = await examine(settings(root), only=["voices"])
    return found


async def test_who_speaks_each_locale_is_told_and_the_key_that_is_missing(tmp_path, monkeypatch):
    voice = {"en": {"speech": "local"}, "de": {"speech": "openai", "id": "nova"}}

    found = await spoken_by(tmp_path, voice, monkeypatch)

    assert found.ok
    assert found.found == "en: local, default; de: openai, nova (says nothing new without OPENAI_API_KEY)"


async def test_a_locale_that_nobody_speaks_is_told(tmp_path, monkeypatch):
    found = await spoken_by(tmp_path, {"en": {"speech": "local"}}, monkeypatch)

    assert not found.ok
    assert "got none for `de`" in found.found
    assert "greenroom check" in found.remedy


async def test_a_bucket_that_refuses_is_told_in_a_line(tmp_path, monkeypatch):
    small_site(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")

    found = {
        symptom.name: symptom
        for symptom in await examine(settings(tmp_path, cache="s3://clips/museum"), only=["store"])
    }

    assert not found["store"].ok
    assert "s3://clips/museum" in found["store"].found
    assert "GREENROOM_CACHE" in found["store"].remedy
    assert "hush" not in found["store"].found


async def test_a_redis_that_is_gone_is_told(tmp_path):
    small_site(tmp_path)

    found = {
        symptom.name: symptom
        for symptom in await examine(settings(tmp_path, redis_url="redis://127.0.0.1:9"), only=["redis"])
    }

    assert not found["redis"].ok
    assert "GREENROOM_REDIS_URL" in found["redis"].remedy


async def test_a_job_that_no_render_knows_is_nothing_to_be_well_with(tmp_path):
    small_site(tmp_path)
    async with open_database(settings(tmp_path)) as database:
        orphan = Hook("fal", "f" * 32, "r1", ORPHAN, datetime(2026, 11, 22, tzinfo=UTC), "0" * 64)
        await SqlLedger(database).keep_hook(orphan)

    (renders,) = await examine(settings(tmp_path), only=["renders"])

    assert not renders.ok
    assert "1 jobs at providers" in renders.found
    assert "greenroom renders orphans" in renders.remedy


async def test_a_release_that_is_wanted_and_not_there_is_told(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path, serve="release")
    async with open_database(place):
        pass

    found = {symptom.name: symptom for symptom in await examine(place, only=["release"])}["release"]

    assert not found.ok
    assert "greenroom release publish" in found.remedy


async def test_the_current_release_is_named(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path, serve="release")
    async with open_database(place) as database:
        key = digest_bytes(b"one")
        at = datetime(2026, 11, 26, 12, tzinfo=UTC)
        await SqlReleases(database).publish(ReleaseDraft(key, "Desk", 3, (key,), b""), by="ada@desk", at=at, after=0)

    found = {symptom.name: symptom for symptom in await examine(place, only=["release"])}["release"]

    assert found.ok
    assert found.found == "1 since 2026-11-26 12:00 UTC, published by ada@desk"


async def test_the_catalog_that_is_served_is_looked_at_not_the_folder(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path, serve="release")
    async with open_database(place) as database:
        await publish(SqlReleases(database), (await propose(place)).draft)
    (tmp_path / "intents" / "catalog.yaml").write_text("name: [")

    served = await looked_at(place, "catalog")
    folder = await looked_at(settings(tmp_path), "catalog")

    assert (served.ok, served.found.startswith("Harbour desk: ")) == (True, True)
    assert not folder.ok


async def looked_at(place: Settings, part: str) -> Symptom:
    (found,) = await examine(place, only=[part])
    return found


async def test_a_database_file_that_may_only_be_read_is_told(tmp_path):
    place = settings(tmp_path)
    async with open_database(place) as database, database.writing() as connection:
        await connection.exec_driver_sql("PRAGMA user_version = 7")
    url = f"sqlite+aiosqlite:///file:{tmp_path / 'state' / 'greenroom.db'}?immutable=1&uri=true"

    kept = await looked_at(place, "database")
    refused = await looked_at(settings(tmp_path, database_url=url), "database")

    assert (kept.ok, kept.found.startswith("sqlite, writable")) == (True, True)
    assert not refused.ok
    assert refused.found == "Cannot write to the database: attempt to write a readonly database."
    async with open_database(place) as database, database.reading() as connection:
        assert (await connection.exec_driver_sql("PRAGMA user_version")).scalar_one() == 7


async def test_a_postgresql_set_to_read_only_is_told(tmp_path, postgres):
    database = Database(url := await postgres.empty_database())
    change = f'ALTER DATABASE "{database.url.database}" SET default_transaction_read_only = on'
    async with database.writing() as connection:
        await connection.exec_driver_sql(change)
    await database.close()

    refused = await looked_at(settings(tmp_path, database_url=url), "database")

    assert not refused.ok
    assert "set to read only" in refused.found


async def test_a_database_that_cannot_be_opened_is_told_in_our_words(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "greenroom.db").mkdir()

    refused = await looked_at(settings(tmp_path), "database")

    assert not refused.ok
    assert refused.found == "Cannot open the database: unable to open database file."


async def test_a_redis_that_takes_nothing_is_told(tmp_path):
    with a_redis(tmp_path) as server:
        async with open_redis(server.url) as client:
            await client.config_set("min-replicas-to-write", 1)
        refused = await looked_at(settings(tmp_path, redis_url=server.url), "redis")

    assert not refused.ok
    assert "Not enough good replicas" in refused.found


async def test_a_database_of_a_newer_version_is_a_failure(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path, serve="release")
    async with open_database(place):
        pass
    await migrated_by_newer(place.database_url, tmp_path, compatible=False)

    found = await examine(place, only=["database", "release", "renders"])

    assert [symptom.ok for symptom in found] == [False, False, False]
    assert all("migrated by a newer Greenroom (7.1.0)" in symptom.found for symptom in found)
    assert all("docs/operating/rollback.md" in symptom.remedy for symptom in found)


async def test_a_newer_schema_that_allows_this_version_is_well_and_is_told(tmp_path):
    small_site(tmp_path)
    place = settings(tmp_path)
    async with open_database(place):
        pass
    await migrated_by_newer(place.database_url, tmp_path, compatible=True)

    database = await looked_at(place, "database")
    renders = await looked_at(place, "renders")

    assert database.ok
    assert database.found == f"sqlite, writable, schema {NEXT} of Greenroom 7.1.0; this older version may run on it"
    assert (renders.ok, renders.found) == (True, "0 in the ledger; the audit log has no key (GREENROOM_AUDIT_KEY)")
