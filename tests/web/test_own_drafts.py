"""A folder's own draft, published by anybody at any time, is no change of another author."""

from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.catalog_files.folder_base import BASE_FILE, read_base
from app.runtime.serving.draft_publication import DraftPublication, DraftScheduler
from tests.web.test_publishing import node as node  # noqa: PLC0414 - the fixture

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DUE = datetime.now(UTC) + timedelta(days=30_000)


def saved(a, name="winter"):
    answered = a.ask("PUT", f"/v1/drafts/{name}", {"message": "Winter", "allow_missing": True})
    assert answered.status_code == 200
    return answered.json()


def by_hand(a, draft):
    done = a.ask("POST", f"/v1/drafts/{draft['name']}/publish", {"revision": draft["revision"]}, by="bob")
    assert done.status_code == 201


def at_its_time(a, draft):
    asked = {"revision": draft["revision"], "at": DUE.isoformat()}
    assert a.ask("POST", f"/v1/drafts/{draft['name']}/schedule", asked, by="bob").status_code == 200
    one = a.container

    async def none(_catalog):
        return 0

    publication = DraftPublication(settings=one.settings, releases=one.releases, drafts=one.drafts, missing=none)
    scheduler = DraftScheduler(publication=publication, notify=one.notify_nodes, node="a node elsewhere")
    assert len(a.client.portal.call(scheduler.look, DUE)) == 1


@pytest.fixture(params=[by_hand, at_its_time])
def publish_draft(request):
    return request.param


@pytest.fixture
def author(node):
    """An author who has published release 1."""
    a = node()
    with a.client:
        assert a.publish(after=0).status_code == 201
        yield a


def test_its_author_edits_on_and_publishes_without_a_merge(author, publish_draft):
    author.change("twelve euros", "thirteen euros")
    publish_draft(author, saved(author))
    author.change("thirteen euros", "fourteen euros")

    folder = author.ask("GET", "/v1/folder").json()
    done = author.publish(after=2)

    assert (folder["base"], folder["source"], folder["stale"]) == (2, "remembered", False)
    assert (done.status_code, done.json()["merged"]) == (201, [])
    assert done.json()["current"]["release"]["number"] == 3


def test_what_others_published_after_the_draft_is_merged_onto_it(author, node, publish_draft):
    author.change("twelve euros", "thirteen euros")
    publish_draft(author, saved(author))
    other = node()
    other.change("from ten to six", "from eight to six")
    assert other.publish(after=2).status_code == 201
    author.change("thirteen euros", "fourteen euros")

    refused = author.publish(after=3)
    done = author.publish(after=3, merge=True)

    assert refused.json()["code"] == "release_stale"
    assert (done.status_code, done.json()["merged"]) == (201, ["facts.yaml"])
    text = (author.folder / "facts.yaml").read_text()
    assert "fourteen euros" in text
    assert "from eight to six" in text


def test_another_folders_draft_stays_anothers_change_even_if_much_of_it_is_the_same(author, node):
    """Likeness alone would take it for the folder's own: its second change would be lost without a word."""
    other = node()
    for one in (author, other):
        one.change("twelve euros", "thirteen euros")
    author.change("from ten to six", "from eight to six")
    by_hand(author, saved(author))
    other.change("from ten to six", "from nine to six")

    folder = other.ask("GET", "/v1/folder").json()

    assert (folder["base"], folder["stale"]) == (1, True)
    assert [one["key"] for one in folder["conflicts"]] == ["opening_hours"]


def test_a_folder_whose_files_went_back_is_told_what_it_would_take_back(author):
    before = (author.folder / "facts.yaml").read_text()
    author.change("twelve euros", "thirteen euros")
    by_hand(author, saved(author))
    (author.folder / "facts.yaml").write_text(before)

    folder = author.ask("GET", "/v1/folder").json()

    assert (folder["base"], folder["stale"]) == (1, True)


def test_a_draft_before_the_first_release_is_remembered_too(node):
    a = node()
    with a.client:
        by_hand(a, saved(a))
        for path in [*a.folder.glob("knowledge/*.md"), *a.folder.glob("visiting/*.yaml")]:
            if path.stem != "opening-hours":
                path.unlink()

        folder = a.ask("GET", "/v1/folder").json()

    assert (folder["base"], folder["source"], folder["stale"]) == (1, "remembered", False)


def test_the_note_keeps_its_drafts_when_the_folder_is_published_in_between(author):
    author.change("twelve euros", "thirteen euros")
    draft = saved(author)
    author.publish(after=1)

    note = read_base(author.folder)

    assert note is not None
    assert (note.release, [str(one) for one in note.drafts]) == (2, [draft["catalog"]])


def test_a_note_of_an_earlier_version_or_a_spoilt_one_is_read_as_far_as_it_goes(author):
    note = author.folder / BASE_FILE
    plain = read_base(author.folder)
    assert plain is not None
    note.write_text(f'{{"release": 1, "catalog": "{plain.catalog}"}}')
    assert read_base(author.folder) == plain
    for text in ("[]", '{"release": 1}', f'{{"release": 1, "catalog": "{plain.catalog}", "drafts": 3}}'):
        note.write_text(text)
        assert read_base(author.folder) is None
