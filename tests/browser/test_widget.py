"""The widget against a scripted server: breaks, refusals, broken clips, and what a visitor's settings ask for."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.probes import ask, expect_playing, expect_state, follow_events, heard, wait_heard
from tests.browser.scenes import HOURS, LAMP
from tests.browser.servers import Server
from tests.support.long import all_long_but

pytestmark = pytest.mark.browser


def _open(page: Page, scripted: Server, path: str = "/") -> None:
    follow_events(page)
    page.goto(scripted.url + path)
    if path == "/host":
        page.get_by_role("button", name="Ask Mira").click()
    wait_heard(page, "e.name === 'ready'")


def _post(page: Page, address: str) -> None:
    assert page.request.post(address).ok


def _answers(page: Page) -> list[str]:
    return page.locator("greenroom-chat .turn.avatar .said").all_text_contents()


def _seen(scripted: Server, type_: str) -> list[dict[str, object]]:
    return [message for message in scripted.hand.seen if message["type"] == type_]


def test_an_answer_plays_with_captions_card_and_suggestions(page: Page, scripted: Server) -> None:
    _open(page, scripted)

    ask(page, "hours")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    expect(page.locator("greenroom-chat .cue")).to_have_text("We are open every day from ten until six.".rstrip("."))
    expect_playing(page)
    assert _answers(page)[-1] == HOURS
    expect(page.locator("greenroom-chat a.card")).to_have_attribute("href", f"{scripted.url}/visit")
    expect(page.get_by_role("button", name="Tickets and prices")).to_be_visible()
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")
    expect_state(page, "listening")
    assert [m["event"] for m in _seen(scripted, "playback") if m["turn"] == "t1"] == ["started", "ended"]


def test_the_stage_is_never_blank(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    page.wait_for_function(IDLE_HAS_FRAME)
    page.evaluate(BLANK_WATCH)

    ask(page, "film")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")
    expect_state(page, "listening")

    assert page.evaluate("window.looks.length") > 30
    assert page.evaluate("window.looks.filter((isBlank) => isBlank).length") == 0


VIDEOS = "[...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')]"
IDLE_HAS_FRAME = f"() => {VIDEOS}[0].videoWidth > 0"

BLANK_WATCH = """() => {
  window.looks = [];
  const videos = [...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')];
  const look = () => {
    const top = videos.reduce((a, b) => Number(b.style.zIndex) > Number(a.style.zIndex) ? b : a);
    // The idle loop seeks at its seam, which keeps the picture and lowers `readyState`.
    window.looks.push(top === videos[0] ? top.videoWidth === 0 : top.readyState < 2);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_a_filmed_answer_follows_the_holding_clip_at_a_pause(page: Page, scripted: Server) -> None:
    _open(page, scripted)

    ask(page, "film")

    wait_heard(page, "e.name === 'speaking' && e.role === 'holding'")
    expect_state(page, "thinking")
    expect(page.get_by_text("Filming this answer")).to_be_visible()
    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    assert _answers(page)[-1] == LAMP
    expect(page.get_by_text("Filmed for you just now")).to_be_visible()
    assert len([event for event in heard(page, "answer") if event["turn"] == "t1"]) == 1


def test_a_dropped_line_loses_and_doubles_nothing(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "words")
    expect(page.locator("greenroom-chat .turn.avatar").last).to_contain_text("Our oldest")

    _post(page, f"{scripted.url}/_script/drop?code=1012")
    ask(page, "hours, said while the line was down")

    expect(page.locator("greenroom-chat .turn.avatar .said").nth(1)).to_have_text(LAMP)
    expect(page.locator("greenroom-chat .turn.avatar .said").nth(2)).to_have_text(HOURS)
    assert scripted.hand.starts == ["new", "resume"]
    (session,) = scripted.hand.sessions.values()
    assert len(session.inputs) == 2


def test_a_reload_resumes_without_a_second_greeting(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    page.reload()

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert _answers(page) == ["Hello, I am Mira. Ask me anything about the museum.", HOURS]
    assert heard(page, "speaking") == []


@pytest.mark.parametrize("code", all_long_but([1001, 1012, 1013, 4000, 4007, 1011], 1012))
def test_a_passing_trouble_is_resumed(page: Page, scripted: Server, code: int) -> None:
    _open(page, scripted)

    _post(page, f"{scripted.url}/_script/drop?code={code}")

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert scripted.hand.starts == ["new", "resume"]


@pytest.mark.parametrize(
    ("code", "words", "button"),
    [
        (4001, "This page may not use this presenter.", None),
        (4005, "The conversation went on in another tab.", "Use it here"),
        (4006, "This page is out of date.", "Reload"),
        (1000, "The conversation has ended.", "Start again"),
    ],
)
def test_a_final_close_is_left_to_the_visitor(
    page: Page, scripted: Server, *, code: int, words: str, button: str | None
) -> None:
    _open(page, scripted)

    _post(page, f"{scripted.url}/_script/drop?code={code}")

    expect(page.locator("greenroom-chat .notice")).to_contain_text(words)
    expect_state(page, "offline")
    assert scripted.hand.starts == ["new"]
    if button:
        page.get_by_role("button", name=button).click()
        wait_heard(page, "e.name === 'connection' && e.state === 'open'")
        expect(page.locator("greenroom-chat .notice")).to_be_hidden()


def test_an_expired_session_starts_anew_and_keeps_the_words(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    _post(page, f"{scripted.url}/_script/close_next?code=4004")
    _post(page, f"{scripted.url}/_script/drop?code=1012")

    page.wait_for_function("() => window.heard.filter((e) => e.name === 'ready').length === 2")
    assert scripted.hand.starts == ["new", "resume", "new"]
    assert HOURS in _answers(page)
    ask(page, "words")
    expect(page.locator("greenroom-chat .turn.avatar .said").last).to_have_text(LAMP)


def test_what_was_not_understood_is_not_sent_again(page: Page, scripted: Server) -> None:
    _open(page, scripted)

    ask(page, "refuse this")

    expect(page.locator("greenroom-chat .turn.visitor")).to_contain_text("Not sent")
    _post(page, f"{scripted.url}/_script/drop?code=4009")
    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert len(_seen(scripted, "input.text")) == 1


def test_stop_silences_and_cancels(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "film")
    wait_heard(page, "e.name === 'speaking' && e.role === 'holding'")

    page.keyboard.press("Escape")

    expect_state(page, "listening")
    expect(page.get_by_text("Stopped")).to_be_visible()
    assert _seen(scripted, "response.cancel") == [{"type": "response.cancel", "turn": "t1"}]
    page.wait_for_timeout(2000)
    assert [event["role"] for event in heard(page, "speaking") if event["turn"]] == ["holding"]


def test_a_clip_that_cannot_be_played_leaves_words_and_captions(page: Page, scripted: Server) -> None:
    _open(page, scripted)

    ask(page, "broken")

    wait_heard(page, "e.name === 'playback' && e.event === 'failed'")
    expect(page.locator("greenroom-chat .cue")).to_contain_text("We are open every day")
    assert _answers(page)[-1] == HOURS
    assert [m["event"] for m in _seen(scripted, "playback") if m["turn"] == "t1"] == ["failed"]
    expect_state(page, "listening")


def test_a_choice_is_sent_by_its_intent(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "which one")

    page.locator("greenroom-chat").get_by_role("button", name="Opening hours", exact=True).click()

    wait_heard(page, "e.name === 'answer' && e.turn === 't2'")
    expect(page.locator("greenroom-chat .turn.visitor").last).to_have_text("Opening hours")
    (choice,) = _seen(scripted, "input.choice")
    assert choice["intent"] == "hours"


def test_a_rating_is_sent(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "hours")

    page.get_by_role("button", name="Helpful", exact=True).click()

    wait_heard(page, "e.name === 'feedback'")
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(100)
    assert _seen(scripted, "feedback") == [{"type": "feedback", "turn": "t1", "score": "up"}]


def test_the_floating_widget_works_by_keyboard_alone(page: Page, scripted: Server) -> None:
    follow_events(page)
    page.goto(scripted.url + "/host")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_heard(page, "e.name === 'ready'")

    page.keyboard.type("hours")
    page.keyboard.press("Enter")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    assert page.evaluate(MUTED) == [True, False, False]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ask Mira")).to_be_focused()


def test_sound_starts_off_and_one_click_turns_it_on(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    wait_heard(page, "e.name === 'speaking' && e.role === 'greeting'")
    assert page.evaluate(MUTED) == [True, True, True]

    page.get_by_role("button", name="Turn sound on").click()

    assert page.evaluate(MUTED) == [True, False, False]
    expect_playing(page)
    expect(page.get_by_role("button", name="Mute")).to_be_visible()


def test_pausing_holds_the_picture(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    ask(page, "film")
    wait_heard(page, "e.name === 'speaking' && e.role === 'holding'")

    page.get_by_role("button", name="Pause video").click()

    page.wait_for_function(ALL_PAUSED)
    page.get_by_role("button", name="Play video").click()
    expect_playing(page)


MUTED = f"() => {VIDEOS}.map((video) => video.muted)"
ALL_PAUSED = f"() => {VIDEOS}.every((video) => video.paused)"


def test_reduced_motion_shows_a_still_and_the_words(browser: Browser, scripted: Server) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    _open(page, scripted)

    ask(page, "hours")

    wait_heard(page, "e.name === 'done'")
    assert page.evaluate(ALL_PAUSED)
    assert _answers(page)[-1] == HOURS
    expect_state(page, "listening")
    context.close()


def test_a_finished_answer_is_announced_once_and_whole(page: Page, scripted: Server) -> None:
    _open(page, scripted)
    page.evaluate("""() => {
      window.spoken = [];
      const live = document.querySelector('greenroom-chat').shadowRoot.querySelector('[role=status]');
      const hear = () => live.textContent && window.spoken.push(live.textContent);
      new MutationObserver(hear).observe(live, {childList: true});
    }""")

    ask(page, "words")

    wait_heard(page, "e.name === 'done'")
    assert [text for text in page.evaluate("window.spoken") if text != "Thinking"] == [LAMP]


def test_the_widget_speaks_the_visitors_language(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    page.goto(scripted.url + "/host")

    page.evaluate("document.querySelector('greenroom-chat').setAttribute('locale', 'de-AT')")

    page.get_by_role("button", name="Mira fragen").click()
    expect(page.get_by_role("textbox", name="Frage stellen")).to_be_focused()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//elsewhere.example/x", "/\\elsewhere.example", "data:text/html,x"]
)
def test_a_card_links_nowhere_dangerous(page: Page, scripted: Server, address: str) -> None:
    page.goto(scripted.url)

    link = page.evaluate("async (address) => (await import('/widget/dom.js')).safeLink(address)", address)

    assert link is None
