"""Scheduled drafts: published once, by one node, also late; what fails is told once and tried again."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.catalog_files.archive import pack
from app.adapters.catalog_files.loader import load_or_raise
from app.author_errors import ReviewMissingError
from app.authoring.releases.drafts import DraftContent, MemoryDrafts, approved
from app.catalog.releases import MemoryReleases, ReleaseDraft
from app.digest import Digest
from app.runtime.serving.draft_publication import AGAIN_AFTER, DraftPublication, DraftScheduler
from app.runtime.settings.site import Settings
from tests.support.catalogs import write_catalog

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SOON = NOON + timedelta(hours=1)


@dataclass
class World:
    """A site in memory with one catalog folder."""

    folder: object
    settings: Settings
    releases: MemoryReleases = field(default_factory=MemoryReleases)
    missing: int = 0
    told: int = 0

    def __post_init__(self) -> None:
        self.drafts = MemoryDrafts(self.releases)

    async def count(self, _):
        return self.missing

    def tell(self):
        self.told += 1

    def node(self, name="node 1", **changed: object):
        settings = self.settings.model_copy(update=changed)
        publication = DraftPublication(
            settings=settings, releases=self.releases, drafts=self.drafts, missing=self.count
        )
        return DraftScheduler(publication=publication, notify=self.tell, node=name)

    def content(self, *, base=0):
        catalog = load_or_raise(self.folder)
        told = ReleaseDraft(Digest(catalog.digest), catalog.name, len(catalog.intents), (), pack(self.folder), "why")
        return DraftContent(told, base=base, missing=0)

    async def scheduled(self, name="winter", *, base=0):
        draft = await self.drafts.save(name, self.content(base=base), by="ada@desk", at=NOON, seen=0)
        return await self.drafts.put(
            replace(draft, publish_at=SOON, scheduled_by="bob@desk"), "scheduled", by="bob@desk", at=NOON
        )


@pytest.fixture
def world(tmp_path):
    return World(write_catalog(tmp_path), Settings(models_dir=tmp_path / "models", _env_file=None))


async def test_nothing_is_published_before_its_time_and_then_one_node_does(world):
    await world.scheduled()
    one, two = world.node("node 1"), world.node("node 2")

    assert await one.look(SOON - timedelta(seconds=1)) == ()
    done = [*await one.look(SOON), *await two.look(SOON)]

    assert [(each.release.number, each.by, each.release.note) for each in done] == [(1, "bob@desk", "why")]
    assert world.told == 1
    assert (await world.drafts.get("winter")).state == "published"


async def test_a_node_that_was_down_at_the_time_publishes_when_it_is_back(world):
    await world.scheduled()

    done = await world.node().look(SOON + timedelta(days=2))

    assert [each.at for each in done] == [SOON + timedelta(days=2)]


async def test_a_draft_behind_others_is_not_published_and_says_why_once(world):
    await world.releases.publish(world.content().release, by="cy", at=NOON, after=0)
    facts = world.folder / "facts.yaml"
    before = facts.read_text()
    facts.write_text(before.replace("twelve", "thirteen"))
    await world.scheduled(base=1)
    facts.write_text(before.replace("from ten", "from eight"))
    await world.releases.publish(world.content().release, by="cy", at=NOON, after=1)
    node = world.node()

    assert await node.look(SOON) == ()
    told = await world.drafts.get("winter")
    assert await node.look(SOON + AGAIN_AFTER) == ()

    assert "Release 2 came meanwhile" in told.failure
    assert "facts.yaml" in told.failure
    assert await world.drafts.get("winter") == told, "nothing is written while nothing changes"
    assert (await world.releases.current()).release.number == 2


async def test_clips_that_are_missing_hold_it_back_until_they_are_rendered(world):
    await world.scheduled()
    world.missing = 3
    node = world.node()

    assert await node.look(SOON) == ()
    assert "3 clips" in (await world.drafts.get("winter")).failure
    world.missing = 0
    assert await node.look(SOON + timedelta(seconds=5)) == (), "not at every look"
    assert [each.release.number for each in await node.look(SOON + 2 * AGAIN_AFTER)] == [1]


async def test_where_a_review_is_asked_for_a_second_person_must_approve(world):
    draft = await world.scheduled()
    node = world.node(review_releases=True)

    assert await node.look(SOON) == ()
    waiting = await world.drafts.get("winter")
    with pytest.raises(ReviewMissingError, match="somebody else"):
        approved(waiting, by="Bob (ada@desk)", at=NOON)
    await world.drafts.put(approved(waiting, by="bob@desk", at=NOON), "approved", by="bob@desk", at=NOON)

    assert draft.approved_by is None
    assert "approved by a second person" in waiting.failure
    assert len(await node.look(SOON + AGAIN_AFTER)) == 1
