"""Every HTTP route but the clips."""

import inspect
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import author_errors, errors
from app.learning.turn_log import TurnRecord
from app.runtime.settings.api_keys import one_key
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from app.web.problems import STATUS
from tests.support.fake_web import FakeContainer

HERE = ("127.0.0.1", 5000)
ELSEWHERE = ("203.0.113.7", 5000)


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
def client(container):
    with TestClient(create_app(container), client=HERE) as client:
        yield client


def remote(container, **settings: Any) -> TestClient:
    container.web = WebSettings(secret="x" * 32, **settings)
    return TestClient(create_app(container), client=ELSEWHERE, raise_server_exceptions=False)


def a_turn(container) -> TurnRecord:
    turn = TurnRecord("t_1", "s_1", container.clock.now(), "Who?", "en", "missed", None, None, {"stage": "near"}, 1.5)
    container.log.turns[turn.id] = turn
    return turn


def test_the_app_starts_and_stops_what_the_container_runs(container):
    with TestClient(create_app(container)):
        started = container.started

    assert started == 1
    assert container.started == 0


@pytest.mark.parametrize(
    "origin",
    [None, "http://testserver", "https://testserver", "https://shop.example", "https://desk.localhost"],
)
def test_allowed_pages_get_a_token(container, origin):
    client = remote(container, allowed_origins=("https://shop.example",), public_url="https://desk.localhost/")

    answer = client.post("/v1/sessions", json={"locale": "en"}, headers={"origin": origin} if origin else {})

    assert answer.status_code == 200
    assert answer.json()["expires_s"] == 60
    assert answer.headers.get("access-control-allow-origin") == origin


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_site_under_a_path_knows_its_own_pages(container, environment):
    client = remote(container, public_url="https://desk.localhost/chat/", environment=environment)

    statuses = {
        origin: client.post("/v1/sessions", headers={"origin": origin}).status_code
        for origin in ("https://desk.localhost", "https://desk.localhost.evil.example", "https://chat")
    }

    assert statuses == {"https://desk.localhost": 200, "https://desk.localhost.evil.example": 403, "https://chat": 403}


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "https://shop.example.evil.example",
        "https://sub.shop.example",
        "https://shop.example:8443",
        "http://shop.example",
        "ftp://testserver",
        "testserver",
    ],
)
def test_other_pages_get_none(container, origin):
    client = remote(container, allowed_origins=("https://shop.example",))

    answer = client.post("/v1/sessions", headers={"origin": origin})

    assert answer.status_code == 403
    assert answer.json()["code"] == "origin_not_allowed"
    assert "token" not in answer.json()
    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize(("environment", "status"), [("development", 200), ("production", 403)])
def test_a_star_counts_in_development_only(container, environment, status):
    client = remote(container, allowed_origins=("*",), environment=environment)

    assert client.post("/v1/sessions", headers={"origin": "https://any.example"}).status_code == status


def test_a_browser_may_ask_before_it_posts(container):
    client = remote(container, allowed_origins=("https://shop.example",))

    answer = client.options("/v1/sessions", headers={"origin": "https://shop.example"})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "content-type, authorization"
    assert answer.headers["vary"] == "Origin"


def test_match_gives_the_decision_with_its_receipt(client):
    answer = client.post("/v1/match", json={"text": "Open?", "previous": "Hello?"})

    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["intent"]) == ("answer", "hours")
    assert answer.json()["receipt"]["stage"] == "exact"


