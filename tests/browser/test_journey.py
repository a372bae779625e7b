"""A visitor's way through the demo page of a real server (`live_server`: its base address, with a warmed catalog)."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.probes import ask, expect_playing, expect_state, follow_events, heard, wait_heard
from tests.browser.test_embedding import show_host_page
from tests.support.long import all_long_but

pytestmark = pytest.mark.browser

FILMING_S = 90
"""The longest that filming one answer on two busy cores may take here."""


def _question(page: Page, selector: str) -> str:
    """A question that the page offers to try."""
    return page.locator(selector).first.get_attribute("data-ask") or ""


def test_a_typed_question_is_answered_by_a_clip_that_really_plays(page: Page, live_server: str) -> None:
    follow_events(page)
    page.goto(live_server)
    wait_heard(page, "e.name === 'ready'")

    ask(page, _question(page, "[data-ask]:not([data-unfilmed])"))

    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    expect_state(page, "speaking")
    expect_playing(page)
    expect(page.locator("greenroom-chat .cue")).not_to_be_empty()
    answer = str(heard(page, "answer")[0]["text"])
    assert heard(page, "answer")[0]["source"] == "cache"
    expect(page.locator("greenroom-chat").get_by_role("log")).to_contain_text(answer)


@pytest.mark.long
def test_a_new_question_gets_a_holding_clip_and_then_its_own_film(page: Page, live_server: str) -> None:
    follow_events(page)
    page.goto(live_server)
    wait_heard(page, "e.name === 'ready'")

    ask(page, _question(page, "[data-ask][data-unfilmed]"))

    wait_heard(page, "e.name === 'speaking' && e.role === 'holding'", timeout_s=FILMING_S)
    expect_playing(page)
    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'", timeout_s=FILMING_S)
    expect_playing(page)
    roles = [event["role"] for event in heard(page, "speaking") if event["role"] in {"holding", "answer"}]
    assert roles == ["holding", "answer"]
    wait_heard(page, "e.name === 'done' && e.outcome === 'generated'")
    assert [event["state"] for event in heard(page, "connection")].count("open") == 1


def test_the_idle_loop_waits_before_and_after_an_answer(page: Page, live_server: str) -> None:
    follow_events(page)
    page.goto(live_server)
    wait_heard(page, "e.name === 'ready'")
    ask(page, _question(page, "[data-ask]:not([data-unfilmed])"))
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn")

    expect_state(page, "listening")

    assert page.evaluate("document.querySelector('greenroom-chat').shadowRoot.querySelector('video').loop")
    expect_playing(page)


def test_a_reload_keeps_the_conversation(page: Page, live_server: str) -> None:
    follow_events(page)
    page.goto(live_server)
    wait_heard(page, "e.name === 'ready'")
    ask(page, _question(page, "[data-ask]:not([data-unfilmed])"))
    wait_heard(page, "e.name === 'done'")
    before = page.locator("greenroom-chat .turn .said").all_text_contents()

    page.reload()

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert page.locator("greenroom-chat .turn .said").all_text_contents() == before


def test_a_strict_page_of_another_origin_embeds_it(page: Page, live_server: str) -> None:
    show_host_page(page, live_server, "mode='inline'")
    wait_heard(page, "e.name === 'ready'")

    page.locator("greenroom-chat .chip").first.click()

    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    assert page.evaluate("window.violations") == []


@pytest.mark.parametrize(("width", "height"), all_long_but([(390, 844), (320, 640)], (320, 640)))
def test_the_page_fits_a_phone(browser: Browser, live_server: str, *, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(live_server)
    expect_state(page, "listening")

    ask(page, _question(page, "[data-ask]"))

    expect(page.locator("greenroom-chat .turn.visitor")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert len(page.screenshot()) > 20_000
    context.close()
