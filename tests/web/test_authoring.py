"""Authoring over HTTP: files are read, edited under what was seen, and the log says by whom."""

import pytest
from fastapi.testclient import TestClient

from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from tests.support.catalogs import write_catalog
from tests.support.fake_web import FakeContainer

SHOWN, KEPT = new_key("ann", KeyRole.AUTHOR)
HEADERS = {"X-API-Key": SHOWN}
FILE = "visiting/opening-hours.yaml"


@pytest.fixture
def root(tmp_path):
    return write_catalog(tmp_path)


@pytest.fixture
def container(root):
    return FakeContainer(web=WebSettings(secret="a secret for tests", keys=(KEPT,)), folder=root)


@pytest.fixture
def client(container):
    with TestClient(create_app(container), headers=HEADERS) as client:
        yield client


def edit(**more: object):
    return {"edits": [{"do": "set_title", "intent": "opening-hours", "title": "Hours"}], "quick": True, **more}


def test_a_file_is_read_and_edited_under_its_digest(client, container, root):
    read = client.get("/v1/catalog/file", params={"name": FILE}).json()

    answer = client.post("/v1/catalog/edits", json=edit(seen={FILE: read["digest"]}))

    assert (answer.status_code, answer.json()["written"]) == (200, True)
    assert "title: Hours\n" in (root / FILE).read_text()
    (row,) = [row for row in container.audit.rows if row.act.action == "catalog.edited"]
    assert (row.act.actor, row.act.subject) == ("key ann (author)", FILE)


def test_a_dry_run_writes_neither_file_nor_row(client, container, root):
    before = (root / FILE).read_bytes()

    answer = client.post("/v1/catalog/edits", json=edit(dry_run=True)).json()

    assert (answer["written"], answer["changes"][0]["file"]) == (False, FILE)
    assert (root / FILE).read_bytes() == before
    assert [row for row in container.audit.rows if row.act.action == "catalog.edited"] == []


def test_a_file_that_changed_meanwhile_is_a_conflict(client, root):
    answer = client.post("/v1/catalog/edits", json=edit(seen={FILE: "0" * 64}))

    assert (answer.status_code, answer.json()["code"]) == (409, "edit_conflict")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/catalog/edits", {"edits": []}, "request_invalid"),
        ("/v1/catalog/edits", edit(edits=[{"do": "set_title", "intent": "moon", "title": "x"}]), "edit_refused"),
        ("/v1/answers/phrases", {"intent": "moon", "texts": ["up"]}, "edit_refused"),
        ("/v1/answers/never", {"intent": "opening-hours", "question": "?!"}, "edit_refused"),
        ("/v1/answers/intents", {"title": "Moon", "phrases": ["is the moon far"]}, "edit_refused"),
        ("/v1/answers/clips", {"turn": "t_9", "title": "Moon"}, "turn_not_found"),
    ],
)
def test_what_cannot_be_done_is_a_problem_and_changes_nothing(client, root, path, body, code):
    before = {file: file.read_bytes() for file in root.rglob("*.yaml")}

    assert client.post(path, json=body).json()["code"] == code
    assert {file: file.read_bytes() for file in root.rglob("*.yaml")} == before


def test_a_question_becomes_a_near_miss_with_its_proof(client, root):
    answer = client.post(
        "/v1/answers/never", json={"intent": "opening-hours", "question": "When are you open at night?"}
    )

    found = answer.json()
    assert found["holds"]
    assert found["preview"]["written"]
    assert "must never reach `opening-hours`" in found["decision"]["receipt"]["guards"][0]["reason"]
    assert "When are you open at night?" in (root / FILE).read_text()


def test_proposals_say_what_they_add(client):
    found = client.get("/v1/answers/proposals/opening-hours", params={"limit": 3}).json()

    assert (found["intent"], found["locale"]) == ("opening-hours", "en")
    assert len(found["items"]) <= 3
