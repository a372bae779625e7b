"""Every HTTP answer, every problem and every log line of a request carry its id; one line says how it was answered."""

import json
import re

import pytest
from fastapi.testclient import TestClient

from app.runtime.settings.site import WebSettings
from app.runtime.wiring.logging import set_up_logging
from app.web.app import create_app
from tests.support.fake_web import FakeContainer
from tests.support.in_process import logging_kept

HERE = ("127.0.0.1", 5000)
TOKEN = "canary-token-0123456789"


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
def client(container):
    with logging_kept():
        set_up_logging(format_="json", level="info")
        with TestClient(create_app(container), client=HERE, raise_server_exceptions=False) as client:
            yield client


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


def answered(capsys) -> list[dict]:
    return [line for line in lines(capsys) if line["event"] == "request.answered"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/livez", 200),
        ("GET", "/widget.js", 200),
        ("GET", "/demo/nothing.js", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/livez", 405),
        ("POST", "/v1/sessions", 200),
        ("GET", f"/clips/{'a' * 64}.mp4", 404),
        ("POST", f"/v1/hooks/fal/{TOKEN}", 404),
    ],
)
def test_an_answer_has_an_id_of_its_own(client, method, path, status):
    answers = [client.request(method, path) for _ in range(2)]

    ids = [answer.headers["x-request-id"] for answer in answers]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all(re.fullmatch("[0-9a-f]{24}", one) for one in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize("given", ["abcdefgh", "01HXX-9.b_C", "f" * 64])
def test_a_caller_s_own_id_is_kept(client, given):
    assert client.get("/livez", headers={"x-request-id": given}).headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "-begins-with-a-dash", "with a blank in it", "<script>alert(1)", "ünïcödé-id"]
)
def test_an_id_of_another_shape_is_replaced(client, given):
    answer = client.get("/livez", headers={"x-request-id": given.encode()})

    assert re.fullmatch("[0-9a-f]{24}", answer.headers["x-request-id"])


def test_two_ids_are_none(client):
    answer = client.get("/livez", headers=[("x-request-id", "one-of-them"), ("x-request-id", "the-other-one")])

    assert re.fullmatch("[0-9a-f]{24}", answer.headers["x-request-id"])


def test_a_problem_names_its_request(client):
    answer = client.get("/v1/turns/nobody", headers={"x-request-id": "my-own-id"})

    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "my-own-id"


def test_a_body_that_is_too_large_is_refused_under_an_id(client):
    answer = client.post("/v1/sessions", content=b"x" * 70_000)

    assert answer.status_code == 413
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_an_error_of_ours_is_found_by_the_id_of_its_answer(client, container, capsys):
    async def broken() -> tuple[str, ...]:
        raise ZeroDivisionError

    container.readiness = broken
    answer = client.get("/readyz", headers={"x-request-id": "look-me-up"})

    assert answer.status_code == 500
    assert answer.json()["request_id"] == "look-me-up"
    assert answer.headers.get_list("x-request-id") == ["look-me-up"]


def test_a_line_says_what_was_asked_and_how_it_was_answered(client, capsys):
    client.post("/v1/sessions", headers={"x-request-id": "my-own-id"})
    client.post(f"/v1/hooks/fal/{TOKEN}")
    client.get(f"/nothing/{TOKEN}")

    told = answered(capsys)
    first = told[0]
    assert (first["method"], first["route"], first["status"]) == ("POST", "/v1/sessions", 200)
    assert (first["level"], first["request_id"]) == ("info", "my-own-id")
    assert first["duration_ms"] >= 0
    assert [(line["route"], line["status"]) for line in told[1:]] == [
        ("/v1/hooks/{provider}/{token}", 404),
        (None, 404),
    ]
    assert TOKEN not in json.dumps(told)


def test_files_have_no_line_and_probes_have_one_at_debug(client, capsys):
    for path in ("/widget.js", "/demo/demo.js", f"/clips/{'a' * 64}.mp4", "/livez", "/readyz", "/metrics"):
        client.get(path)
    assert answered(capsys) == []

    set_up_logging(format_="json", level="debug")
    client.get("/readyz")
    assert [(line["route"], line["level"]) for line in answered(capsys)] == [("/readyz", "debug")]


def test_the_lines_can_be_switched_off(container, capsys):
    container.web = WebSettings(secret="a secret for tests", access_log=False)
    with logging_kept():
        set_up_logging(format_="json", level="debug")
        with TestClient(create_app(container), client=HERE) as client:
            assert client.post("/v1/sessions").headers["x-request-id"]

    assert answered(capsys) == []


def test_openapi_has_the_header_with_every_answer(client):
    paths = client.get("/openapi.json").json()["paths"]

    responses = [
        one for path in paths.values() for operation in path.values() for one in operation["responses"].values()
    ]
    assert responses
    assert all(response["headers"]["X-Request-ID"]["schema"]["type"] == "string" for response in responses)
