"""What the commands for several nodes say when something is missing."""

import json

from tests.cli.conftest import Greenroom


def test_worker_without_redis_says_what_to_set(greenroom: Greenroom, monkeypatch):
    monkeypatch.delenv("GREENROOM_REDIS_URL", raising=False)

    told = greenroom("worker")

    assert told.code == 1
    assert "GREENROOM_REDIS_URL" in told.err


def test_doctor_looks_at_one_part(greenroom: Greenroom):
    told = greenroom("doctor", "--only", "database", "--json")

    assert told.code == 0
    assert [check["name"] for check in json.loads(told.out)["checks"]] == ["database"]


def test_doctor_does_not_know_a_part_that_is_not_there(greenroom: Greenroom):
    told = greenroom("doctor", "--only", "heart")

    assert told.code == 2
    assert "database" in told.err


def test_a_second_server_on_one_sqlite_file_is_refused_with_a_way_out(greenroom: Greenroom, live_server: str):
    assert live_server

    told = greenroom("serve", "--port", "0")

    assert told.code == 1
    assert "Cannot serve from this SQLite database" in told.err
    assert "PostgreSQL" in told.err
