"""Talk with the page, for everyone: axe-core, a narrow screen, the keyboard, every language, analytics."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.probes import ask, follow_events, open_widget, wait_heard
from tests.browser.servers import Server
from tests.browser.test_accessibility import OUTSIDE, OVERFLOW, violations
from tests.support.sites import HOST_ORIGIN

pytestmark = pytest.mark.browser

CHAT = "document.querySelector('greenroom-chat')"
ASKING = {
    "consent": "We keep it. [More](/p)",
    "teaser": "Hello?",
    "teaser-after": "0",
    "handover": "",
    "take-along": "",
}


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1280, 800), ("dark", 320, 640)])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, scripted: Server, *, scheme: str, width: int, height: int
) -> None:
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    follow_events(page)
    page.goto(f"{scripted.url}/host?{urlencode(ASKING)}")
    page.get_by_role("button", name="Hello?").wait_for()
    assert violations(page) == [], "the teaser"
    page.get_by_role("button", name="Hello?").click()
    yes = page.get_by_role("button", name="I agree")
    expect(yes).to_be_focused()
    assert violations(page) == [], "the yes"
    yes.press("Enter")
    wait_heard(page, "e.name === 'ready'")
    _see_every_card(page)
    _see_what_is_asked(page)
    assert max(page.evaluate(OVERFLOW)) <= 0
    assert page.evaluate(OUTSIDE) == []
    context.close()


def _see_every_card(page: Page) -> None:
    page.evaluate(f"{CHAT}.functions = {{ order_status: () => 'On its way' }}")
    for number, text in enumerate(("text", "image", "list", "map", "product", "form"), 1):
        ask(page, f"show {text}")
        wait_heard(page, f"e.name === 'done' && e.turn === 't{number}'")
        expect(page.locator("greenroom-chat .card.rich").last.locator(".title")).to_be_visible()
        assert violations(page) == [], text


def _see_what_is_asked(page: Page) -> None:
    page.get_by_role("button", name="Book it").click()
    assert violations(page) == [], "a form that wants another answer"
    ask(page, "order")
    page.get_by_role("button", name="Yes", exact=True).wait_for()
    assert violations(page) == [], "a question before a function runs"
    page.get_by_role("button", name="Yes", exact=True).press("Enter")
    ask(page, "person")
    page.get_by_role("button", name="Ask for a person").wait_for()
    assert violations(page) == [], "the offer of a person"


@pytest.mark.parametrize("language", ["de", "es", "fr", "zh"])
def test_the_words_are_those_of_the_widgets_language(page: Page, scripted: Server, language: str) -> None:
    scripted.hand.locales = (language,)
    open_widget(page, f"{scripted.url}/host?mode=inline&handover&locale={language}")
    ask(page, "person")
    wait_heard(page, "e.name === 'done'")

    send = page.locator("greenroom-chat .person-send")
    expect(send).to_have_count(1)
    words = (Path(__file__).parents[3] / f"app/web/static/widget/page/words/{language}.js").read_text()
    assert f"callPerson: '{send.text_content()}'" in words


def test_every_language_has_every_word() -> None:
    folder = Path(__file__).parents[3] / "app" / "web" / "static" / "widget" / "page"
    keys = {
        path.stem: set(re.findall(r"(?<=[ \n])(\w+): '", path.read_text()))
        for path in (folder / "words.js", *(folder / "words").glob("*.js"))
    }

    assert {language for language, found in keys.items() if found != keys["words"]} == set()


def test_the_recipes_for_analytics_work(page: Page, scripted: Server) -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "page.md").read_text()
    recipes = re.findall(r"```html\n(<script type=\"module\">.*?</script>)\n```", text, re.DOTALL)
    told = [one for one in recipes if "dataLayer" in one or "plausible" in one]
    assert len(told) == 2
    script = f'<script type="module" src="{scripted.url}/widget.js"></script>'
    body = f'<!doctype html><html lang="en"><title>Host</title>{script}'
    body += "<script>window.seen = []; window.plausible = (name, { props }) => seen.push([name, props]);</script>"
    body += f"{told[0]}{told[1]}"
    body += "<main><h1>x</h1></main><greenroom-chat name='Mira' mode='inline'></greenroom-chat></html>"

    def fulfil(route: Route) -> None:
        route.fulfill(body=body, content_type="text/html")

    page.route(f"{HOST_ORIGIN}/**", fulfil)
    follow_events(page)
    page.goto(f"{HOST_ORIGIN}/page")
    wait_heard(page, "e.name === 'ready'")
    ask(page, "quick and secret")
    wait_heard(page, "e.name === 'done'")
    page.get_by_role("button", name="Helpful", exact=True).click()

    events = page.evaluate("dataLayer")
    assert {"event": "greenroom_ask", "greenroom_via": "text"} in events
    assert {"event": "greenroom_done", "greenroom_outcome": "answered"} in events
    assert page.evaluate("seen") == [
        ["Greenroom: ask", {"via": "text"}],
        ["Greenroom: done", {"outcome": "answered"}],
        ["Greenroom: feedback", {"score": "up"}],
    ]
    assert "secret" not in str(events) + str(page.evaluate("seen"))
