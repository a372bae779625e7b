"""Visitors whose network lets no WebSocket pass talk all the same, over events, and lose nothing on the way there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.probes import ask, expect_playing, expect_state, follow_events, heard, wait_heard
from tests.browser.servers import Server
from tests.support.proxies import running

pytestmark = pytest.mark.browser

NO_SOCKET = """window.sockets = 0; window.open_sockets = new Set(); const Real = window.WebSocket;
window.WebSocket = class extends Real { constructor(...given) { window.sockets += 1;
  super(window.blocked ? String(given[0]).replace('/v1/chat', '/no-socket-here') : given[0], given[1]);
  window.open_sockets.add(this); } };"""
"""Counts the sockets that a page opens; while `window.blocked` is set, none can be opened."""


@pytest.fixture
def closed(live_server: str, tmp_path: Path) -> Iterator[str]:
    """The address of a real server behind a proxy that refuses every WebSocket."""
    with running("caddy", tmp_path, int(live_server.rstrip("/").rpartition(":")[2]), sockets=False) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page whose browser may complain in its console: of sockets that do not open."""
    page = context.new_page()
    follow_events(page)
    page.add_init_script(NO_SOCKET)
    return page


def _filmed(page: Page) -> str:
    return page.locator("[data-ask]:not([data-unfilmed])").first.get_attribute("data-ask") or ""


def test_where_no_socket_passes_a_question_is_answered_over_events(page: Page, closed: str) -> None:
    page.goto(closed)
    wait_heard(page, "e.name === 'ready'")

    ask(page, _filmed(page))

    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    expect_state(page, "speaking")
    expect_playing(page)
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn")
    expect_state(page, "listening")
    assert page.evaluate("window.sockets") == 1
    assert [event["state"] for event in heard(page, "connection")][-1] == "open"


def test_the_next_page_uses_what_worked_and_goes_on(page: Page, closed: str) -> None:
    page.goto(closed)
    wait_heard(page, "e.name === 'ready'")
    ask(page, _filmed(page))
    wait_heard(page, "e.name === 'done'")
    said = page.locator("greenroom-chat .turn .said").all_text_contents()

    page.reload()

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert page.evaluate("window.sockets") == 0
    expect(page.locator("greenroom-chat .turn .said")).to_have_text(said)


def test_a_conversation_goes_on_over_events_and_back(page: Page, live_server: str) -> None:
    """The socket is taken away after the first answer, and given back after the second."""
    page.goto(live_server)
    wait_heard(page, "e.name === 'ready'")
    question = _filmed(page)
    _ask_the(1, page, question)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url.rpartition("/")[2]))

    page.evaluate("window.blocked = true; for (const one of window.open_sockets) one.close()")
    _ask_the(2, page, question)
    assert {"events", "messages"} <= set(posts)

    page.evaluate("window.blocked = false; window.sockets = 0")
    page.route("**/v1/chat/events", lambda route: route.abort())
    page.context.set_offline(True)
    page.context.set_offline(False)
    _ask_the(3, page, question)

    assert page.evaluate("window.sockets") == 1
    assert all(event["resumed"] for event in heard(page, "ready")[1:])


def _ask_the(count: int, page: Page, question: str) -> None:
    """Ask over a line of its own; it is said once and answered once."""
    page.wait_for_function(f"() => window.heard.filter((e) => e.name === 'ready').length === {count}")
    ask(page, question)
    page.wait_for_function(f"() => window.heard.filter((e) => e.name === 'done').length === {count}")
    expect(page.locator("greenroom-chat .turn.visitor")).to_have_count(count)


def test_where_nothing_works_the_contact_is_named(page: Page, scripted: Server) -> None:
    """Neither kind of line opens, though tokens are given: after three tries the visitor reads whom to call."""
    token = {"token": "x", "expires_s": 60, "contact": "555 0100"}
    page.route("**/v1/sessions", lambda route: route.fulfill(json=token))
    page.route("**/v1/chat/events", lambda route: route.abort())
    page.add_init_script("window.blocked = true")
    page.goto(f"{scripted.url}/host?mode=inline")

    told = "Connection lost. Trying again. You also reach us here: 555 0100"
    expect(page.locator("greenroom-chat")).to_contain_text(told)
    expect(page.locator("greenroom-chat").get_by_role("button", name="Try now")).to_be_visible()


def _renditions(page: Page) -> list[str]:
    """Let every clip have a small rendition, which is itself; return the addresses of the clips that were asked for."""
    asked: list[str] = []

    def tell(frame: str) -> str:
        message = json.loads(frame)
        if message["type"] == "response.clip":
            url = message["clip"]["url"]
            small = {"url": f"{url}?small", "width": 360, "height": 360, "size_bytes": 20_000, "digest": "small"}
            message["clip"] |= {"size_bytes": 60_000, "alternatives": [small]}
        return json.dumps(message)

    def between(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(lambda frame: line.send(tell(str(frame))))

    page.route_web_socket("**/v1/chat", between)
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    return asked


@pytest.mark.parametrize(
    ("width", "line", "expected"),
    [
        (900, "10", "answer.mp4"),
        (300, "10", "answer.mp4?small"),
        (900, "0.1", "answer.mp4?small"),
    ],
    ids=["large stage, quick line", "small stage", "slow line"],
)
def test_the_rendition_follows_stage_and_line(
    page: Page, scripted: Server, width: int, line: str, expected: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {downlink: %s, effectiveType: '4g'}})" % line  # noqa: UP031
    )
    asked = _renditions(page)
    page.goto(f"{scripted.url}/host?mode=inline&prefetch-bytes=0")
    wait_heard(page, "e.name === 'ready'")

    ask(page, "When are you open?")

    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")
    assert {one for one in asked if one.startswith("answer.mp4")} == {expected}
    assert heard(page, "speaking")[-1]["digest"] == "answer"
