"""Who gets into the Studio, with what, and what the log says of it."""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from app.runtime.settings.api_keys import KeyRole
from app.web.auth import READS
from app.web.studio.app import PAGES
from app.web.studio.sessions import LINK_S, SESSION_S
from tests.support.fake_web import FakeContainer
from tests.support.roles import every_route_and_role
from tests.web.studio.visits import KEYS, MADE, Person, a_desk, a_person, token_of

NO_PAGE = ("/events", ".jpg", "/say")
"""Ends of the paths of what is shown in pages."""

OPEN = {"/studio", "/studio/sign-in", "/studio/sign-in/link", "/studio/enter"}
"""Routes for those who are not signed in."""

NEEDED = {
    ("GET", "/studio/"): KeyRole.VIEWER,
    ("GET", "/studio/intents"): KeyRole.VIEWER,
    ("GET", "/studio/intents/{intent_id}"): KeyRole.VIEWER,
    ("GET", "/studio/intents/{intent_id}/edit"): KeyRole.AUTHOR,
    ("POST", "/studio/intents/{intent_id}/edit"): KeyRole.AUTHOR,
    ("POST", "/studio/intents/{intent_id}/check"): KeyRole.AUTHOR,
    ("GET", "/studio/intents/{intent_id}/history"): KeyRole.AUTHOR,
    ("GET", "/studio/facts"): KeyRole.AUTHOR,
    ("POST", "/studio/facts"): KeyRole.AUTHOR,
    ("GET", "/studio/say"): KeyRole.AUTHOR,
    ("GET", "/studio/questions"): KeyRole.AUTHOR,
    ("GET", "/studio/questions/groups/{question}"): KeyRole.AUTHOR,
    ("POST", "/studio/questions/groups/{question}/state"): KeyRole.AUTHOR,
    ("GET", "/studio/questions/visits/{session}"): KeyRole.AUTHOR,
    ("POST", "/studio/answers/phrases"): KeyRole.AUTHOR,
    ("POST", "/studio/answers/intents"): KeyRole.AUTHOR,
    ("POST", "/studio/answers/never"): KeyRole.AUTHOR,
    ("GET", "/studio/try"): KeyRole.VIEWER,
    ("GET", "/studio/plan"): KeyRole.AUTHOR,
    ("GET", "/studio/plan/events"): KeyRole.AUTHOR,
    ("POST", "/studio/plan/warm"): KeyRole.OPERATOR,
    ("POST", "/studio/plan/stop"): KeyRole.OPERATOR,
    ("GET", "/studio/releases"): KeyRole.VIEWER,
    ("POST", "/studio/releases/{number}/use"): KeyRole.PUBLISHER,
    ("GET", "/studio/releases/{number}"): KeyRole.AUTHOR,
    ("GET", "/studio/releases/folder"): KeyRole.AUTHOR,
    ("POST", "/studio/releases/publish"): KeyRole.PUBLISHER,
    ("POST", "/studio/releases/merge"): KeyRole.AUTHOR,
    ("POST", "/studio/drafts"): KeyRole.AUTHOR,
    ("GET", "/studio/drafts/{name}"): KeyRole.AUTHOR,
    ("POST", "/studio/drafts/{name}/approve"): KeyRole.PUBLISHER,
    ("POST", "/studio/drafts/{name}/publish"): KeyRole.PUBLISHER,
    ("POST", "/studio/drafts/{name}/schedule"): KeyRole.PUBLISHER,
    ("POST", "/studio/drafts/{name}/drop"): KeyRole.AUTHOR,
    ("GET", "/studio/avatars"): KeyRole.VIEWER,
    ("GET", "/studio/avatars/frame.jpg"): KeyRole.VIEWER,
    ("POST", "/studio/avatars/consent/price"): KeyRole.OPERATOR,
    ("POST", "/studio/avatars/consent/withdraw"): KeyRole.OPERATOR,
    ("POST", "/studio/avatars/consent/restore"): KeyRole.OPERATOR,
    ("GET", "/studio/settings"): KeyRole.OPERATOR,
    ("POST", "/studio/settings/doctor"): KeyRole.OPERATOR,
    ("GET", "/studio/settings/audit"): KeyRole.OPERATOR,
    ("GET", "/studio/settings/events"): KeyRole.OPERATOR,
    ("POST", "/studio/sign-out"): KeyRole.VIEWER,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture
def container(folder: Path) -> FakeContainer:
    return a_desk(folder)


@pytest.fixture
def person(container: FakeContainer) -> Person:
    return a_person(container)


def told(container: FakeContainer) -> list[tuple[str, str, str]]:
    return [(row.act.actor, row.act.action, row.act.subject) for row in container.audit.rows]


def address_of(path: str) -> str:
    return re.sub(r"\{\w+\}", "opening-hours", path.replace("{number}", "1")).removeprefix("/studio/")


def test_every_route_of_the_studio_has_its_role() -> None:
    routes = {
        (method, route.path)
        for module in PAGES
        for route in module.router.routes
        if isinstance(route, APIRoute) and route.path not in OPEN
        for method in route.methods
    }

    assert routes == set(NEEDED)


@pytest.mark.parametrize(("method", "path", "role"), every_route_and_role(NEEDED))
def test_a_route_lets_in_its_role_and_those_above(person: Person, method: str, path: str, role: KeyRole) -> None:
    place, csrf = address_of(path), person.is_signed_in(role)

    answer = person.get(place) if method == "GET" else person.post(place, csrf=csrf)

    assert (answer.status_code == 403) == (not role.may(NEEDED[method, path])), answer.text


@pytest.mark.parametrize(("method", "path"), NEEDED, ids=[" ".join(one) for one in NEEDED])
def test_nobody_gets_in_without_signing_in(person: Person, container: FakeContainer, method: str, path: str) -> None:
    answer = person.get(address_of(path)) if method == "GET" else person.post(address_of(path))

    assert answer.status_code == (303 if method == "GET" else 401)
    if method == "GET":
        assert "sign-in" in answer.headers["location"]
    else:
        assert told(container) == ([] if path in READS else [("system", "key.refused", f"POST {path}")])


@pytest.mark.parametrize("path", [path for method, path in NEEDED if method == "POST"])
@pytest.mark.parametrize("token", ["", "a guess"])
def test_a_form_without_the_sessions_token_changes_nothing(
    person: Person, container: FakeContainer, path: str, token: str
) -> None:
    person.is_signed_in(KeyRole.OPERATOR)
    before = told(container)

    answer = person.post(address_of(path), csrf=token)

    assert answer.status_code == 403
    assert "load the page again" in answer.text
    assert told(container) == before


def test_a_token_of_another_session_is_none_of_this_one(person: Person) -> None:
    other = person.beside()
    other.sign_in(KeyRole.OPERATOR)
    person.sign_in(KeyRole.OPERATOR)

    assert person.post("sign-out", csrf=other.csrf).status_code == 403


@pytest.mark.parametrize("place", ["sign-out", "sign-in", "enter", "sign-in/link"])
def test_a_form_that_another_site_sends_is_refused(person: Person, place: str) -> None:
    person.sign_in(KeyRole.OPERATOR)

    answer = person.post(place, csrf=person.csrf, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


def test_the_cookie_is_for_this_server_and_no_script(person: Person) -> None:
    cookie = person.sign_in(KeyRole.AUTHOR).headers["set-cookie"]

    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/studio", f"Max-Age={SESSION_S}"} <= set(cookie.split("; "))


def test_a_changed_cookie_is_none(person: Person) -> None:
    person.sign_in(KeyRole.VIEWER)
    name, value = next(iter(person.client.cookies.items()))
    person.client.cookies.clear()
    person.client.cookies.set(name, value[:-3] + "aaa")

    assert person.get("").status_code == 303


def test_the_log_names_the_key_that_signed_in(person: Person, container: FakeContainer) -> None:
    person.sign_in(KeyRole.PUBLISHER)

    assert told(container) == [("key the-publisher (publisher)", "studio.entered", "studio")]


def test_a_wrong_key_is_told_to_the_log_and_signs_nobody_in(person: Person, container: FakeContainer) -> None:
    form = person.get("sign-in").text

    answer = person.post("sign-in", {"key": "gr_wrong"}, csrf=token_of(form))

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert told(container) == [("system", "key.refused", "POST /studio/sign-in")]
    assert "gr_wrong" not in answer.text


def test_a_session_ends_by_itself_and_by_signing_out(person: Person, container: FakeContainer) -> None:
    person.sign_in(KeyRole.VIEWER)
    cookies = dict(person.client.cookies)
    person.post("sign-out", csrf=person.csrf)
    person.client.cookies.update(cookies)
    after_signing_out = person.get("").status_code
    person.client.cookies.clear()
    person.sign_in(KeyRole.VIEWER)
    container.clock.elapsed_s += SESSION_S + 1

    assert (after_signing_out, person.get("").status_code) == (303, 303)


def test_a_key_that_was_taken_away_ends_its_sessions(person: Person) -> None:
    person.sign_in(KeyRole.AUTHOR)
    restarted = a_person(FakeContainer(), keys=tuple(one for one in KEYS if one.name != "the-author"))
    restarted.client.cookies.update(person.client.cookies)

    assert (person.get("").status_code, restarted.get("").status_code) == (200, 303)


def test_a_link_signs_this_computer_in_once(container: FakeContainer) -> None:
    person = a_person(container, environment="development")
    studio = person.client.app.state.studio  # type: ignore[attr-defined]
    link = studio.sessions.link()

    shown = person.get(f"enter?link={link}")
    first = person.post("enter", {"link": link})
    page = person.get("").text
    person.client.cookies.clear()
    second = person.post("enter", {"link": link})

    assert (shown.status_code, first.status_code, second.status_code) == (200, 303, 401)
    assert "this computer" in page
    assert "used already" in second.text
    assert told(container) == [("this computer (operator)", "studio.entered", "studio")]


def test_a_link_lives_for_a_quarter_of_an_hour_and_in_development_only(container: FakeContainer) -> None:
    person = a_person(container, environment="development")
    old = person.client.app.state.studio.sessions.link()  # type: ignore[attr-defined]
    container.clock.elapsed_s += LINK_S + 1
    expired = person.post("enter", {"link": old}).status_code
    fresh = person.client.app.state.studio.sessions.link()  # type: ignore[attr-defined]
    live = a_person(FakeContainer())

    assert (expired, live.post("enter", {"link": fresh}).status_code) == (401, 401)


def test_another_link_is_said_where_only_this_computer_hears_it(container: FakeContainer) -> None:
    person, said = a_person(container, environment="development"), []
    person.client.app.state.studio.tell = said.append  # type: ignore[attr-defined]

    answer = person.post("sign-in/link", csrf=token_of(person.get("sign-in").text))

    assert answer.headers["location"] == "../sign-in?done=link"
    assert person.post("enter", {"link": said[0]}).status_code == 303
    assert said[0] not in answer.text


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("intents/tickets", "./intents/tickets"),
        ("try?text=Open%3F", "./try?text=Open%3F"),
        ("https://evil.example/", "./"),
        ("//evil.example", "./"),
        ("../admin", "./"),
    ],
)
def test_signing_in_leads_back_to_the_studio_only(person: Person, wanted: str, reached: str) -> None:
    token = token_of(person.get("sign-in").text)

    answer = person.post("sign-in", {"key": MADE[KeyRole.VIEWER][0], "next": wanted}, csrf=token)

    assert answer.headers["location"] == reached


def test_whoever_was_sent_away_comes_back_to_the_page(person: Person) -> None:
    away = person.get("intents?topic=desk")

    assert away.headers["location"] == "./sign-in?next=intents%3Ftopic%3Ddesk"


@pytest.mark.parametrize(
    "path",
    [
        "sign-in",
        "enter?link=x",
        *(address_of(path) for method, path in NEEDED if method == "GET" and not path.endswith(NO_PAGE)),
    ],
)
def test_every_page_has_the_strict_policy_and_nothing_inline(person: Person, path: str) -> None:
    person.sign_in(KeyRole.OPERATOR)

    answer = person.get(path)

    policy = answer.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'"} <= set(
        policy.split("; ")
    )
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?![^>]*\ssrc=)|https?://", answer.text) is None
    forms = re.findall(r"<form(?: class=\"\w+\")? method=\"post\".*?</form>", answer.text, re.DOTALL)
    assert all('name="csrf"' in form for form in forms if "data-send-at-once" not in form)
