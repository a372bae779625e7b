"""Interrupting the presenter: by typing, by speaking, by Escape and the stop button."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.probes import ask, expect_state, heard, open_widget, wait_heard
from tests.browser.servers import Server
from tests.money.crash.lane import until

pytestmark = pytest.mark.browser

EAR = """window.ears = [];
window.SpeechRecognition = class {
  constructor() { window.ears.push(this); this.log = []; }
  start() { this.log.push('start'); }
  stop() { this.log.push('stop'); setTimeout(() => this.onend?.()); }
  abort() { this.log.push('abort'); setTimeout(() => this.onend?.()); }
  say(...parts) { this.onresult?.({results: parts.map((transcript) => [{transcript}])}); }
};"""
LAST = "window.ears.at(-1)"


def _speaking(page: Page, scripted: Server, question: str = "hours") -> None:
    page.add_init_script(EAR)
    open_widget(page, f"{scripted.url}/host")
    ask(page, question)
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")


ESCAPE_AS_SHE_SPEAKS = """addEventListener('greenroom:speaking', ({ target }) => target.shadowRoot.activeElement
  .dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true })))"""
"""In the page itself: on a busy machine a key from outside comes when the clip is over."""


def _cancelled(scripted: Server) -> list[object]:
    return [message["turn"] for message in scripted.hand.seen if message["type"] == "response.cancel"]


def test_typing_over_an_answer_silences_it(page: Page, scripted: Server) -> None:
    _speaking(page, scripted)

    page.keyboard.type("and")

    expect_state(page, "listening")
    assert page.locator("greenroom-chat").get_by_role("textbox").input_value() == "and"
    assert _cancelled(scripted) == ["t1"]
    assert not [e for e in heard(page, "playback") if e["turn"] == "t1" and e["event"] == "ended"]


def test_typing_while_it_is_being_looked_up_cancels_nothing(page: Page, scripted: Server) -> None:
    _speaking(page, scripted, "film")

    page.keyboard.type("x")

    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    assert _cancelled(scripted) == []


def test_what_may_not_be_interrupted_is_spoken_to_its_end(page: Page, scripted: Server) -> None:
    _speaking(page, scripted, "notice")

    page.keyboard.type("x")

    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")


def test_the_stop_button_and_escape_stop(page: Page, scripted: Server) -> None:
    _speaking(page, scripted)

    page.get_by_role("button", name="Stop", exact=True).click()

    expect_state(page, "listening")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    page.evaluate(ESCAPE_AS_SHE_SPEAKS)
    ask(page, "hours again")
    wait_heard(page, "e.name === 'done' && e.turn === 't2'")
    expect_state(page, "listening")
    until(lambda: _cancelled(scripted) == ["t1", "t2"], "the second answer is stopped")


def test_a_new_question_takes_the_place_of_the_old_answer(page: Page, scripted: Server) -> None:
    _speaking(page, scripted, "film")

    ask(page, "hours now")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't2'")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't2'")


def test_the_microphone_is_explained_before_the_browser_asks(page: Page, scripted: Server) -> None:
    _speaking(page, scripted)

    page.get_by_role("button", name="Ask aloud").click()

    expect(page.locator("greenroom-chat .notice")).to_contain_text("Your browser will ask for the microphone")
    assert page.evaluate("window.ears.length") == 0
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("greenroom-chat .notice")).to_be_hidden()
    page.get_by_role("button", name="Ask aloud").click()
    page.get_by_role("button", name="Go on").click()
    assert page.evaluate(f"{LAST}.log") == ["start"]
    page.reload()
    page.get_by_role("button", name="Ask aloud").click()
    assert page.evaluate(f"{LAST}.log") == ["start"], "told once a tab"


def test_speaking_over_an_answer_silences_it_and_asks(page: Page, scripted: Server) -> None:
    _speaking(page, scripted)
    page.get_by_role("button", name="Ask aloud").click()

    page.get_by_role("button", name="Go on").click()

    wait_heard(page, "e.name === 'voice' && e.listening")
    expect_state(page, "listening")
    assert _cancelled(scripted) == ["t1"]
    assert page.evaluate(f"{LAST}.lang") == "en"
    page.evaluate(f"{LAST}.say('what are', 'your hours')")
    expect(page.locator("greenroom-chat").get_by_role("textbox")).to_have_value("what are your hours")
    page.evaluate(f"{LAST}.onend()")
    wait_heard(page, "e.name === 'ask' && e.via === 'voice' && e.text === 'what are your hours'")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't2'")
    expect(page.get_by_role("button", name="Ask aloud")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(("error", "words"), [("not-allowed", "is blocked"), ("network", "was not understood")])
def test_trouble_with_hearing_is_said(page: Page, scripted: Server, *, error: str, words: str) -> None:
    _speaking(page, scripted)
    page.get_by_role("button", name="Ask aloud").click()
    page.get_by_role("button", name="Go on").click()

    page.evaluate(f"{LAST}.onerror({{error: '{error}'}}); {LAST}.onend()")

    expect(page.locator("greenroom-chat .notice")).to_contain_text(words)
    expect(page.get_by_role("button", name="Ask aloud")).to_have_attribute("aria-pressed", "false")


def test_escape_forgets_what_was_heard(page: Page, scripted: Server) -> None:
    _speaking(page, scripted)
    page.get_by_role("button", name="Ask aloud").click()
    page.get_by_role("button", name="Go on").click()
    page.evaluate(f"{LAST}.say('never mind')")

    page.keyboard.press("Escape")

    expect(page.locator("greenroom-chat").get_by_role("textbox")).to_have_value("")
    assert page.evaluate(f"{LAST}.log") == ["start", "abort"]
    assert len(heard(page, "ask")) == 1


def test_on_touch_the_microphone_is_held_while_speaking(browser: Browser, scripted: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    _speaking(page, scripted)
    page.get_by_role("button", name="Ask aloud").tap()
    page.get_by_role("button", name="Go on").tap()
    page.evaluate(f"{LAST}.onend()")
    box = page.get_by_role("button", name="Ask aloud").bounding_box()
    assert box is not None
    spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch = context.new_cdp_session(page)

    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [spot]})
    page.wait_for_function("window.ears.length === 2")
    page.evaluate(f"{LAST}.say('hours please')")
    page.wait_for_timeout(500)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    wait_heard(page, "e.name === 'ask' && e.text === 'hours please' && e.via === 'voice'")
    assert page.evaluate(f"{LAST}.log") == ["start", "stop"]
    context.close()


def test_there_is_no_microphone_where_the_browser_cannot_hear_or_the_page_says_no(page: Page, scripted: Server) -> None:
    page.add_init_script("delete window.SpeechRecognition; delete window.webkitSpeechRecognition;")
    open_widget(page, f"{scripted.url}/host")
    expect(page.locator("greenroom-chat .voice")).to_be_hidden()

    page.add_init_script(EAR)
    page.goto(f"{scripted.url}/host?voice=off")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("greenroom-chat .voice")).to_be_hidden()
    page.evaluate("document.querySelector('greenroom-chat').setAttribute('voice', 'on')")
    expect(page.locator("greenroom-chat .voice")).to_be_visible()
