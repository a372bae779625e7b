"""A worker's scratch folder beside real engines: what erased films have left in it goes with the worker itself."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from app import worker
from app.digest import digest_bytes
from app.rendering.ledger.decisions import Cancel
from app.rendering.ledger.port import RenderRequest
from app.rendering.media.rejected import kept_path
from app.runtime.settings.site import Settings
from app.runtime.wiring.site import open_site
from app.store.labels import Labels
from tests.support.redis import a_redis
from tests.support.sites import small_site

LONG_S = 60.0
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEYS = [digest_bytes(text.encode()) for text in ("It weighs two tons.", "We open at ten.")]


async def test_what_an_erased_film_left_with_a_worker_goes(tmp_path: Path) -> None:
    with a_redis(tmp_path) as server:
        settings = Settings(
            catalog=small_site(tmp_path / "site").catalog,
            cache=str(tmp_path / "cache"),
            scratch=tmp_path / "scratch",
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'greenroom.db'}",
            redis_url=server.url,  # type: ignore[arg-type]
        )
        erased, wanted = await _kept(settings)
        working = asyncio.create_task(worker.work(settings, at_once=1))
        try:
            async with asyncio.timeout(LONG_S):
                while erased.exists():
                    assert not working.done()
                    await asyncio.sleep(0.01)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    assert wanted.exists()


async def _kept(settings: Settings) -> list[Path]:
    """Keep two refused films aside, and forget the words of the first one."""
    async with open_site(settings) as site:
        ledger = site.studio.ledger
        labels = Labels.generated_answer("Words.", locale="en")
        renders = [await ledger.want(RenderRequest(key, "fake", "fake", labels), now=NOW) for key in KEYS]
        for render in renders:
            await ledger.apply(render.id, Cancel(now=NOW))
        await ledger.forget_words(KEYS[:1])
    files = [kept_path(settings.scratch, render.id) for render in renders]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a film that was refused")
    return files
