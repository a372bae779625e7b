"""One suite for every store of drafts."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.releases import SqlReleases
from app.author_errors import DraftConflictError, DraftNotFoundError, ReleaseConflictError
from app.authoring.releases.drafts import DraftContent, MemoryDrafts
from app.catalog.releases import MemoryReleases, ReleaseDraft
from app.digest import digest_bytes

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


class Desk:
    """Drafts, and the releases that they become."""

    def __init__(self, drafts, releases, audit=None) -> None:
        self.drafts, self.releases, self.audit = drafts, releases, audit


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def desk(request, opened):
    if request.param == "memory":
        releases = MemoryReleases()
        return Desk(MemoryDrafts(releases), releases)
    database = await opened(request.param)
    return Desk(SqlDrafts(database), SqlReleases(database), SqlAudit(database))


def content(words="Open.", *, base=0):
    key = digest_bytes(words.encode())
    return DraftContent(ReleaseDraft(key, "The Museum", 3, (key,), words.encode(), "why"), base=base, missing=2)


async def saved(desk, name="winter", words="Open.", *, seen=0):
    return await desk.drafts.save(name, content(words), by="ada@desk", at=NOON, seen=seen)


async def test_a_saved_draft_is_kept_whole_and_served_by_nobody(desk):
    draft = await saved(desk)

    assert (draft.name, draft.revision, draft.state, draft.made_by, draft.missing) == (
        "winter",
        1,
        "open",
        "ada@desk",
        2,
    )
    assert await desk.drafts.get("winter") == draft
    assert await desk.drafts.content("winter") == content().release
    assert await desk.drafts.list() == (draft,)
    assert await desk.releases.current() is None
    assert await desk.drafts.pinned() == {digest_bytes(b"Open.")}


async def test_saving_again_takes_approval_and_time_back(desk):
    draft = await saved(desk)
    changed = replace(draft, approved_by="bob@desk", approved_at=NOON, publish_at=LATER, scheduled_by="bob@desk")
    assert (await desk.drafts.put(changed, "approved", by="bob@desk", at=NOON)).revision == 2

    again = await saved(desk, words="Closed.", seen=2)

    assert (again.revision, again.approved_by, again.publish_at) == (3, None, None)
    assert await desk.drafts.get("winter") == again
    assert (await desk.drafts.content("winter")).pack == b"Closed."


async def test_whoever_saw_an_older_revision_is_refused(desk):
    draft = await saved(desk)

    with pytest.raises(DraftConflictError, match="look again"):
        await saved(desk)
    with pytest.raises(DraftConflictError):
        await saved(desk, seen=2)
    await desk.drafts.put(draft, "approved", by="bob", at=NOON)
    for late in (
        desk.drafts.put(draft, "approved", by="cy", at=NOON),
        desk.drafts.drop("winter", by="cy", at=NOON, seen=1),
        desk.drafts.publish(draft, by="cy", at=NOON, after=0),
    ):
        with pytest.raises(DraftConflictError):
            await late
    assert await desk.releases.list(limit=5) == ()


async def test_an_unknown_name_is_told(desk):
    draft = replace(await saved(desk), name="summer")

    for asking in (
        desk.drafts.get("summer"),
        desk.drafts.content("summer"),
        desk.drafts.put(draft, "approved", by="bob", at=NOON),
        desk.drafts.drop("summer", by="bob", at=NOON, seen=1),
        desk.drafts.publish(draft, by="bob", at=NOON, after=0),
    ):
        with pytest.raises(DraftNotFoundError, match="release drafts"):
            await asking


async def test_a_published_draft_is_the_current_release_and_cannot_be_published_twice(desk):
    draft = await saved(desk)

    current = await desk.drafts.publish(draft, by="bob", at=LATER, after=0)

    done = await desk.drafts.get("winter")
    assert (current.release.number, current.release.note, current.by) == (1, "why", "bob")
    assert await desk.releases.current() == current
    assert await desk.releases.pack(1) == b"Open."
    assert (done.state, done.release, done.revision) == ("published", 1, 2)
    assert await desk.drafts.pinned() == frozenset()
    with pytest.raises(DraftConflictError):
        await desk.drafts.publish(done, by="bob", at=LATER, after=1)


async def test_a_release_in_between_leaves_the_draft_as_it_was(desk):
    draft = await saved(desk)
    await desk.releases.publish(content("Other.").release, by="cy", at=NOON, after=0)

    with pytest.raises(ReleaseConflictError):
        await desk.drafts.publish(draft, by="bob", at=LATER, after=0)

    assert await desk.drafts.get("winter") == draft
    assert (await desk.releases.current()).release.number == 1


async def test_of_many_nodes_one_publishes(desk):
    draft = await saved(desk)

    tried = await asyncio.gather(
        *(desk.drafts.publish(draft, by=f"node {at}", at=LATER, after=0) for at in range(4)), return_exceptions=True
    )

    won = [one for one in tried if not isinstance(one, BaseException)]
    assert [one.release.number for one in won] == [1]
    assert {type(one) for one in tried if isinstance(one, BaseException)} <= {DraftConflictError, ReleaseConflictError}
    assert len(await desk.releases.list(limit=9)) == 1


async def test_only_what_waits_and_is_due_is_due(desk):
    for name, at in (("soon", LATER), ("now", NOON), ("before", NOON - timedelta(days=3)), ("no-time", None)):
        draft = await saved(desk, name, words=name)
        await desk.drafts.put(replace(draft, publish_at=at), "scheduled", by="bob", at=NOON)
    first = await desk.drafts.get("before")

    assert [one.name for one in await desk.drafts.due(NOON)] == ["before", "now"]
    await desk.drafts.publish(first, by="bob", at=NOON, after=0)
    assert [one.name for one in await desk.drafts.due(LATER)] == ["now", "soon"]
    assert [one.name for one in await desk.drafts.list()] == ["no-time", "now", "soon", "before"]


async def test_a_dropped_draft_is_gone_and_its_name_is_free(desk):
    await saved(desk)

    await desk.drafts.drop("winter", by="bob", at=NOON, seen=1)

    assert await desk.drafts.list() == ()
    assert (await saved(desk)).revision == 1


@pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)  # memory keeps no log
async def test_each_change_has_its_row_in_the_log(desk):
    draft = await saved(desk)
    draft = await desk.drafts.put(replace(draft, publish_at=LATER), "scheduled", by="bob@desk", at=NOON)
    await desk.drafts.publish(draft, by="bob@desk", at=LATER, after=0)
    await saved(desk, "summer")
    await desk.drafts.drop("summer", by="cy", at=LATER, seen=1)

    rows = [(one.act.action, one.act.subject, one.act.actor) for one in await desk.audit.list()][::-1]

    assert rows == [
        ("draft.saved", "draft winter", "ada@desk"),
        ("draft.scheduled", "draft winter", "bob@desk"),
        ("release.published", "release 1", "bob@desk"),
        ("draft.saved", "draft summer", "ada@desk"),
        ("draft.dropped", "draft summer", "cy"),
    ]
    published = (await desk.audit.list(actions=("release",)))[0].act.details
    assert (published["draft"], published["made_by"]) == ("winter", "ada@desk")
