"""How pages and frameworks bind the element: properties and attributes, early, late and taken away again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.probes import ask, expect_state, follow_events, heard, open_widget, wait_heard
from tests.browser.scripted_server import Script
from tests.browser.servers import Server
from tests.support.sites import HOST_ORIGIN

pytestmark = pytest.mark.browser

CHAT = "document.querySelector('greenroom-chat')"
INSIDE = f"{CHAT}.shadowRoot"
COLOUR = "(el) => getComputedStyle(el.shadowRoot.querySelector('.panel')).backgroundColor"


@pytest.fixture
def other(clip_folder: Path) -> Iterator[Server]:
    """A second scripted server."""
    with Server(lambda: Script(clip_folder)) as server:
        yield server


def show(page: Page, body: str, *, module: str = "") -> None:
    """Open a page of somebody else; without an address of the module it has not come yet."""
    script = f"<script type='module' src='{module}/widget.js'></script>" if module else ""
    text = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Host</title>{body}{script}</html>"
    page.route(f"{HOST_ORIGIN}/**", lambda route: _fulfil(route, text))
    follow_events(page)
    page.goto(f"{HOST_ORIGIN}/page")


def _fulfil(route: Route, text: str) -> None:
    is_page = route.request.resource_type in {"document", "iframe"}
    route.fulfill(body=text if is_page else "", content_type="text/html" if is_page else "image/svg+xml")


def bring(page: Page, server: Server) -> None:
    """Let the module come."""
    page.add_script_tag(url=f"{server.url}/widget.js", type="module")
    page.wait_for_function(f"() => {CHAT}.shadowRoot")


def test_what_was_set_before_the_module_came_holds(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat></greenroom-chat>")
    page.evaluate(
        f"Object.assign({CHAT}, {{open: true, name: 'Mira', locale: 'de', texts: {{send: 'Los'}}, prefetchBytes: 0,"
        " captions: 'off', state: 'odd', close: 1})"
    )

    bring(page, scripted)

    wait_heard(page, "e.name === 'ready'")
    expect(page.get_by_role("dialog", name="Gespräch mit Mira")).to_be_visible()
    expect(page.get_by_role("button", name="Los")).to_be_visible()
    names = ["open", "locale", "prefetch-bytes", "captions"]
    assert page.evaluate(f"{names}.map((name) => {CHAT}.getAttribute(name))") == ["", "de", "0", "off"]
    assert page.evaluate(f"[{CHAT}.open, {CHAT}.prefetchBytes, {CHAT}.captions, {CHAT}.state]")[:3] == [True, 0, "off"]
    page.evaluate(f"{CHAT}.open = false")
    expect(page.get_by_role("button", name="Mira fragen")).to_be_visible()
    page.evaluate(f"{CHAT}.texts = {{launch: 'Frag'}}")
    expect(page.get_by_role("button", name="Frag")).to_be_visible()


def test_open_is_bound_and_taken_away_in_every_way(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat name='Mira' open='false'></greenroom-chat>", module=scripted.url)
    launcher = page.get_by_role("button", name="Ask Mira")
    expect(launcher).to_be_visible()  # as Vue writes it before it knows the element

    for opens, closes in [
        ("open = true", "open = false"),
        ("open = ''", "open = null"),
        ("setAttribute('open', '')", "removeAttribute('open')"),
        ("open = 'true'", "open = undefined"),
        ("show()", "hide()"),
        ("setAttribute('open', 'true')", "setAttribute('open', 'false')"),
        ("show()", "close()"),
    ]:
        page.evaluate(f"{CHAT}.{opens}")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.evaluate(f"{CHAT}.{closes}")
        expect(launcher).to_be_visible()
    launcher.click()
    wait_heard(page, "e.name === 'ready'")
    assert len(heard(page, "open")) == len(heard(page, "close")) + 1 == 8


def test_each_attribute_is_a_property_and_both_agree(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat></greenroom-chat>", module=scripted.url)
    page.wait_for_function(f"() => {CHAT}.show")

    found = page.evaluate(f"""() => {{
      const chat = {CHAT};
      const names = chat.constructor.observedAttributes.filter((name) => !['id', 'texts'].includes(name));
      const property = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
      const absent = names.map((name) => chat[property(name)]);
      const said = names.map((name) => {{
        const flag = typeof chat[property(name)] === 'boolean';
        chat[property(name)] = flag ? true : name === 'prefetch-bytes' ? 7 : name === 'server' ? chat.baseURI : 'off';
        const set = chat.getAttribute(name);
        chat[property(name)] = undefined;
        return [name, property(name) in chat, set !== null, chat.hasAttribute(name)];
      }});
      const again = names.map((name) => chat[property(name)]);
      return {{said, same: JSON.stringify(absent) === JSON.stringify(again)}};
    }}""")

    assert len(found["said"]) == 16
    assert {tuple(row[1:]) for row in found["said"]} == {(True, True, False)}
    assert found["same"]


def test_the_mode_may_change_at_any_time(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()

    page.evaluate(f"{CHAT}.mode = 'inline'")

    expect(page.get_by_role("region", name="Conversation with Mira")).to_be_visible()
    wait_heard(page, "e.name === 'ready'")
    wait_heard(page, "e.name === 'speaking'")
    page.evaluate(f"{CHAT}.removeAttribute('mode')")
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()
    expect(page.locator("greenroom-chat .panel")).to_be_hidden()
    expect_state(page, "listening")
    page.get_by_role("button", name="Ask Mira").click()
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    assert scripted.hand.starts == ["new"]


def test_the_server_may_change_at_any_time(page: Page, scripted: Server, other: Server) -> None:
    show(page, "<greenroom-chat name='Mira' mode='inline'></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    page.evaluate(f"{CHAT}.server = '{other.url}'")

    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    page.wait_for_function(f"() => {CHAT}.transcript.every(({{who}}) => who === 'avatar')")
    ask(page, "words")
    wait_heard(page, "e.name === 'done' && e.outcome === 'generated'")
    assert [one.get("text") for one in other.hand.seen if one["type"] == "input.text"] == ["words"]
    assert all(session.socket is None for session in scripted.hand.sessions.values())
    page.evaluate(f"{CHAT}.server = ''")
    page.wait_for_function("() => window.heard.filter(({name, resumed}) => name === 'ready' && resumed).length === 1")
    assert page.evaluate(f"{CHAT}.transcript.some(({{text}}) => text === 'hours')"), "the first conversation is back"


def test_words_language_name_and_captions_may_change_at_any_time(page: Page, scripted: Server) -> None:
    show(
        page,
        """<greenroom-chat mode='inline' texts='{"send": "Go"}' locale='fr'></greenroom-chat>""",
        module=scripted.url,
    )
    chat, box = page.locator("greenroom-chat"), page.locator("greenroom-chat").get_by_role("textbox")
    expect(page.get_by_role("button", name="Go")).to_be_visible()
    expect(box).to_have_attribute("placeholder", "Posez une question")

    page.evaluate(f"{CHAT}.locale = 'de'")
    expect(box).to_have_attribute("placeholder", "Frage stellen")
    page.evaluate(f"{CHAT}.removeAttribute('texts')")
    expect(page.get_by_role("button", name="Senden")).to_be_visible()
    page.evaluate(f"{CHAT}.setAttribute('name', 'Nora')")
    expect(page.get_by_role("region", name="Gespräch mit Nora")).to_be_visible()
    page.evaluate(f"{CHAT}.removeAttribute('locale')")
    expect(box).to_have_attribute("placeholder", "Ask a question")
    page.evaluate(f"{CHAT}.captions = false")
    expect(chat.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "false")
    page.evaluate(f"{CHAT}.captions = null")
    expect(chat.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "true")


def test_texts_that_are_none_leave_the_widgets_own(context, scripted: Server) -> None:  # type: ignore[no-untyped-def]
    page, warned = context.new_page(), []
    page.on("console", lambda said: warned.append(said.text))
    show(page, "<greenroom-chat mode='inline' texts='[object Object]'></greenroom-chat>", module=scripted.url)

    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert warned == ["greenroom-chat: `texts` is neither an object nor JSON: [object Object]"]
    page.evaluate(f"{CHAT}.texts = {{send: 3, close: 'Shut'}}")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert page.evaluate(f"{CHAT}.texts") == {"close": "Shut"}


def test_more_may_be_fetched_ahead_later(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&prefetch-bytes=0")
    fetched = "performance.getEntriesByType('resource').filter(({initiatorType}) => initiatorType === 'fetch' && true)"
    ask(page, "what is likely")
    wait_heard(page, "e.name === 'done'")
    before = page.evaluate(f"{fetched}.filter(({{name}}) => name.includes('/clips/')).length")

    page.evaluate(f"{CHAT}.prefetchBytes = 24e6")

    assert before == 0
    page.wait_for_function(f"() => {fetched}.some(({{name}}) => name.includes('/clips/'))")
