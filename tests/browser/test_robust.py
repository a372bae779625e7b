"""What may happen to a line, a tab and a browser: each has its behaviour."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.probes import answers, ask, expect_playing, expect_state, heard, open_widget, wait_heard
from tests.browser.scenes import HOURS, LAMP
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

VIDEOS = "[...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')]"
HIDE = """(state) => {
  const hidden = state === 'hidden';
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
NO_STORAGE = """for (const name of ['sessionStorage', 'localStorage'])
  Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError'); }});"""


def test_a_question_asked_offline_is_answered_once_when_the_line_is_back(
    context: BrowserContext, scripted: Server
) -> None:
    page = context.new_page()
    open_widget(page, f"{scripted.url}/host")

    context.set_offline(offline=True)
    expect_state(page, "connecting")
    expect(page.locator("greenroom-chat .notice")).to_contain_text("Connection lost. Trying again.")
    ask(page, "hours")
    context.set_offline(offline=False)

    wait_heard(page, "e.name === 'ready' && e.resumed")
    wait_heard(page, "e.name === 'answer' && e.turn === 't1'")
    expect(page.locator("greenroom-chat .notice")).to_be_hidden()
    assert answers(page)[-1] == HOURS
    (session,) = scripted.hand.sessions.values()
    assert len(session.inputs) == 1


def test_a_restarted_server_is_found_again_and_the_words_stay(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    open_widget(page, f"{scripted.url}/host")
    ask(page, "words")
    wait_heard(page, "e.name === 'done'")

    scripted.stop()
    expect_state(page, "connecting")
    ask(page, "hours, asked while the server was away")
    scripted.start()

    wait_heard(page, "e.name === 'answer' && e.intent === 'hours'")
    assert answers(page)[-2:] == [LAMP, HOURS]
    assert scripted.hand.starts == ["resume", "new"], "the new server knew nothing of the old session"


NO_LONG_WAIT = """const wait = window.setTimeout;
window.setTimeout = (work, ms, ...more) => (ms > 3000 ? 0 : wait(work, ms, ...more));"""
"""Timers of more than three seconds never fire: whoever waits for the end of a long back-off waits for ever."""


def test_a_server_that_is_back_is_called_at_once(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    page.add_init_script(NO_LONG_WAIT)
    open_widget(page, f"{scripted.url}/host")

    scripted.stop()
    wait_heard(page, "e.name === 'connection' && e.state === 'waiting' && e.retry_in_s > 3")
    scripted.start()

    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    ask(page, "hours")
    wait_heard(page, "e.name === 'answer'")


def test_a_token_that_expired_on_its_way_is_replaced_once(page: Page, scripted: Server) -> None:
    scripted.hand.closes.append(4001)

    open_widget(page, f"{scripted.url}/host")

    assert scripted.hand.starts == ["new", "new"]


def test_tokens_that_never_work_are_not_tried_for_ever(page: Page, scripted: Server) -> None:
    scripted.hand.tokens_work = False
    page.goto(f"{scripted.url}/host?mode=inline")

    expect(page.locator("greenroom-chat .notice")).to_contain_text("This page may not use this presenter.")

    expect_state(page, "offline")
    page.wait_for_timeout(1000)
    assert scripted.hand.starts == ["new", "new"]


def test_a_duplicated_tab_takes_the_conversation_over_and_gives_it_back(
    page: Page, context: BrowserContext, scripted: Server
) -> None:
    open_widget(page, f"{scripted.url}/host")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    with context.expect_page() as opened:
        page.evaluate("window.open(location.href + '?mode=inline')")

    twin = opened.value
    expect_state(twin, "listening")
    assert answers(twin)[-1] == HOURS
    expect(page.locator("greenroom-chat .notice")).to_contain_text("The conversation went on in another tab.")
    expect_state(page, "offline")
    assert scripted.hand.starts == ["new", "resume"]


def test_two_tabs_that_were_opened_apart_have_conversations_of_their_own(
    page: Page, context: BrowserContext, scripted: Server
) -> None:
    other = context.new_page()
    open_widget(page, f"{scripted.url}/host")
    open_widget(other, f"{scripted.url}/host")

    ask(page, "hours")
    ask(other, "words")

    wait_heard(page, "e.name === 'done'")
    wait_heard(other, "e.name === 'done'")
    assert len(scripted.hand.sessions) == 2
    assert (answers(page)[-1], answers(other)[-1]) == (HOURS, LAMP)


def test_a_background_tab_rests_and_goes_on_where_it_was(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    wait_heard(page, "e.name === 'idle'")
    page.wait_for_function(f"() => !{VIDEOS}[0].paused")

    page.evaluate(HIDE, "hidden")
    assert page.evaluate(f"{VIDEOS}[0].paused")
    page.request.post(f"{scripted.url}/_script/drop?code=1012")
    wait_heard(page, "e.name === 'connection' && e.state === 'waiting'")
    page.wait_for_timeout(1200)
    assert scripted.hand.starts == ["new"], "nobody looks, nobody calls"
    page.evaluate(HIDE, "visible")

    wait_heard(page, "e.name === 'ready' && e.resumed")
    expect_playing(page)


def test_an_answer_goes_on_in_the_background(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    page.evaluate(HIDE, "hidden")

    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")
    page.evaluate(HIDE, "visible")
    expect_state(page, "listening")
    expect_playing(page)


def test_on_slow_3g_the_words_come_first_and_the_clip_follows(
    page: Page, context: BrowserContext, scripted: Server
) -> None:
    open_widget(page, f"{scripted.url}/host?prefetch-bytes=0")
    wait_heard(page, "e.name === 'idle'")
    network = context.new_cdp_session(page)
    slow_3g = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    network.send("Network.emulateNetworkConditions", slow_3g)

    ask(page, "hours")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    names = page.evaluate("window.heard.filter((e) => e.turn === 't1').map((e) => e.name)")
    assert names.index("answer") < names.index("speaking")
    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && ['ended', 'failed'].includes(e.event)")


def test_blocked_storage_breaks_nothing(page: Page, scripted: Server) -> None:
    page.add_init_script(NO_STORAGE)
    open_widget(page, f"{scripted.url}/host")

    ask(page, "hours")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    page.request.post(f"{scripted.url}/_script/drop?code=1012")
    wait_heard(page, "e.name === 'ready' && e.resumed")
    page.reload()
    page.get_by_role("button", name="Ask Mira").click()
    wait_heard(page, "e.name === 'ready'")
    assert heard(page, "ready")[0]["resumed"] is False


CHAT = "document.querySelector('greenroom-chat')"


def test_the_next_page_keeps_what_the_visitor_chose(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    page.get_by_role("button", name="Captions").click()
    wait_heard(page, "e.name === 'idle'")

    page.goto(f"{scripted.url}/host?position=top-end")

    wait_heard(page, "e.name === 'ready' && e.resumed")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Mute")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body"), "the page keeps the focus"
    page.get_by_role("button", name="Close").click()
    page.goto(f"{scripted.url}/host?position=top-start")
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()


@pytest.mark.parametrize("why", ["the page says so", "it would cover the page"])
def test_the_next_page_begins_closed(page: Page, scripted: Server, why: str) -> None:
    page.add_init_script(f"document.addEventListener('DOMContentLoaded', () => ({CHAT}.open = false))") if (
        why == "the page says so"
    ) else page.set_viewport_size({"width": 390, "height": 844})
    open_widget(page, f"{scripted.url}/host")

    page.goto(f"{scripted.url}/host?position=top-end")

    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def _hold_back(page: Page, address: str) -> list[Route]:
    """Let no answer come until the routes are continued."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(address, keep)
    return held


def test_a_clip_that_is_long_in_coming_is_thought_about(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&prefetch-bytes=0")
    wait_heard(page, "e.name === 'idle'")
    held = _hold_back(page, "**/clips/answer.mp4")
    page.evaluate("window.heard.length = 0")

    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")
    expect_state(page, "thinking")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    for route in held:
        route.continue_()
    page.unroute_all()
    wait_heard(page, "e.name === 'idle'")

    assert [event["state"] for event in heard(page, "state")] == ["thinking", "speaking", "listening"]


def test_a_clip_that_is_long_in_coming_can_be_stopped(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&prefetch-bytes=0")
    wait_heard(page, "e.name === 'idle'")
    held = _hold_back(page, "**/clips/answer.mp4")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    page.get_by_role("button", name="Stop").click()

    expect_state(page, "listening")
    for route in held:
        route.continue_()
    page.unroute_all()
    ask(page, "words")
    wait_heard(page, "e.name === 'done' && e.turn === 't2'")
    assert not [event for event in heard(page, "speaking") if event["turn"] == "t1"]
