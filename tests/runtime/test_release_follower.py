"""Which release a node serves, and what it does when that changes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.catalog.releases import MemoryReleases, ReleaseDraft
from app.digest import digest_bytes
from app.errors import CatalogError, SettingsError
from app.runtime.serving.release_follower import AGAIN_AFTER_LOOKS, ReleaseFollower
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import current_catalog
from tests.support.catalogs import write_catalog

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def publish(releases, words, after):
    key = digest_bytes(words.encode())
    return await releases.publish(ReleaseDraft(key, words, 1, (key,), b""), by="ada", at=NOON, after=after)


@dataclass
class Node:
    """What was put on, and what could not be."""

    releases: MemoryReleases = field(default_factory=MemoryReleases)
    served: list[int] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    tried: int = 0
    told: list[str] = field(default_factory=list)

    async def switch(self, standing) -> None:
        self.tried += 1
        if standing.release.number in self.broken:
            raise CatalogError("It cannot be read.")
        self.served.append(standing.release.number)

    async def pause(self) -> None:
        raise AssertionError("looked at once a test says so")

    def follower(self, step=1) -> ReleaseFollower:
        return ReleaseFollower(
            releases=self.releases, step=step, switch=self.switch, pause=self.pause, report=self.told.append
        )


@pytest.fixture
async def node():
    made = Node()
    await publish(made.releases, "one", 0)
    return made


async def test_what_is_served_already_is_left_alone(node):
    await node.follower().look()

    assert node.tried == 0


async def test_another_release_is_put_on_once(node):
    follower = node.follower()
    await publish(node.releases, "two", 1)

    await follower.look()
    await follower.look()

    assert node.served == [2]
    assert follower.step == 2


async def test_going_back_is_followed_too(node):
    follower = node.follower()
    await publish(node.releases, "two", 1)
    await follower.look()

    await node.releases.use(1, by="ada", at=NOON, after=2)
    await follower.look()

    assert node.served == [2, 1]


async def test_a_release_that_cannot_be_put_on_is_told_and_tried_again_later(node):
    node.broken = {2}
    follower = node.follower()
    await publish(node.releases, "two", 1)

    for _ in range(AGAIN_AFTER_LOOKS):
        await follower.look()
    assert node.tried == 1
    assert "Release 2 cannot be served here: It cannot be read." in follower.failure
    assert node.told == [follower.failure]

    node.broken = set()
    for _ in range(2):
        await follower.look()
    assert node.served == [2]
    assert follower.failure == ""
    assert node.told[1:] == [""]


async def test_a_newer_release_does_not_wait_for_a_broken_one(node):
    node.broken = {2}
    follower = node.follower()
    await publish(node.releases, "two", 1)
    await follower.look()

    await publish(node.releases, "three", 2)
    await follower.look()

    assert node.served == [3]


async def test_a_database_that_is_gone_changes_nothing(node):
    class Gone(MemoryReleases):
        async def current(self):
            raise OSError("no route")

    follower = node.follower()
    follower.releases = Gone()

    await follower.look()

    assert (node.tried, follower.step) == (0, 1)


async def test_a_folder_is_served_unless_a_release_is_wanted(node, tmp_path):
    write_catalog(tmp_path)
    settings = Settings(catalog=tmp_path / "intents")

    chosen = await current_catalog(settings, node.releases)

    assert (chosen.step, chosen.number) == (0, 0)
    assert chosen.name.startswith("working-")


async def test_wanting_a_release_before_there_is_one_says_what_to_do():
    with pytest.raises(SettingsError, match="greenroom release publish"):
        await current_catalog(Settings(serve="release"), MemoryReleases())
