"""Visitors whose network lets no WebSocket pass talk all the same, over events, and lose nothing on the way there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.probes import ask, expect_playing, expect_state, follow_events, heard, wait_heard
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
