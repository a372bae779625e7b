"""One suite for every keeper of releases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.releases import SqlReleases
from app.author_errors import ReleaseConflictError, ReleaseNotFoundError
from app.catalog.releases import MemoryReleases, ReleaseDraft, every_release, every_step
from app.digest import digest_bytes

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def releases(request, opened):
    if request.param == "memory":
        return MemoryReleases()
    return SqlReleases(await opened(request.param))


def a_draft(words: str = "We are open.") -> ReleaseDraft:
    key = digest_bytes(words.encode())
    return ReleaseDraft(key, "The Museum", 3, (key,), f"zip of {words}".encode(), note=words)


async def publish(releases, words="We are open.", *, after=0, by="ada"):
    return await releases.publish(a_draft(words), by=by, at=NOON + timedelta(minutes=after), after=after)


async def test_nothing_is_current_before_the_first_release(releases):
    assert await releases.current() is None
    assert await releases.list(limit=10) == ()
    assert await releases.pinned() == frozenset()


async def test_a_published_release_is_current_and_kept_whole(releases):
    standing = await publish(releases)

    release = standing.release
    assert await releases.current() == standing
    assert (standing.step, standing.deed, standing.by, standing.at) == (1, "published", "ada", NOON)
    assert (release.number, release.name, release.intents, release.note) == (1, "The Museum", 3, "We are open.")
    assert await releases.get(1) == release
    assert await releases.pack(1) == b"zip of We are open."


async def test_releases_are_numbered_and_the_newest_comes_first(releases):
    for after in range(3):
        await publish(releases, f"words {after}", after=after)

    assert [one.number for one in await releases.list(limit=10)] == [3, 2, 1]
    assert [one.number for one in await releases.list(limit=1, offset=1)] == [2]
    assert [one.number for one in await releases.list(limit=9, before=3)] == [2, 1]
    assert await releases.list(limit=9, before=1) == ()
    assert (await releases.current()).release.number == 3


async def test_all_releases_and_steps_are_gone_through(releases, monkeypatch):
    monkeypatch.setattr("app.catalog.releases._PAGE", 2)
    for after in range(5):
        await publish(releases, f"words {after}", after=after)
    await releases.use(2, by="bob", at=NOON, after=5)

    assert [one.number async for one in every_release(releases)] == [5, 4, 3, 2, 1]
    assert [(one.step, one.release.number) async for one in every_step(releases)] == [
        (6, 2), (5, 5), (4, 4), (3, 3), (2, 2), (1, 1),
    ]  # fmt: skip


async def test_going_back_is_a_step_of_its_own(releases):
    await publish(releases, "one")
    await publish(releases, "two", after=1)

    standing = await releases.use(1, by="bob", at=NOON + timedelta(hours=1), after=2)

    assert await releases.current() == standing
    assert (standing.step, standing.release.number, standing.deed) == (3, 1, "used again")
    assert [(one.step, one.release.number) for one in await releases.steps(limit=10)] == [(3, 1), (2, 2), (1, 1)]


async def test_whoever_looked_at_an_older_step_is_refused(releases):
    await publish(releases, "one")

    with pytest.raises(ReleaseConflictError, match="look again"):
        await publish(releases, "two", after=0)
    with pytest.raises(ReleaseConflictError):
        await releases.use(1, by="bob", at=NOON, after=0)

    assert [one.number for one in await releases.list(limit=10)] == [1]


async def test_of_two_at_the_same_time_one_publishes(releases):
    await publish(releases, "one")

    results = await asyncio.gather(
        *(publish(releases, f"two by {name}", after=1, by=name) for name in ("ada", "bob", "cy")),
        return_exceptions=True,
    )

    won = [one for one in results if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert {type(one) for one in results if isinstance(one, BaseException)} == {ReleaseConflictError}
    assert await releases.current() == won[0]
    assert len(await releases.list(limit=10)) == 2


async def test_an_unknown_number_is_told(releases):
    await publish(releases)

    for asking in (releases.get(2), releases.pack(0), releases.use(9, by="ada", at=NOON, after=1)):
        with pytest.raises(ReleaseNotFoundError, match="release list"):
            await asking


async def test_what_any_release_uses_is_pinned(releases):
    await publish(releases, "one")
    await publish(releases, "two", after=1)

    assert await releases.pinned() == {digest_bytes(b"one"), digest_bytes(b"two")}