def test_match_says_when_the_encoder_is_not_there_yet(container, client):
    container.decider.broken = True

    answer = client.post("/v1/match", json={"text": "Open?"})

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["retryable"]) == ("encoder_unavailable", True)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"text": ""}', b'{"text": 7}', b"[", json.dumps({"text": "x" * 2001})])
def test_match_refuses_what_is_no_question(client, body):
    answer = client.post("/v1/match", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "request_invalid"
    assert answer.json()["errors"]


def test_the_catalog_says_what_is_filmed(client):
    answer = client.get("/v1/catalog").json()

    hours = next(intent for intent in answer["intents"] if intent["id"] == "hours")
    assert (hours["title"], hours["role"], hours["phrases"]) == ("Hours", "answer", 1)
    assert (hours["clips_ready"], hours["clips_wanted"]) == (2, 2)


def test_misses_are_paged(container, client):
    a_turn(container)

    answer = client.get("/v1/misses", params={"limit": 1}).json()

    assert [(item["question"], item["count"]) for item in answer["items"]] == [("Who?", 1)]
    assert client.get("/v1/misses", params={"offset": 1}).json()["items"] == []
    assert client.get("/v1/misses", params={"limit": 0}).status_code == 422


def test_a_turn_comes_with_its_receipt(container, client):
    a_turn(container)

    answer = client.get("/v1/turns/t_1").json()

    assert answer["receipt"] == {"stage": "near"}
    assert answer["asked_at"].endswith("Z")
    assert client.get("/v1/turns/t_2").json()["code"] == "turn_not_found"


AUTHOR_ROUTES = [("GET", "/v1/catalog"), ("GET", "/v1/misses"), ("GET", "/v1/turns/t_1"), ("POST", "/v1/match")]


@pytest.mark.parametrize(("method", "path"), AUTHOR_ROUTES)
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"authorization": "Bearer wrong"}])
def test_author_routes_are_closed_to_strangers(container, method, path, headers):
    client = remote(container, environment="production", keys=one_key("right"))

    answer = client.request(method, path, headers=headers, json={"text": "Open?"})

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authorised"


@pytest.mark.parametrize(("method", "path"), AUTHOR_ROUTES)
def test_in_development_they_are_open_on_this_machine_only(container, method, path):
    assert remote(container).request(method, path).status_code == 401


@pytest.mark.parametrize("headers", [{"x-api-key": "right"}, {"authorization": "Bearer right"}])
def test_the_api_key_opens_author_routes(container, headers):
    client = remote(container, environment="production", keys=one_key("right"))

    assert client.get("/v1/catalog", headers=headers).status_code == 200


def test_production_without_a_key_is_closed_even_here(container):
    container.web = WebSettings(secret="x" * 32, environment="production")
    client = TestClient(create_app(container), client=HERE)

    assert client.get("/v1/catalog", headers={"x-api-key": ""}).status_code == 401


def test_ready_only_without_reasons(container, client):
    container.reasons = ("The encoder is loading.",)
    waiting = client.get("/readyz")
    container.reasons = ()
    ready = client.get("/readyz")

    assert (waiting.status_code, waiting.json()["reasons"]) == (503, ["The encoder is loading."])
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert client.get("/livez").status_code == 200


def test_figures_are_there(client):
    text = client.get("/metrics").text

    for name in (
        "greenroom_sessions",
        "greenroom_questions_total",
        "greenroom_match_seconds",
        "greenroom_film_seconds",
    ):
        assert f"# TYPE {name.removesuffix('_total')}" in text or f"# TYPE {name}" in text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/widget/nowhere.js", 404, "not_found"),
        ("GET", "/widget/..%2f..%2fdeps.py", 404, "not_found"),
        ("DELETE", "/livez", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem(client, method, path, status, code):
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["status"]) == (code, status)


def test_a_surprise_is_a_problem_without_its_secrets(container):
    class Leaky:
        async def decide(self, text, *, locale, previous):  # noqa: ARG002
            raise RuntimeError("password=hunter2")

    container.decider = Leaky()
    client = remote(container, keys=one_key("right"))

    answer = client.post("/v1/match", json={"text": "Open?"}, headers={"x-api-key": "right"})

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "hunter2" not in answer.text


def test_a_body_that_is_too_large_is_refused(client):
    answer = client.post("/v1/match", content=b" " * 70_000)

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_every_error_has_its_status():
    classes = [*inspect.getmembers(errors, inspect.isclass), *inspect.getmembers(author_errors, inspect.isclass)]
    codes = {cls.code for _, cls in classes if issubclass(cls, errors.GreenroomError)}

    assert set(STATUS) == codes


@pytest.mark.parametrize("path", ["/", "/docs", "/livez", "/nowhere", "/widget.js"])
def test_every_response_is_guarded(client, path):
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_openapi_names_every_route(client):
    paths = set(client.get("/openapi.json").json()["paths"])

    assert {"/v1/sessions", "/v1/match", "/v1/catalog", "/v1/misses", "/clips/{digest}.{extension}", "/readyz"} <= paths


def test_two_apps_live_in_one_process():
    first, second = FakeContainer(), FakeContainer(reasons=("No.",))

    one, other = TestClient(create_app(first)), TestClient(create_app(second))

    assert (one.get("/readyz").status_code, other.get("/readyz").status_code) == (200, 503)
