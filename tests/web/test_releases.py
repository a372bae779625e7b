"""Releases over HTTP."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.catalog.releases import ReleaseDraft
from app.digest import digest_bytes
from app.web.app import create_app
from tests.support.fake_web import FakeContainer

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
async def container():
    made = FakeContainer()
    for step, words in enumerate(("one", "two")):
        key = digest_bytes(words.encode())
        await made.releases.publish(ReleaseDraft(key, words, 3, (key,), b"", words), by="ada", at=NOON, after=step)
    return made


@pytest.fixture
def client(container):
    with TestClient(create_app(container), client=("127.0.0.1", 5000)) as client:
        yield client


def test_the_releases_are_listed_with_the_current_one(client):
    page = client.get("/v1/releases", params={"limit": 1}).json()

    assert [one["number"] for one in page["items"]] == [2]
    assert (page["current"]["step"], page["current"]["release"]["number"]) == (2, 2)
    assert page["served"] == "fake"


def test_one_release_is_shown(client):
    assert client.get("/v1/releases/1").json()["note"] == "one"
    assert client.get("/v1/releases/9").json()["code"] == "release_not_found"


def test_going_back_is_told_to_every_node(client, container):
    answer = client.post("/v1/releases/1/use", json={"after": 2})

    assert answer.status_code == 200
    assert (answer.json()["step"], answer.json()["deed"], answer.json()["by"]) == (
        3,
        "used again",
        "this computer (operator)",
    )
    assert container.told == 1


def test_a_change_in_between_is_a_conflict(client, container):
    answer = client.post("/v1/releases/1/use", json={"after": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "release_conflict")
    assert container.told == 0


def test_readiness_names_what_is_served(client):
    assert client.get("/readyz").json()["release"] == "fake"
