"""The audit log over HTTP, and what it is told of the key."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app.audit import Act
from app.catalog.releases import ReleaseDraft
from app.digest import digest_bytes
from app.runtime.settings.api_keys import one_key
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from tests.support.fake_web import FakeContainer

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "the authors' key 1234567890"
RIGHT = {"X-API-Key": KEY}
USE = "/v1/releases/1/use"


@pytest.fixture
async def container():
    made = FakeContainer(web=WebSettings(secret="a secret for tests", keys=one_key(KEY)))
    key = digest_bytes(b"one")
    await made.releases.publish(ReleaseDraft(key, "one", 3, (key,), b""), by="ada", at=NOON, after=0)
    return made


@pytest.fixture
def client(container):
    with TestClient(create_app(container)) as client:
        yield client


def told(container):
    return [(row.act.actor, row.act.action, row.act.subject, dict(row.act.details)) for row in container.audit.rows]


async def test_the_log_is_read_newest_first_by_action_and_time(client, container):
    for minute, action in enumerate(("money.spent", "release.used", "money.released")):
        await container.audit.append(Act(NOON + timedelta(minutes=minute), "system", action, "r", {"amount": "0.1"}))

    page = client.get("/v1/audit", params={"action": "money"}, headers=RIGHT).json()
    late = client.get("/v1/audit", params={"since": "2026-11-26T12:01:00Z", "limit": 1}, headers=RIGHT).json()

    assert [one["action"] for one in page["items"]] == ["money.released", "money.spent"]
    assert [one["number"] for one in late["items"]] == [3]
    assert page["items"][1]["details"] == {"amount": "0.1"}
    assert page["items"][1]["digest"] == container.audit.rows[0].digest


def test_only_authors_read_it(client):
    assert client.get("/v1/audit").status_code == 401


def test_a_change_with_the_key_is_told(client, container):
    client.post(USE, json={"after": 1}, headers=RIGHT)

    assert told(container) == [("api key (operator)", "key.used", "POST /v1/releases/{number}/use", {})]


def test_reading_and_matching_leave_no_row(client, container):
    for headers in (RIGHT, {}):
        client.get("/v1/releases", headers=headers)
        client.post("/v1/match", json={"text": "Open?"}, headers=headers)

    assert told(container) == []


def test_guessed_keys_are_counted_in_a_row_a_minute(client, container):
    for _ in range(5):
        assert client.post(USE, json={"after": 1}, headers={"X-API-Key": "a guess"}).status_code == 401
    container.clock.elapsed_s += 61
    client.post(USE, json={"after": 1})

    route = "POST /v1/releases/{number}/use"
    assert told(container) == [
        ("system", "key.refused", route, {"times": 1}),
        ("system", "key.refused", route, {"times": 5}),
    ]


def test_a_refusal_stands_when_it_cannot_be_written_down(client, container):
    async def broken(_act, *, once=False):
        raise OSError

    container.audit.append = broken

    assert client.post(USE, json={"after": 1}).status_code == 401


def test_a_change_that_cannot_be_written_down_is_not_made(container):
    async def broken(_act, *, once=False):
        raise OSError

    container.audit.append = broken

    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        assert client.post(USE, json={"after": 1}, headers=RIGHT).status_code == 500
    assert container.told == 0
