"""Publishing over HTTP: two nodes with a folder each, drafts, a second key, a time."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app.adapters.catalog_files.archive import tree_of
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings, WebSettings
from app.web.app import create_app
from tests.support.fake_web import FakeContainer

MADE = {name: new_key(name, role) for name, role in (("ada", KeyRole.PUBLISHER), ("bob", KeyRole.PUBLISHER))}
FACTS = "facts.yaml"


class Node:
    """A node with a catalog folder of its own, over the releases of all; everything asks as `ada` unless told."""

    def __init__(self, folder, cache, tmp_path, releases=None, **changed: object) -> None:
        self.folder = folder
        settings = Settings(
            catalog=folder,
            cache=str(cache),
            database_url=f"sqlite:///{tmp_path}/none.db",
            models_dir=tmp_path / "models",
        ).model_copy(update=changed)
        web = WebSettings(secret="a secret for tests", keys=tuple(key for _, key in MADE.values()))
        self.container = FakeContainer(web=web, settings=settings, **({"releases": releases} if releases else {}))
        self.client = TestClient(create_app(self.container))

    def ask(self, method, path, body=None, *, by="ada"):
        return self.client.request(method, path, json=body, headers={"X-API-Key": MADE[by][0]})

    def publish(self, **body: object):
        return self.ask("POST", "/v1/releases", {"allow_missing": True, **body})

    def change(self, before, after):
        text = (self.folder / FACTS).read_text()
        assert before in text
        (self.folder / FACTS).write_text(text.replace(before, after))


@pytest.fixture
def node(warmed_site, tmp_path):
    """Make a node; the first one's releases are everybody's."""
    made: list[Node] = []

    def make(**changed: object) -> Node:
        folder = tmp_path / f"folder-{len(made)}"
        shutil.copytree(made[0].folder if made else warmed_site.catalog, folder)
        releases = made[0].container.releases if made else None
        made.append(Node(folder, warmed_site.cache, tmp_path, releases, **changed))
        return made[-1]

    return make


def test_the_second_node_is_told_what_came_and_merges(node):
    a = node()
    first = a.publish(after=0, message="The first")
    b = node()
    a.change("from ten to six", "from eight to six")
    assert a.publish(after=1).status_code == 201
    b.change("twelve euros", "thirteen euros")

    unseen, refused = b.publish(after=1), b.publish(after=2)
    folder = b.ask("GET", "/v1/folder").json()
    diff = b.ask("GET", "/v1/folder/diff?questions=0").json()
    merged = b.publish(after=2, merge=True)

    assert (first.status_code, first.json()["current"]["release"]["note"]) == (201, "The first")
    assert first.json()["current"]["by"] == "key ada (publisher)"
    assert (unseen.status_code, unseen.json()["code"]) == (409, "release_conflict")
    assert (refused.status_code, refused.json()["code"]) == (409, "release_stale")
    assert refused.json()["errors"] == [{"field": FACTS, "message": "changed meanwhile"}]
    assert (folder["base"], folder["current"], folder["stale"], folder["conflicts"]) == (1, 2, True, [])
    assert {(one["name"], one["after"]) for one in diff["facts"]} == {
        ("opening_hours", "from ten to six"),
        ("prices.adult", "thirteen euros"),
    }
    assert diff["clips"]["filmed"] == 1
    assert (merged.status_code, merged.json()["merged"]) == (201, [FACTS])
    assert "eight to six" in (b.folder / FACTS).read_text()
    assert b.container.told == 1


def test_what_both_changed_is_named_and_settled_by_preference(node):
    a = node()
    a.publish(after=0)
    b = node()
    a.change("from ten to six", "from eight to six")
    a.publish(after=1)
    b.change("from ten to six", "from nine to six")

    refused = b.ask("POST", "/v1/folder/merge", {})
    settled = b.ask("POST", "/v1/folder/merge", {"prefer": "theirs"})
    release = b.ask("GET", "/v1/releases/2/diff").json()

    assert refused.status_code == 409
    assert refused.json()["errors"][-1] == {
        "field": "facts.yaml: opening_hours",
        "message": "published: from eight to six; here: from nine to six",
    }
    assert (settled.status_code, settled.json()["stale"], settled.json()["merged"]) == (200, False, [FACTS])
    assert "eight" in (b.folder / FACTS).read_text()
    assert [one["intents"] for one in release["facts"]] == [["opening-hours"]]
    assert b.ask("GET", "/v1/releases/2/pack").headers["content-type"] == "application/zip"


def test_where_a_review_is_asked_for_another_key_approves_a_draft(node):
    a = node(review_releases=True)
    direct = a.publish(after=0)

    saved = a.ask("PUT", "/v1/drafts/winter", {"message": "Winter", "allow_missing": True}).json()
    early = a.ask("POST", "/v1/drafts/winter/publish", {"revision": 1})
    own = a.ask("POST", "/v1/drafts/winter/approve", {"revision": 1})
    other = a.ask("POST", "/v1/drafts/winter/approve", {"revision": 1}, by="bob")
    late = a.ask("POST", "/v1/drafts/winter/publish", {"revision": 1})
    done = a.ask("POST", "/v1/drafts/winter/publish", {"revision": 2})

    assert (saved["revision"], saved["made_by"], saved["state"]) == (1, "key ada (publisher)", "open")
    assert [(one.status_code, one.json()["code"]) for one in (direct, early, own, late)] == [
        (409, "review_missing"),
        (409, "review_missing"),
        (409, "review_missing"),
        (409, "draft_conflict"),
    ]
    assert other.json()["approved_by"] == "key bob (publisher)"
    assert (done.status_code, done.json()["current"]["release"]["note"]) == (201, "Winter")
    page = a.ask("GET", "/v1/drafts").json()
    assert (page["review"], [(one["name"], one["state"], one["release"]) for one in page["items"]]) == (
        True,
        [("winter", "published", 1)],
    )


def test_a_draft_has_its_time_its_difference_and_its_end(node):
    a = node()
    a.publish(after=0)
    a.change("twelve euros", "thirteen euros")
    assert a.ask("PUT", "/v1/drafts/winter", {"message": "Winter"}).status_code == 200
    at = (datetime.now(UTC) + timedelta(days=30_000)).isoformat()

    past = a.ask("POST", "/v1/drafts/winter/schedule", {"revision": 1, "at": "2020-01-01T00:00:00Z"})
    planned = a.ask("POST", "/v1/drafts/winter/schedule", {"revision": 1, "at": at}).json()
    back = a.ask("POST", "/v1/drafts/winter/schedule", {"revision": 2, "at": None}).json()
    diff = a.ask("GET", "/v1/drafts/winter/diff").json()
    pack = a.ask("GET", "/v1/drafts/winter/pack")
    missing = a.ask("POST", "/v1/drafts/winter/publish", {"revision": 3})
    dropped = a.ask("POST", "/v1/drafts/winter/drop", {"revision": 3})

    assert past.json()["code"] == "release_request_invalid"
    assert (planned["scheduled_by"], planned["publish_at"] is not None) == ("key ada (publisher)", True)
    assert back["publish_at"] is None
    assert [one["after"] for one in diff["facts"]] == ["thirteen euros"]
    assert pack.headers["content-disposition"] == 'attachment; filename="draft-winter.zip"'
    assert b"thirteen euros" in tree_of(pack.content)[FACTS]
    assert (missing.status_code, missing.json()["code"]) == (409, "clips_missing")
    assert dropped.status_code == 204
    assert a.ask("GET", "/v1/drafts/winter").json()["code"] == "draft_not_found"
