"""Commands on a site that serves releases: they work on the release that is served, not on the folder."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.sql.ledger import SqlLedger
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Submitted
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from app.runtime.wiring.site import open_site
from app.store.labels import Labels
from tests.cli.conftest import Greenroom, reword
from tests.support.sites import Site


@pytest.fixture
def site(warmed_site: Site, tmp_path: Path, greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that serves release 1; its folder has other words since, and another pace."""
    made = warmed_site.copied(tmp_path / "site")
    greenroom("release", "publish", site=made)
    reword(made, "All dogs are welcome.")
    avatar = made.catalog / "avatars" / "mira.yaml"
    avatar.write_text(avatar.read_text() + "voice: {speech: local, speed: 1.1}\n")
    monkeypatch.setenv("GREENROOM_CATALOG", str(made.catalog))
    monkeypatch.setenv("GREENROOM_CACHE", str(made.cache))
    monkeypatch.setenv("GREENROOM_SERVE", "release")
    return made


def _settings() -> Settings:
    return Settings()


async def _released_key() -> tuple[str, dict[str, str]]:
    """The recipe key of one clip of the release, and what it says."""
    async with open_site(_settings()) as site:
        words = site.catalog.intents[0].answer["en"][0]
        labels = Labels.spoken(words, locale="en")
        wanted = site.studio.wanted(site.catalog.avatar, text=words, locale="en", labels=labels)
        await site.store.recipes.delete(wanted.key)
        return wanted.key, labels


async def _handed_over_days_ago(key: str, labels: Labels) -> None:
    """A render that a worker handed over and left: nobody has looked at it for two days."""
    then = datetime.now(UTC) - timedelta(days=2)
    async with open_database(_settings()) as database:
        ledger = SqlLedger(database)
        request = RenderRequest(recipe_key=key, provider="local", model="", labels=labels)
        render = await ledger.want(request, now=then)
        held = await ledger.apply(render.id, Claim(now=then, worker="w", lease_s=1))
        begin = BeginSubmit(now=then, fence=held.fence, token="t" * 32, amount=Decimal(0))
        await ledger.apply(render.id, begin)
        await ledger.apply(render.id, Submitted(now=then, fence=held.fence, request_id="gone"))


def test_plan_and_warm_take_the_release_and_a_named_folder_is_that_folder(greenroom: Greenroom, site):
    served = greenroom("plan", "--json", site=None)
    warmed = greenroom("warm", "--yes", "--json", site=None)
    folder = greenroom("plan", "--json", site=site)

    assert served.code == 0
    assert (warmed.code, warmed.lines[-1]["clips_done"]) == (0, 0)
    assert folder.code == 3
    assert len(folder.document["stale"]) + len(folder.document["new"]) > 0


@pytest.mark.parametrize(("named", "parked"), [("release", 0), ("folder", 1)])
def test_reconcile_knows_the_clips_of_the_release_that_is_served(greenroom: Greenroom, site, named, parked):
    """To the folder's avatar, which speaks faster by now, the render is a stranger's."""
    key, labels = asyncio.run(_released_key())
    asyncio.run(_handed_over_days_ago(key, labels))

    swept = greenroom("renders", "reconcile", "--json", site=site if named == "folder" else None).document

    assert swept["parked"] == parked
    assert swept["carried_on"] == 1 - parked


def test_warm_and_reconcile_refuse_a_withdrawn_face(greenroom: Greenroom, site):
    key, labels = asyncio.run(_released_key())
    asyncio.run(_handed_over_days_ago(key, labels))
    greenroom("consent", "withdraw", "Mira", site=None)

    planned = greenroom("plan", "--json", site=None)
    warmed = greenroom("warm", "--yes", "--json", site=None)
    greenroom("renders", "reconcile", "--json", site=None)

    assert planned.code == 1
    assert {item["refusal"]["code"] for item in planned.document["refused"]} == {"consent_missing"}
    assert (warmed.code, warmed.lines[-1]["clips_done"]) == (1, 0)
    assert {failure["code"] for failure in warmed.lines[-1]["failures"]} == {"consent_missing"}

    async def shown() -> bool:
        async with open_site(_settings()) as opened:
            return await opened.store.recipes.get(key) is not None

    assert asyncio.run(shown()) is False
