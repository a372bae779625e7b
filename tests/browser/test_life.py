"""What pages do to the element while it lives: take it out, put it back, move, hide, clone it, or have two of them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.probes import ask, expect_playing, expect_state, heard, open_widget, wait_heard
from tests.browser.servers import Server
from tests.browser.test_bindings import CHAT, COLOUR, show

pytestmark = pytest.mark.browser

NEW = "Object.assign(document.createElement('greenroom-chat'), {mode: 'inline', name: 'Mira'})"
VOICES = f"[...{CHAT}.shadowRoot.querySelectorAll('video')].filter((one) => !one.paused && !one.loop)"

FEW_MICROTASKS = """window.microtasks = Infinity;
const queue = window.queueMicrotask.bind(window);
window.queueMicrotask = (task) => { if (window.microtasks-- > 0) queue(task); };"""
"""Lets an endless chain end, so that the page does not freeze and can be asked."""


def speak(page: Page, turn: str = "t1", about: str = "hours") -> None:
    """Ask, and wait until the answer is being spoken."""
    ask(page, about)
    wait_heard(page, f"e.name === 'speaking' && e.turn === '{turn}'")


def test_taken_out_in_the_middle_of_an_answer_and_put_back(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    speak(page)

    page.evaluate(f"window.kept = {CHAT}; window.kept.remove()")

    expect_nothing_held(page, scripted)
    assert page.evaluate("window.kept.state") in {"connecting", "listening"}
    page.evaluate("document.body.append(window.kept)")
    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    expect(page.get_by_role("button", name="Pause video")).to_be_visible()
    speak(page, "t2")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't2' && e.at_s > 0")
    expect_playing(page)
    assert scripted.hand.starts == ["new", "resume"]


def expect_nothing_held(page: Page, scripted: Server) -> None:
    """Hold that no line is open and no video plays, of an element that is kept in `window.kept`."""
    page.wait_for_function("() => [...window.kept.shadowRoot.querySelectorAll('video')].every((one) => one.paused)")
    for _ in range(400):
        if all(session.socket is None for session in scripted.hand.sessions.values()):
            return
        page.wait_for_timeout(50)
    pytest.fail("the line is still open")


def test_taken_out_and_put_back_at_once_goes_on(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    speak(page, about="long")

    for _ in range(3):
        page.evaluate(
            f"(() => {{ const chat = {CHAT}; chat.remove(); document.querySelector('main').append(chat); }})()"
        )
        page.wait_for_timeout(200)

    page.wait_for_function(f"() => {VOICES}.length === 1")
    expect_state(page, "speaking")
    expect(page.get_by_role("button", name="Pause video")).to_be_visible()
    assert scripted.hand.starts == ["new"]


def test_moved_to_another_document_it_looks_and_talks_as_before(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat mode='inline' name='Mira'></greenroom-chat><iframe></iframe>", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")
    chat = page.query_selector("greenroom-chat")
    assert chat
    colour = chat.evaluate(COLOUR)

    page.evaluate(
        "() => { const frame = document.querySelector('iframe'); frame.style.cssText = 'width: 500px; height: 700px';"
        " for (const name of ['speaking', 'answer', 'done', 'playback']) frame.contentDocument.addEventListener("
        "'greenroom:' + name, (event) => window.heard.push({name, ...event.detail}));"
        f" window.kept = {CHAT}; frame.contentDocument.body.append(window.kept); }}"
    )

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("region", name="Conversation with Mira")).to_be_visible()
    assert chat.evaluate(COLOUR) == colour == "rgb(255, 255, 255)"
    frame.get_by_role("textbox").fill("hours")
    frame.get_by_role("textbox").press("Enter")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 0")
    page.evaluate("document.body.append(window.kept)")
    expect(page.get_by_role("region", name="Conversation with Mira")).to_be_visible()
    assert chat.evaluate(COLOUR) == colour
    speak(page, "t2")
    assert scripted.hand.starts == ["new"]


@pytest.mark.parametrize(
    ("hide", "back"),
    [
        ("chat.hidden = true", "chat.hidden = false"),
        ("chat.parentElement.style.display = 'none'", "chat.parentElement.style.display = ''"),
        ("chat.style.visibility = 'hidden'", "chat.style.visibility = ''"),
        ("chat.parentElement.style.opacity = 0", "chat.parentElement.style.opacity = ''"),
    ],
    ids=["hidden", "display", "visibility", "opacity"],
)
def test_nothing_speaks_from_nowhere(page: Page, scripted: Server, hide: str, back: str) -> None:
    body = "<main><greenroom-chat mode='inline' name='Mira'></greenroom-chat></main>"
    show(page, body, module=scripted.url)
    wait_heard(page, "e.name === 'idle'")
    speak(page, about="long")

    page.evaluate(f"(() => {{ const chat = {CHAT}; {hide}; }})()")
    page.wait_for_function(f"() => {VOICES}.length === 0")
    expect_state(page, "listening")
    page.evaluate(f"{CHAT}.ask('hours')")
    wait_heard(page, "e.name === 'done' && e.turn === 't2'")
    assert page.evaluate(f"{VOICES}.length") == 0

    page.evaluate(f"(() => {{ const chat = {CHAT}; {back}; }})()")
    expect(page.locator("greenroom-chat .turn.avatar .said").last).to_contain_text("from ten until six")
    speak(page, "t3")
    assert heard(page, "error") == []


def test_two_without_a_name_talk_apart_and_keep_apart(page: Page, scripted: Server) -> None:
    two = "<greenroom-chat mode='inline' name='Mira' style='--greenroom-height: 380px'></greenroom-chat>" * 2
    show(page, two, module=scripted.url)
    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    boxes = page.locator("greenroom-chat").get_by_role("textbox")
    for place, text in enumerate(["words", "hours"]):
        boxes.nth(place).fill(text)
        boxes.nth(place).press("Enter")
    page.wait_for_function("() => window.heard.filter(({name}) => name === 'done').length === 2")

    page.reload()

    page.wait_for_function("() => window.heard.filter(({name, resumed}) => name === 'ready' && resumed).length === 2")
    asked = "[...document.querySelectorAll('greenroom-chat')].map(({transcript}) => transcript[1].text)"
    assert page.evaluate(asked) == ["words", "hours"]
    assert len(scripted.hand.sessions) == 2
    assert not [one for one in heard(page, "connection") if one["state"] == "closed"]


def test_a_router_that_puts_the_new_one_in_first_keeps_the_conversation(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat mode='inline' name='Mira'></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")
    ask(page, "words")
    wait_heard(page, "e.name === 'done'")

    page.evaluate(f"window.old = {CHAT}; window.next = {NEW}; document.body.append(window.next)")
    page.wait_for_timeout(400)
    page.evaluate("window.old.remove()")

    page.wait_for_function("() => window.next.transcript.some(({text}) => text === 'words')")
    wait_heard(page, "e.name === 'ready' && e.resumed")
    speak(page, "t2")


def test_one_that_has_to_take_a_number_does_not_tell_itself_of_free_names(page: Page, scripted: Server) -> None:
    page.add_init_script(FEW_MICROTASKS)
    inline = "<greenroom-chat mode='inline' name='Mira'></greenroom-chat>"
    show(page, f"<greenroom-chat name='Mira'></greenroom-chat>{inline}", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")  # the floating one is closed, and has the first name

    page.evaluate(f"window.old = document.querySelector('[mode]'); window.next = {NEW}; document.body.append(next)")
    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    page.evaluate("window.microtasks = 100; window.old.remove()")

    wait_heard(page, "e.name === 'ready' && e.resumed")
    assert page.evaluate("window.microtasks") > 0, "names are given back and taken again without end"
    speak(page)


def test_no_move_leaves_anything_behind(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    page.wait_for_function(f"() => {CHAT}.shadowRoot")

    page.evaluate(
        f"window.kept = {CHAT}; for (let times = 0; times < 50; times += 1) document.body.append(window.kept);"
        "window.kept.remove()"
    )
    page.evaluate(
        "window.asked = 0; Object.defineProperty(window.kept, 'isConnected', {get: () => (window.asked += 1, false)});"
        f"window.other = {NEW}; document.body.append(window.other); window.other.remove()"
    )

    page.evaluate("new Promise((done) => setTimeout(done))")
    assert page.evaluate("window.asked") == 0, "the one that was taken out still hears of names that fall free"


def test_a_clone_has_a_conversation_of_its_own(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&locale=de")
    wait_heard(page, "e.name === 'speaking'")

    page.evaluate(
        f"window.twin = {CHAT}.cloneNode(true); document.body.append(window.twin); window.twin.scrollIntoView()"
    )

    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    page.wait_for_function("() => window.twin.shadowRoot.querySelector('.input').placeholder === 'Frage stellen'")
    assert len(scripted.hand.sessions) == 2
    assert page.evaluate("window.twin.shadowRoot.querySelectorAll('video').length") == 3


def test_a_line_that_is_not_wanted_any_more_is_not_opened(page: Page, scripted: Server) -> None:
    show(page, "<main></main>", module=scripted.url)
    page.evaluate("customElements.whenDefined('greenroom-chat').then(() => true)")

    for _ in range(20):
        page.evaluate(f"() => {{ const chat = {NEW}; document.body.append(chat); chat.remove(); }}")
    page.evaluate(f"document.body.append({NEW})")

    wait_heard(page, "e.name === 'ready'")
    assert scripted.hand.starts == ["new"]
