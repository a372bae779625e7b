"""Roles over HTTP: each route lets in keys of its role and above, says which it wants, and the log says who it was."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.catalog.releases import ReleaseDraft
from app.digest import digest_bytes
from app.rendering.work.reconciler import Reconciler
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings, WebSettings
from app.web.app import create_app
from tests.docs.pages import page, section, table
from tests.support.fake_web import FakeContainer
from tests.support.render_world import RenderWorld
from tests.support.roles import every_route_and_role

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MADE = {role: new_key(f"the-{role}", role) for role in KeyRole}
KEYS = tuple(kept for _, kept in MADE.values())
USE = "/v1/releases/1/use"

NEEDED = {
    ("POST", "/v1/match"): KeyRole.VIEWER,
    ("GET", "/v1/catalog"): KeyRole.VIEWER,
    ("GET", "/v1/releases"): KeyRole.VIEWER,
    ("GET", "/v1/releases/{number}"): KeyRole.VIEWER,
    ("GET", "/v1/clips/{recipe_key}/provenance"): KeyRole.VIEWER,
    ("GET", "/v1/me"): KeyRole.VIEWER,
    ("GET", "/v1/forecast"): KeyRole.AUTHOR,
    ("GET", "/v1/forecast/intents"): KeyRole.AUTHOR,
    ("GET", "/v1/misses"): KeyRole.AUTHOR,
    ("GET", "/v1/turns/{turn_id}"): KeyRole.AUTHOR,
    ("GET", "/v1/folder"): KeyRole.AUTHOR,
    ("GET", "/v1/folder/diff"): KeyRole.AUTHOR,
    ("POST", "/v1/folder/merge"): KeyRole.AUTHOR,
    ("GET", "/v1/releases/{number}/diff"): KeyRole.AUTHOR,
    ("GET", "/v1/releases/{number}/pack"): KeyRole.AUTHOR,
    ("GET", "/v1/drafts"): KeyRole.AUTHOR,
    ("GET", "/v1/drafts/{name}"): KeyRole.AUTHOR,
    ("GET", "/v1/drafts/{name}/diff"): KeyRole.AUTHOR,
    ("GET", "/v1/drafts/{name}/pack"): KeyRole.AUTHOR,
    ("PUT", "/v1/drafts/{name}"): KeyRole.AUTHOR,
    ("POST", "/v1/drafts/{name}/drop"): KeyRole.AUTHOR,
    ("POST", "/v1/drafts/{name}/approve"): KeyRole.PUBLISHER,
    ("POST", "/v1/drafts/{name}/schedule"): KeyRole.PUBLISHER,
    ("POST", "/v1/drafts/{name}/publish"): KeyRole.PUBLISHER,
    ("POST", "/v1/releases"): KeyRole.PUBLISHER,
    **dict.fromkeys(
        (
            ("GET", "/v1/catalog/file"),
            ("POST", "/v1/catalog/edits"),
            ("POST", "/v1/answers/phrases"),
            ("POST", "/v1/answers/intents"),
            ("POST", "/v1/answers/never"),
            ("POST", "/v1/answers/clips"),
            ("GET", "/v1/answers/proposals/{intent}"),
        ),
        KeyRole.AUTHOR,
    ),
    ("GET", "/v1/questions"): KeyRole.AUTHOR,
    ("GET", "/v1/questions/groups"): KeyRole.AUTHOR,
    ("POST", "/v1/questions/groups/refresh"): KeyRole.AUTHOR,
    ("GET", "/v1/questions/groups/{question}"): KeyRole.AUTHOR,
    ("PUT", "/v1/questions/groups/{question}/state"): KeyRole.AUTHOR,
    ("GET", "/v1/questions/sessions/{session}"): KeyRole.AUTHOR,
    ("POST", "/v1/releases/{number}/use"): KeyRole.PUBLISHER,
    ("GET", "/v1/audit"): KeyRole.OPERATOR,
    ("GET", "/v1/answers/switch"): KeyRole.OPERATOR,
    ("POST", "/v1/answers/switch"): KeyRole.OPERATOR,
    ("GET", "/v1/renders"): KeyRole.OPERATOR,
    ("GET", "/v1/renders/{render_id}"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/cancel"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/retry"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/resolve"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/correct"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/accept"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/{render_id}/adopt"): KeyRole.OPERATOR,
    ("PUT", "/v1/renders/{render_id}/video"): KeyRole.OPERATOR,
    ("POST", "/v1/renders/reconcile"): KeyRole.OPERATOR,
    ("GET", "/v1/orphans"): KeyRole.OPERATOR,
    ("POST", "/v1/orphans/acknowledge"): KeyRole.OPERATOR,
}
BODY = {
    "text": "Open?",
    "after": 1,
    "outcome": "billed",
    "amount": "0.42",
    "provider": "fal",
    "request_id": "r1",
    "note": "Not ours.",
    "revision": 1,
    "at": None,
    "edits": [{"do": "set_title", "intent": "hours", "title": "Hours"}],
    "intent": "hours",
    "texts": ["Open?"],
    "title": "Hours",
    "phrases": ["Open?"],
    "question": "Open?",
    "turn": "t_1",
    "state": "done",
}
"""What every route finds its own fields in."""
VISITORS = {
    "/v1/sessions",
    "/v1/listen",
    "/v1/sessions/{session}",
    "/v1/chat/events",
    "/v1/chat/messages",
    "/v1/hooks/{provider}/{token}",
}


@pytest.fixture
async def container(tmp_path):
    world = RenderWorld(tmp_path)
    made = FakeContainer(
        web=WebSettings(secret="a secret for tests", environment="production", keys=KEYS),
        reconciler=Reconciler(studio=world.studio(), avatars=(world.avatar,)),
        settings=Settings(catalog=tmp_path / "empty", models_dir=tmp_path / "models"),
    )
    await made.releases.publish(ReleaseDraft(digest_bytes(b"1"), "one", 3, (), b""), by="ada", at=NOON, after=0)
    return made


@pytest.fixture
def client(container):
    with TestClient(create_app(container)) as client:
        yield client


def shown(role):
    return {"X-API-Key": MADE[role][0]}


def told(container):
    return [(row.act.actor, row.act.action, row.act.subject, dict(row.act.details)) for row in container.audit.rows]


@pytest.mark.parametrize(("method", "path", "role"), every_route_and_role(NEEDED))
def test_a_route_lets_in_its_role_and_those_above(client, method, path, role):
    address = (
        path.replace("{number}", "1")
        .replace("{name}", "winter")
        .replace("{turn_id}", "t_1")
        .replace("{render_id}", "4f1c9a")
        .replace("{intent}", "hours")
    )
    needed = NEEDED[method, path]

    answer = client.request(method, address, json=BODY, params={"name": "facts.yaml"}, headers=shown(role))

    if role.may(needed):
        assert answer.status_code in {200, 404, 422, 503}, "422: no folder here; 503: no matcher"
        return
    assert answer.status_code == 403
    assert answer.json()["code"] == "role_missing"
    assert f"`{needed}` or above" in answer.json()["detail"]
    assert f"`{role}`" in answer.json()["detail"]


def test_every_route_that_is_not_for_visitors_has_its_role_and_the_page_says_it(client):
    paths = client.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    lines = {(row[0].strip("`"), row[1].strip("`")): row[2] for row in table(section(page("http.md"), "Routes"))}

    assert {route for route in routes if route[1].startswith("/v1") and route[1] not in VISITORS} == set(NEEDED)
    assert {route: lines[route] for route in NEEDED} == NEEDED


def test_the_log_says_whose_key_it_was(client, container):
    answer = client.post(USE, json={"after": 1}, headers=shown(KeyRole.PUBLISHER))

    assert answer.json()["by"] == "key the-publisher (publisher)"
    assert told(container) == [
        ("key the-publisher (publisher)", "key.used", "POST /v1/releases/{number}/use", {}),
    ]


def test_a_change_beyond_the_role_is_told_once_a_minute_apart_from_strangers(client, container):
    for headers in (shown(KeyRole.AUTHOR), shown(KeyRole.AUTHOR), {"X-API-Key": "a guess"}):
        client.post(USE, json={"after": 1}, headers=headers)

    assert [row[:2] for row in told(container)] == [
        ("key the-author (author)", "key.refused"),
        ("system", "key.refused"),
    ]
    assert container.told == 0


def test_a_digest_is_not_a_key(client):
    assert client.get("/v1/catalog", headers={"X-API-Key": KEYS[0].digest}).status_code == 401
