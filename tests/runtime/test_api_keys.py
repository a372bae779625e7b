"""Keys with roles: made, read from a setting, found, told of at a start."""

from datetime import UTC, datetime

import pytest

from app.audit import MemoryAudit
from app.errors import SettingsError
from app.runtime.serving.config_audit import record_settings
from app.runtime.settings.api_keys import KeyRole, find_key, new_key, one_key, read_keys
from app.runtime.settings.site import Settings, load_settings

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ADA, ADAS = new_key("ada", KeyRole.PUBLISHER)
BOB, BOBS = new_key("bob@desk", KeyRole.VIEWER)


@pytest.mark.parametrize("between", ["\n", ",", " ; ", "\n\n# Bob, at the desk; he only looks\n"])
def test_keys_are_read_as_they_are_written(between):
    assert read_keys(f"{ADAS.line}{between}{BOBS.line}\n") == (ADAS, BOBS)


def test_a_key_is_found_by_its_text_only():
    keys = (*one_key("the one"), ADAS, BOBS)

    assert [find_key(keys, shown) for shown in (ADA, BOB, ADAS.digest, ADA[:-1], "")] == [ADAS, BOBS, None, None, None]
    assert find_key(keys, "the one").role is KeyRole.OPERATOR
    assert one_key("") == ()


def test_each_role_may_what_those_before_it_may():
    table = [[one.may(other) for other in KeyRole] for one in KeyRole]

    assert table == [[column <= row for column in range(4)] for row in range(4)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ada publisher", "name role digest"),
        (f"ada king {ADAS.digest}", "viewer, author, publisher, operator"),
        (f"ada publisher {ADA}", "the key itself does not belong there"),
        (f"a/b viewer {ADAS.digest}", "a name of letters"),
        (f"{ADAS.line}\nada viewer {BOBS.digest}", "every name"),
        (f"{ADAS.line}\nbob viewer {ADAS.digest}", "every key"),
    ],
    ids=["two words", "role", "key", "name", "name twice", "key twice"],
)
def test_what_is_no_key_is_named_without_its_secret(text, hint):
    with pytest.raises(SettingsError, match=hint) as told:
        load_settings(api_keys=text)

    assert ADA not in str(told.value)
    assert ADAS.digest not in str(told.value)


def test_keys_come_from_a_file_too(tmp_path, monkeypatch):
    monkeypatch.setitem(Settings.model_config, "secrets_dir", tmp_path)
    (tmp_path / "greenroom_api_keys").write_text(f"{ADAS.line}\n{BOBS.line}\n")

    assert read_keys(load_settings().api_keys.get_secret_value()) == (ADAS, BOBS)


async def rows_after(*starts: Settings) -> list[tuple[str, dict[str, str | int]]]:
    audit = MemoryAudit()
    for settings in starts:
        await record_settings(audit, settings, by="ada@desk", at=NOON)
    assert {row.act.actor for row in audit.rows} <= {"ada@desk"}
    return [(row.act.action, dict(row.act.details)) for row in audit.rows]


async def test_a_start_with_other_keys_or_limits_is_told_and_one_with_the_same_is_not():
    first = Settings(api_keys=f"{ADAS.line}\n{BOBS.line}")
    another, rotated = new_key("ada", KeyRole.PUBLISHER)
    assert another != ADA
    second, third = Settings(api_keys=rotated.line), Settings(api_keys=rotated.line, budget_day_usd="5")

    assert await rows_after(first, first, second, third, third, second) == [
        ("keys.changed", {"ada": f"publisher {ADAS.id}", "bob@desk": f"viewer {BOBS.id}"}),
        ("keys.changed", {"ada": f"publisher {rotated.id}"}),
        ("money.capped", {"day": "5", "session": "5"}),
        ("money.capped", {"day": "0", "session": "5"}),
    ]


async def test_another_single_key_is_told_without_the_digest():
    (_, one), (_, two) = await rows_after(Settings(api_key="a"), Settings(api_key="b"))

    assert one["api key"] != two["api key"]
    assert str(one["api key"]).startswith("operator ")
    assert one_key("a")[0].id not in str(one["api key"])


async def test_without_keys_and_limits_nothing_is_told():
    assert await rows_after(Settings()) == []
