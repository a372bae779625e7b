"""A node with a release whose face was withdrawn: it serves on, in words, and films nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.audit import AuditRow, MemoryAudit
from app.digest import digest_bytes
from app.errors import ConsentMissingError
from app.rendering.media.consent import withdrawal
from app.runtime.commands.releases.publish import propose, publish
from app.runtime.serving.container import open_container
from app.runtime.settings.site import Settings
from app.runtime.wiring.withdrawals import Withdrawals

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def settings(warmed_site, tmp_path):
    site = warmed_site.copied(tmp_path / "site")
    return Settings(
        catalog=site.catalog,
        cache=str(site.cache),
        database_url=f"sqlite+aiosqlite:///{tmp_path}/greenroom.db",
        models_dir=tmp_path / "models",
    )


async def test_going_back_to_a_withdrawn_face_neither_plays_nor_films_it(settings):
    async with open_container(settings) as container:
        await publish(container.releases, (await propose(settings)).draft)
    serving = settings.model_copy(update={"serve": "release"})

    async with open_container(serving) as container:
        played = await container.services.clips.for_intent("opening-hours", locale="en", variant=0)
        face = container.catalog.avatar.portrait_digest
        await container.audit.append(withdrawal(face, by="ada@desk", at=container.clock.now()))
        await container.site.withdrawals.read()
        again = await container.loader.open(container.catalog, container.release)
        now = await again.served.services.clips.for_intent("opening-hours", locale="en", variant=0)
        with pytest.raises(ConsentMissingError):
            await again.served.services.film.film("Something new.", locale="en")
    async with open_container(serving) as restarted:
        later = await restarted.services.clips.for_intent("opening-hours", locale="en", variant=0)

    assert played is not None
    assert (now, later) == (None, None)


async def test_what_was_known_stays_known_while_the_database_is_away():
    face, rounds = digest_bytes(b"a face"), 0

    class Log(MemoryAudit):
        async def newest(self, **which: Any) -> tuple[AuditRow, ...]:
            if rounds == 2:
                raise OSError("no route")
            return await super().newest(**which)

    async def sleep(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise InterruptedError

    withdrawals = Withdrawals(Log())
    await withdrawals.audit.append(withdrawal(face, by="ada@desk", at=NOON))
    with pytest.raises(InterruptedError):
        await withdrawals.keep(sleep)

    assert withdrawals.faces == {face}
