"""The widget on somebody else's page: another origin, a strict policy, own looks and words, API and events."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.probes import ask, expect_state, follow_events, heard, open_widget, wait_heard
from tests.browser.servers import Server
from tests.support.sites import HOST_ORIGIN

pytestmark = pytest.mark.browser

CHAT = "document.querySelector('greenroom-chat')"
TRUSTED = "require-trusted-types-for 'script'; trusted-types 'none'; style-src 'none'; default-src 'none'; "


def documented_policy(server: str) -> str:
    """The header that the documentation tells a strict page to send, for this server."""
    text = (Path(__file__).parents[2] / "docs" / "reference" / "widget.md").read_text()
    found = re.search(r"```\n(script-src https://H;.*?)\n```", text, re.DOTALL)
    assert found, "the widget page states the policy"
    return found[1].replace("wss://H", server.replace("http", "ws", 1)).replace("https://H", server)


def show_host_page(page: Page, server: str, attributes: str = "") -> None:
    """Open a page of another origin that allows just what the documentation says."""
    body = f'<!doctype html><html lang="en"><title>Host</title><script type="module" src="{server}/widget.js"></script>'
    body += f"<main><h1>Somebody</h1></main><greenroom-chat name='Mira' {attributes}></greenroom-chat></html>"
    headers = {"content-security-policy": TRUSTED + documented_policy(server), "content-type": "text/html"}

    def fulfil(route: Route) -> None:
        route.fulfill(body=body, headers=headers)

    page.route(f"{HOST_ORIGIN}/**", fulfil)
    page.add_init_script(
        "window.violations = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));"
    )
    follow_events(page)
    page.goto(f"{HOST_ORIGIN}/page")


def test_another_origin_under_a_strict_policy_needs_only_what_is_documented(page: Page, scripted: Server) -> None:
    show_host_page(page, scripted.url, "locale='de'")
    page.get_by_role("button", name="Mira fragen").click()
    wait_heard(page, "e.name === 'ready'")

    ask(page, "what is likely")
    ask(page, "hours")

    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't2'")
    expect_state(page, "listening")
    assert page.evaluate("window.violations") == []
    fetched = page.evaluate("performance.getEntriesByType('resource').map(({name}) => new URL(name).origin)")
    assert set(fetched) == {scripted.url}


def test_the_api_does_what_it_says(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    wait_heard(page, "e.name === 'idle'")

    page.evaluate(f"{CHAT}.ask('  hours  ')")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    page.evaluate(f"{CHAT}.stop()")
    expect_state(page, "listening")
    page.evaluate(f"{CHAT}.mute(false)")
    assert heard(page, "mute")[-1]["muted"] is False
    assert page.evaluate(f"{CHAT}.transcript.slice(1, 2)") == [{"who": "visitor", "text": "hours", "intent": None}]
    page.evaluate(f"{CHAT}.reset()")

    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")
    assert scripted.hand.starts == ["new", "new"]
    page.wait_for_function(f"() => {CHAT}.transcript.length === 1 && {CHAT}.transcript[0].who === 'avatar'")
    assert page.evaluate(f"{CHAT}.state") in {"speaking", "listening"}


def test_opening_and_closing_by_attribute_and_method_is_told(page: Page, scripted: Server) -> None:
    follow_events(page)
    page.goto(f"{scripted.url}/host")
    page.wait_for_function(f"() => {CHAT}.show")

    page.evaluate(f"{CHAT}.show(); {CHAT}.close(); {CHAT}.setAttribute('open', '')")
    wait_heard(page, "e.name === 'ready'")

    assert [event["name"] for event in page.evaluate("window.heard") if event["name"] in {"open", "close"}] == [
        "open",
        "close",
        "open",
    ]
    assert page.evaluate(f"{CHAT}.hasAttribute('open')")


def test_events_come_in_the_order_of_a_turn(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    wait_heard(page, "e.name === 'idle'")
    page.evaluate("window.heard.length = 0")

    ask(page, "hours")

    wait_heard(page, "e.name === 'idle'")
    names = [event["name"] for event in page.evaluate("window.heard") if event["name"] != "state"]
    assert names == ["ask", "answer", "done", "playback", "speaking", "playback", "idle"]
    states = [event["state"] for event in heard(page, "state")]
    assert (states[0], states[-2:]) == ("thinking", ["speaking", "listening"])


def test_a_card_can_be_followed_by_the_page_itself(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    page.evaluate(f"{CHAT}.addEventListener('greenroom:link', (event) => event.preventDefault())")
    ask(page, "hours")

    page.locator("greenroom-chat a.card").click()

    assert heard(page, "link")[0]["url"] == f"{scripted.url}/visit"
    assert page.url.endswith("/host")


def test_moving_the_element_keeps_the_conversation(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    ask(page, "words")
    wait_heard(page, "e.name === 'done'")

    page.evaluate(f"document.querySelector('main').append({CHAT})")
    ask(page, "hours")

    wait_heard(page, "e.name === 'answer' && e.turn === 't2'")
    assert scripted.hand.starts == ["new"]


def test_two_widgets_of_one_page_talk_apart(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&id=one")
    page.evaluate(
        "const other = document.createElement('greenroom-chat'); other.id = 'two';"
        "other.setAttribute('mode', 'inline'); document.body.append(other); other.scrollIntoView()"
    )

    page.wait_for_function("() => window.heard.filter(({name}) => name === 'ready').length === 2")

    assert len(scripted.hand.sessions) == 2


@pytest.mark.parametrize(
    ("position", "corner"),
    [("", "bottom right"), ("bottom-start", "bottom left"), ("top-end", "top right"), ("top-start", "top left")],
)
def test_the_launcher_stands_where_the_page_wants_it(page: Page, scripted: Server, position: str, corner: str) -> None:
    page.goto(f"{scripted.url}/host?{urlencode({'position': position})}")

    box = page.get_by_role("button", name="Ask Mira").bounding_box()

    assert box is not None
    found = ("top" if box["y"] < 400 else "bottom") + (" left" if box["x"] < 640 else " right")
    assert found == corner


def test_theme_brand_size_and_parts_are_the_pages_own(page: Page, scripted: Server) -> None:
    page.goto(f"{scripted.url}/host?mode=inline&theme=dark")
    page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`greenroom-chat { --greenroom-accent: rgb(1, 2, 3); --greenroom-height: 600px; }
        greenroom-chat::part(send) { border-radius: 3px; }`);
      document.adoptedStyleSheets = [sheet];
    }""")
    style = "getComputedStyle(document.querySelector('greenroom-chat').shadowRoot.querySelector('%s')).%s"

    assert page.evaluate(style % (".send", "backgroundColor")) == "rgb(1, 2, 3)"
    assert page.evaluate(style % (".send", "borderRadius")) == "3px"
    assert page.evaluate(style % (".panel", "height")) == "600px"
    assert page.evaluate(style % (".panel", "backgroundColor")) == "rgb(23, 28, 26)"
    page.evaluate(f"{CHAT}.setAttribute('theme', 'light')")
    assert page.evaluate(style % (".panel", "backgroundColor")) == "rgb(255, 255, 255)"


def test_every_word_can_be_replaced(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline&locale=fr")
    box = page.locator("greenroom-chat").get_by_role("textbox")
    expect(box).to_have_attribute("placeholder", "Posez une question")

    page.evaluate(f"{CHAT}.texts = {{placeholder: 'Demandez à {{name}}', listening: 'À vous'}}")

    expect(box).to_have_attribute("placeholder", "Demandez à Mira")
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()


def test_a_servers_markup_is_shown_as_text(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")

    ask(page, "show me markup")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    expect(page.locator("greenroom-chat .turn.avatar .said").last).to_contain_text("<img src=x onerror")
    assert page.locator("greenroom-chat").locator("img, b, script").count() == 0
    assert page.title() == "Host page"
