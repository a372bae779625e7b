"""What `greenroom doctor` looks at."""

from pathlib import Path

from app.runtime.health import examine
from app.runtime.settings import Settings
from tests.support.sites import small_site


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
    assert {symptom.name for symptom in found} >= {"catalog", "store", "database", "encoder", "voice", "faces", "disk"}


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
