"""The server's parts together: opened, ready in a while, honest about what is missing, closed again."""

import time
from pathlib import Path

import pytest

from app.errors import (
    CatalogError,
    EncoderUnavailableError,
    ProviderUnknownError,
    SettingsError,
    StateUnavailableError,
    StoreError,
)
from app.runtime.serving.container import open_container
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings
from tests.support.sites import SMALL, Site, small_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return small_site(tmp_path)


def settings(site: Site, **changes: object) -> Settings:
    plain: dict[str, object] = {
        "catalog": site.catalog,
        "cache": site.cache,
        "database_url": f"sqlite+aiosqlite:///{site.root / 'state' / 'greenroom.db'}",
    }
    return Settings(**{**plain, **changes})  # type: ignore[arg-type]


async def ready(container) -> tuple[str, ...]:
    """Reasons, once the background has done what it can."""
    async with container.running():
        for task in container_tasks():
            await task
        return await container.readiness()


def container_tasks():
    import asyncio  # noqa: PLC0415 - a helper of one line

    return [task for task in asyncio.all_tasks() if task.get_name() == "load the encoder"]


async def test_it_is_not_ready_before_it_runs_and_is_when_the_encoder_is_loaded(site):
    async with open_container(settings(site)) as container:
        before = await container.readiness()

        after = await ready(container)

        assert before == ("The sentence encoder is still loading.",)
        assert after == ()
        assert (await container.decider.decide("when are you open?")).intent == "opening-hours"


async def test_a_missing_encoder_is_said_and_nobody_waits_for_it(site):
    async with open_container(settings(site, encoder="/nowhere/model")) as container:
        reasons = await ready(container)
        began = time.monotonic()

        with pytest.raises(EncoderUnavailableError, match="/nowhere/model"):
            await container.decider.decide("when are you open?")

        assert "/nowhere/model" in reasons[0]
        assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"catalog": Path("/nowhere")}, CatalogError),
        ({"cache": Path("/proc/nowhere")}, StoreError),
        ({"database_url": "mysql://host/name"}, SettingsError),
        ({"database_url": "no address at all"}, SettingsError),
        ({"database_url": "sqlite+aiosqlite:////proc/nowhere/state.db"}, SettingsError),
    ],
)
async def test_what_cannot_be_opened_is_named(site, changes, error):
    with pytest.raises(error):
        async with open_container(settings(site, **changes)):
            pass


async def test_a_database_password_is_not_repeated(site):
    with pytest.raises(StateUnavailableError) as caught:
        async with open_container(settings(site, database_url="postgresql://me:hush@127.0.0.1:1/state")):
            pass

    assert "hush" not in str(caught.value)
    assert "GREENROOM_DATABASE_URL" in str(caught.value)


@pytest.mark.parametrize(
    ("part", "name"), [({"renderers": ["nobody"]}, "nobody"), ({"voice": {"speech": "nobody"}}, "nobody")]
)
async def test_a_provider_that_is_not_there_is_named_with_those_that_are(tmp_path, part, name):
    site = small_site(tmp_path, **{"avatars/mira.yaml": SMALL | part})

    with pytest.raises(ProviderUnknownError, match=rf"{name}.*local"):
        async with open_container(settings(site)):
            pass


async def test_a_start_with_keys_is_told_once_and_they_open_what_they_may(site):
    _, ada = new_key("ada", KeyRole.VIEWER)
    for _ in range(2):
        async with open_container(settings(site, api_keys=ada.line, api_key="the one")) as container:
            rows = await container.audit.list(actions=("keys",))

    assert [(row.act.action, sorted(row.act.details)) for row in rows] == [("keys.changed", ["ada", "api key"])]
    assert [(key.name, key.role) for key in container.web.keys] == [("api key", "operator"), ("ada", "viewer")]
