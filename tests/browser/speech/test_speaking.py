"""Speaking with the presenter where the browser cannot hear: one question, hands-free, and into her words."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.conversation.visitor_speech.sound import MAX_SPEECH_S, read_question
from tests.browser.probes import ask, heard, open_widget, wait_heard
from tests.browser.servers import Server
from tests.browser.speech.sounds import HANDS, MICROPHONE, OPEN, QUESTION, hears
from tests.browser.test_accessibility import violations
from tests.browser.test_interrupt import EAR

pytestmark = pytest.mark.browser

ASK = "Ask aloud"
PAUSED = (
    "[...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')].slice(1).every((v) => v.paused)"
)


def _open(page: Page, server: Server) -> None:
    page.add_init_script(MICROPHONE)
    open_widget(page, f"{server.url}/host")
    wait_heard(page, "e.name === 'idle'")


def _hands_free(page: Page, server: Server) -> None:
    _open(page, server)
    page.get_by_role("button", name=ASK).click()
    page.get_by_role("button", name=HANDS).click()
    wait_heard(page, "e.name === 'voice' && e.handsFree && e.phase === 'listening'")


def _utter(page: Page, name: str) -> None:
    page.evaluate("(name) => window.utter(`/clips/${name}.wav`)", name)


def _barged(page: Page) -> list[object]:
    return [event["event"] for event in heard(page, "barge-in")]


def test_one_question_is_heard_by_the_site_and_asked(page: Page, hearing: Server) -> None:
    _open(page, hearing)

    page.get_by_role("button", name=ASK).click()
    expect(page.locator("greenroom-chat .notice")).to_contain_text(
        "This site’s own server turns what you say into text"
    )
    page.get_by_role("button", name="Go on").click()
    wait_heard(page, "e.name === 'voice' && e.phase === 'listening'")
    expect(page.get_by_role("button", name="Done speaking")).to_have_attribute("aria-pressed", "true")
    _utter(page, "question")

    wait_heard(page, f"e.name === 'ask' && e.via === 'voice' && e.text === '{QUESTION}'")
    phases = [event["phase"] for event in heard(page, "voice")]
    assert phases == ["listening", "hearing", "thinking", "off"]
    assert page.evaluate(OPEN) == 0, "the microphone is released"
    assert page.evaluate("window.wish.audio.echoCancellation")
    (sound,) = hearing.hand.sounds
    assert 1.5 < read_question(sound).seconds < MAX_SPEECH_S


BUSY = """(() => { const real = window.fetch; window.fetch = (url, options) =>
  String(url).includes('/v1/listen') ? Promise.resolve(new Response('', { status: 503 })) : real(url, options); })()"""


def test_a_server_that_could_not_hear_is_told_of_and_hands_free_goes_on(page: Page, hearing: Server) -> None:
    _hands_free(page, hearing)
    page.evaluate(BUSY)

    _utter(page, "question")

    expect(page.locator("greenroom-chat .notice")).to_contain_text("That was not understood.")
    phases = [event["phase"] for event in heard(page, "voice")]
    assert phases[-3:] == ["hearing", "thinking", "listening"]
    assert heard(page, "voice")[-1]["handsFree"]


def test_holding_space_is_holding_the_button(page: Page, hearing: Server) -> None:
    _open(page, hearing)
    page.get_by_role("button", name=ASK).click()
    page.get_by_role("button", name="Go on").click()
    wait_heard(page, "e.name === 'voice' && e.phase === 'listening'")
    page.keyboard.press("Escape")
    wait_heard(page, "e.name === 'voice' && e.phase === 'off'")

    page.get_by_role("button", name=ASK).focus()
    page.keyboard.down(" ")
    page.wait_for_function(
        "() => window.heard.filter((e) => e.name === 'voice' && e.phase === 'listening').length === 2"
    )
    _utter(page, "question")
    wait_heard(page, "e.name === 'voice' && e.phase === 'hearing'")
    page.keyboard.up(" ")

    wait_heard(page, "e.name === 'ask' && e.via === 'voice'")
    assert page.evaluate(OPEN) == 0


def test_a_silence_is_told_as_not_understood(page: Page, hearing: Server) -> None:
    hears(hearing, "")
    _open(page, hearing)
    page.get_by_role("button", name=ASK).click()
    page.get_by_role("button", name="Go on").click()
    wait_heard(page, "e.name === 'voice' && e.phase === 'listening'")

    _utter(page, "question")

    expect(page.locator("greenroom-chat .notice")).to_contain_text("was not understood")
    assert heard(page, "ask") == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_with_the_microphone_on(page: Page, hearing: Server, *, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    _open(page, hearing)
    page.get_by_role("button", name=ASK).click()
    assert violations(page) == [], "the microphone explained"
    page.get_by_role("button", name=HANDS).click()
    wait_heard(page, "e.name === 'voice' && e.handsFree && e.phase === 'listening'")
    assert violations(page) == [], "hands-free, nobody speaks"

    _utter(page, "question")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    assert violations(page) == [], "hands-free, the question was answered"


def test_hands_free_turns_follow_each_other(page: Page, hearing: Server) -> None:
    _hands_free(page, hearing)

    _utter(page, "question")
    wait_heard(page, "e.name === 'done' && e.turn === 't1'")
    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    _utter(page, "question")
    wait_heard(page, "e.name === 'ask' && window.heard.filter((one) => one.name === 'ask').length === 2")

    assert page.evaluate(OPEN) == 1
    page.get_by_role("button", name="End hands-free").click()
    assert page.evaluate(OPEN) == 0
    expect(page.get_by_role("button", name=HANDS)).to_have_attribute("aria-pressed", "false")


def test_speaking_into_her_words_makes_her_pause_and_the_question_takes_over(page: Page, hearing: Server) -> None:
    _hands_free(page, hearing)
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    _utter(page, "question")

    wait_heard(page, "e.name === 'barge-in' && e.event === 'paused'")
    assert page.evaluate(PAUSED) or heard(page, "ask")[1:]
    wait_heard(page, "e.name === 'speaking' && e.turn === 't2'")
    assert _barged(page) == ["paused", "asked"]
    assert [m["turn"] for m in hearing.hand.seen if m["type"] == "response.cancel"] == ["t1"]


@pytest.mark.parametrize("sound", ["click", "cough", "hm"])
def test_what_is_no_speech_lets_her_go_on(page: Page, hearing: Server, *, sound: str) -> None:
    _hands_free(page, hearing)
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    _utter(page, sound)

    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert _barged(page) == (["paused", "resumed"] if sound == "hm" else [])
    assert hearing.hand.sounds == []
    assert len(heard(page, "ask")) == 1


def test_her_own_voice_is_no_question_and_she_goes_on(page: Page, hearing: Server) -> None:
    hears(hearing, "open every day from ten until six on Thursdays")
    _hands_free(page, hearing)
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    _utter(page, "hers")

    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert _barged(page) == ["paused", "echo", "resumed"]
    assert len(heard(page, "ask")) == 1


def test_speech_that_nobody_understands_lets_her_go_on(page: Page, hearing: Server) -> None:
    hears(hearing, "")
    _hands_free(page, hearing)
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    _utter(page, "question")

    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert _barged(page) == ["paused", "resumed"]


def test_what_may_not_be_interrupted_goes_on(page: Page, hearing: Server) -> None:
    _hands_free(page, hearing)
    ask(page, "notice")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    _utter(page, "question")

    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert "paused" not in _barged(page)


def test_the_microphone_is_released_with_the_element_and_when_nobody_looks(page: Page, hearing: Server) -> None:
    _hands_free(page, hearing)
    page.keyboard.press("Escape")
    assert page.evaluate(OPEN) == 0

    page.get_by_role("button", name=HANDS).click()
    page.wait_for_function(f"() => {OPEN} === 1")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); delete document.hidden"
    )
    assert page.evaluate(OPEN) == 0

    page.get_by_role("button", name=HANDS).click()
    page.wait_for_function(f"() => {OPEN} === 1")
    page.evaluate("document.querySelector('greenroom-chat').remove()")
    page.wait_for_function(f"() => {OPEN} === 0")


def test_a_server_that_hears_nobody_gets_no_microphone(page: Page, scripted: Server) -> None:
    _open(page, scripted)

    expect(page.locator("greenroom-chat .voice")).to_be_hidden()
    assert page.locator("greenroom-chat").get_by_role("button", name=HANDS).count() == 0


def test_a_refused_microphone_is_told_with_the_way_out(page: Page, hearing: Server) -> None:
    page.add_init_script(MICROPHONE)
    page.add_init_script(
        "window.ask = navigator.mediaDevices.getUserMedia; window.isRefused = true;"
        "navigator.mediaDevices.getUserMedia = async (wish) => {"
        "  if (window.isRefused) throw new DOMException('no', 'NotAllowedError'); return window.ask(wish); };"
    )
    open_widget(page, f"{hearing.url}/host")
    page.get_by_role("button", name=ASK).click()

    page.get_by_role("button", name=HANDS).click()

    expect(page.locator("greenroom-chat .notice")).to_contain_text("The microphone is blocked. Allow it")
    expect(page.get_by_role("button", name=HANDS)).to_have_attribute("aria-pressed", "false")
    page.evaluate("window.isRefused = false")
    page.get_by_role("button", name="Try now").click()
    page.wait_for_function(f"() => {OPEN} === 1")


def test_hands_free_goes_on_with_the_browser_s_own_recogniser(page: Page, scripted: Server, sounds: Path) -> None:
    assert sounds.is_dir()
    page.add_init_script(MICROPHONE)
    page.add_init_script(EAR)
    open_widget(page, f"{scripted.url}/host")
    page.get_by_role("button", name=ASK).click()
    expect(page.locator("greenroom-chat .notice")).to_contain_text("perhaps with its maker’s service")
    page.get_by_role("button", name=HANDS).click()
    page.wait_for_function("() => window.ears.length === 1")

    page.evaluate("window.ears.at(-1).say('what are', 'your hours'); window.ears.at(-1).onend()")

    wait_heard(page, "e.name === 'ask' && e.via === 'voice' && e.text === 'what are your hours'")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    page.evaluate("window.ears.at(-1).say('open every day from ten until six'); window.ears.at(-1).onend()")
    wait_heard(page, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert _barged(page) == ["echo"]
    assert len(heard(page, "ask")) == 1
    page.wait_for_function("() => window.ears.length === 3")
