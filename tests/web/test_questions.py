"""Questions over HTTP."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from app.learning.turn_log import TurnRecord
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from tests.support.fake_web import FakeContainer


@pytest.fixture
def container():
    return FakeContainer(web=WebSettings(secret="a secret for tests", environment="development"))


@pytest.fixture
def client(container):
    with TestClient(create_app(container), client=("127.0.0.1", 5000)) as client:
        first = TurnRecord(
            id="t1",
            session="s1",
            asked_at=container.clock.now(),
            question="What is a crown?",
            locale="en",
            outcome="missed",
            intent=None,
            clip=None,
            receipt={},
            latency_ms=1.0,
        )
        for turn in (
            first,
            replace(first, id="t2", session="s2", question="what is a crown", score="down", comment="hm"),
            replace(first, id="t3", outcome="failed", question="When are you open?"),
        ):
            container.log.turns[turn.id] = turn
        yield client


def test_single_questions_page_by_page(client):
    first = client.get("/v1/questions", params={"limit": 2}).json()
    second = client.get("/v1/questions", params={"limit": 2, "cursor": first["cursor"]}).json()

    assert [one["id"] for one in first["items"] + second["items"]] == ["t3", "t2", "t1"]
    assert second["cursor"] is None
    assert first["items"][0]["result"] == "failed"


def test_filters_may_be_repeated_and_are_checked(client):
    found = client.get("/v1/questions", params={"outcome": ["missed", "chips"], "rating": "down"}).json()

    assert [one["id"] for one in found["items"]] == ["t2"]
    assert client.get("/v1/questions", params={"outcome": "nonsense"}).status_code == 422
    assert client.get("/v1/questions", params={"limit": 501}).status_code == 422
    assert client.get("/v1/questions", params={"sort": "up"}).status_code == 422
    refused = client.get("/v1/questions", params={"cursor": "nowhere"})
    assert (refused.status_code, refused.json()["code"]) == (422, "query_invalid")


def test_groups_leave_out_what_the_machine_failed_at(client):
    page = client.get("/v1/questions/groups").json()

    assert [(one["question"], one["asked"], one["outcomes"]) for one in page["items"]] == [
        ("What is a crown?", 2, {"missed": 2})
    ]
    assert (page["hidden"], page["visitors"], page["cursor"]) == (0, 1, None)
    assert client.get("/v1/questions/groups", params={"visitors": 3}).json()["hidden"] == 1


def test_a_state_is_set_by_somebody(client):
    group = client.get("/v1/questions/groups").json()["items"][0]["id"]

    marked = client.put(f"/v1/questions/groups/{group}/state", json={"state": "done", "note": "written"}).json()
    story = client.get(f"/v1/questions/groups/{group}").json()

    assert (marked["state"], marked["note"], marked["state_by"]) == ("done", "written", "this computer (operator)")
    assert story["group"] == marked
    assert [one["asked"] for one in story["members"]] == [2]
    assert client.get("/v1/questions/groups", params={"state": "open"}).json()["items"] == []
    assert client.put(f"/v1/questions/groups/{group}/state", json={"state": "closed"}).status_code == 422
    assert client.put("/v1/questions/groups/unknown/state", json={"state": "done"}).json()["code"] == (
        "question_not_found"
    )


def test_a_visit_is_told_whole(client):
    visit = client.get("/v1/questions/sessions/s1").json()

    assert [one["question"] for one in visit["items"]] == ["What is a crown?", "When are you open?"]
    assert client.get("/v1/questions/sessions/nobody").status_code == 404


def test_grouping_anew(client):
    assert client.post("/v1/questions/groups/refresh").json()["questions"] == 2
