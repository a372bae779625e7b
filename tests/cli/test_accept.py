"""Accepting what was refused, at the command line: what is said of it is what happens."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.sql.ledger import SqlLedger
from app.errors import ClipRejectedError
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.rejections import HEARD, SPEECH_REFUSED
from app.rendering.ledger.states import Claim, Fail
from app.rendering.media.rejected import kept_speech_path
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from app.store.labels import Labels
from tests.cli.conftest import Greenroom
from tests.support.sites import Site


@pytest.fixture
def refused(warmed_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a render whose speech was refused, on a site of its own, and whose sound is kept."""
    made = warmed_site.copied(tmp_path / "site")
    monkeypatch.setenv("GREENROOM_CATALOG", str(made.catalog))
    monkeypatch.setenv("GREENROOM_CACHE", str(made.cache))
    render_id = asyncio.run(_refused())
    kept = kept_speech_path(Settings().scratch, render_id)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"a sound")
    return render_id


async def _refused() -> str:
    now = datetime.now(UTC)
    async with open_database(Settings()) as database:
        ledger = SqlLedger(database)
        render = await ledger.want(RenderRequest("a" * 64, "local", "", Labels.spoken("Yes.", locale="en")), now=now)
        held = await ledger.apply(render.id, Claim(now=now, worker="w", lease_s=60))
        told = f"{SPEECH_REFUSED}. Expected `yes` {HEARD}, got `no`."
        await ledger.apply(render.id, Fail(now=now, fence=held.fence, code=ClipRejectedError.code, message=told))
    return render.id


def test_a_refused_speech_is_named_and_accepted_without_an_order_now(greenroom: Greenroom, refused: str):
    shown = greenroom("renders", "show", refused, site=None)
    accepted = greenroom("renders", "accept", refused, site=None)

    assert f"{refused}.wav" in shown.out
    assert "keeps this speech; the next `greenroom warm` orders its film" in shown.out
    assert accepted.code == 0
    assert "wanted: this speech is kept; the next `greenroom warm` orders its film" in accepted.out


def test_what_is_not_kept_here_is_not_accepted(greenroom: Greenroom, refused: str):
    kept_speech_path(Settings().scratch, refused).unlink()

    accepted = greenroom("renders", "accept", refused, site=None)

    assert accepted.code != 0
    assert "not kept on this computer" in accepted.err
