"""Cards beside the face: each kind is drawn, a form goes to the site, and nothing in a card runs."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.page.cards import CARDS
from tests.browser.probes import ask, follow_events, open_widget, wait_heard
from tests.browser.servers import Server
from tests.browser.test_embedding import show_host_page
from tests.support.sites import HOST_ORIGIN

pytestmark = pytest.mark.browser

CHAT = "document.querySelector('greenroom-chat')"


def _show(page: Page, name: str) -> None:
    ask(page, f"show {name}")
    wait_heard(page, "e.name === 'done'")


def test_markdown_becomes_elements_and_html_stays_text(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    _show(page, "text")

    card = page.locator("greenroom-chat .card.rich")
    first = "Bring one thing and two friends.\nThen see room 3:"
    expect(card.locator("p").first).to_have_text(first, use_inner_text=True)
    assert card.locator("p strong").text_content() == "one"
    assert card.locator("p em").text_content() == "two"
    assert card.locator("code").text_content() == "room 3"
    links = card.locator("ul a").evaluate_all("(all) => all.map((one) => [one.textContent, one.href, one.rel])")
    away = "noopener noreferrer"
    assert links == [["map", f"{scripted.url}/map", away], ["our shop", "https://shop.example/x", away]]
    assert card.locator("ol li").all_text_contents() == ["walk", "<b>rest</b> at 5 * 3 *stars*"]


def test_each_kind_is_drawn(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    card = page.locator("greenroom-chat .card.rich").last

    _show(page, "image")
    expect(card.get_by_role("img", name="A bronze lamp")).to_be_visible()
    _show(page, "list")
    expect(card.get_by_role("listitem")).to_have_text(["a coat", "a ticket"])
    _show(page, "map")
    expect(card.get_by_role("link", name="Show on a map: Find us")).to_have_attribute(
        "href", "https://www.openstreetmap.org/search?query=1%20Lantern%20Quay%0AHarbour"
    )
    _show(page, "product")
    expect(card.locator(".price")).to_have_text("12 €")
    expect(card.get_by_role("link", name="Open: A mug")).to_have_attribute("href", f"{scripted.url}/shop/mug")


def test_a_card_that_comes_late_does_not_push_the_newest_answer_out_of_sight(page: Page, scripted: Server) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/page/cards.js", hold)
    page.set_viewport_size({"width": 1280, "height": 800})
    open_widget(page, f"{scripted.url}/host?mode=inline")
    for at, question in enumerate(("hours", "hours", "show text", "words"), 1):
        ask(page, question)
        wait_heard(page, f"e.name === 'done' && e.turn === 't{at}'")
    for one in held:
        one.continue_()

    expect(page.locator("greenroom-chat .card.rich strong").first).to_be_attached()
    seen = f"""() => {{ const log = {CHAT}.shadowRoot.querySelector('.log');
      const [last, box] = [log.lastElementChild, log].map((one) => one.getBoundingClientRect());
      return last.bottom <= box.bottom + 1 || last.top <= box.top + 40; }}"""
    page.wait_for_function(seen)


def test_a_form_goes_to_the_site_once_it_is_whole_and_agreed_to(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    page.evaluate(
        "window.told = []; addEventListener('greenroom:form', ({detail}) => told.push(detail));"
        f"{CHAT}.functions = {{ booked: (values) => {{ told.push(values) }} }}"
    )
    _show(page, "form")
    form = page.get_by_role("group", name="Book", exact=True)
    send = form.get_by_role("button", name="Book it")

    form.get_by_label("Your name").fill("Ada <b>")
    form.get_by_label("E-mail").fill("nowhere")
    send.click()
    expect(form.get_by_role("alert")).to_have_text("Please look at the marked fields.")
    expect(form.get_by_label("E-mail")).to_be_focused()
    form.get_by_label("E-mail").fill("ada@example.org")
    form.get_by_label("Group").select_option("more")
    send.click()
    expect(form.get_by_role("alert")).to_have_text("Please tick the box first.")
    assert not any(one["type"] == "input.form" for one in scripted.hand.seen)
    form.get_by_label("My answers may go to").check()
    send.click()

    expect(page.locator("greenroom-chat .rich.form .note")).to_have_text("Sent. Thank you.")
    values = {"name": "Ada <b>", "mail": "ada@example.org", "size": "more", "note": "", "lift": "no"}
    [sent] = [one for one in scripted.hand.seen if one["type"] == "input.form"]
    assert (sent["turn"], sent["values"]) == ("t1", values)
    page.wait_for_function("() => told.length === 2")
    assert page.evaluate("told") == [{"turn": "t1", "intent": None, "values": values}, values]


def test_a_form_outlives_a_reload_and_so_does_that_it_was_sent(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host?mode=inline")
    _show(page, "form")
    form = page.get_by_role("group", name="Book", exact=True)
    form.wait_for()
    page.reload()
    wait_heard(page, "e.name === 'ready'")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_label("E-mail").fill("ada@example.org")
    form.get_by_label("Group").select_option("more")
    form.get_by_label("My answers may go to").check()
    form.get_by_role("button", name="Book it").click()
    note = page.locator("greenroom-chat .rich.form .note")
    expect(note).to_have_text("Sent. Thank you.")

    page.reload()

    wait_heard(page, "e.name === 'ready'")
    expect(note).to_have_text("Sent. Thank you.")


@pytest.fixture
def strange_page(context: BrowserContext) -> Page:
    """A page whose console may complain: hostile cards name pictures that are nowhere, or that its policy refuses."""
    return context.new_page()


HOSTILE = [name for name in CARDS if name.startswith("hostile")]


def _try_all(page: Page) -> None:
    for number, name in enumerate(HOSTILE, 1):
        ask(page, f"show {name}")
        wait_heard(page, f"e.name === 'done' && e.turn === 't{number}'")
    cards = page.locator("greenroom-chat .card.rich")
    expect(cards).to_have_count(len(HOSTILE))
    expect(cards.last.locator(".title")).to_have_text(CARDS[HOSTILE[-1]]["title"])
    strange = cards.locator("script, iframe, object, embed, svg, math, style, b, [onerror], [onload], [onmouseover]")
    assert strange.count() == 0
    hrefs = cards.locator("a").evaluate_all("(all) => all.map((one) => one.protocol)")
    assert set(hrefs) <= {"http:", "https:", "mailto:"}
    for link in cards.locator("a").all():
        link.dispatch_event("mouseover")
    assert page.evaluate("window.owned") is None


def test_nothing_in_a_hostile_card_runs_under_a_strict_policy(strange_page: Page, scripted: Server) -> None:
    page = strange_page
    show_host_page(page, scripted.url, "mode='inline' data-context-name='<script>window.owned=1</script>'")
    wait_heard(page, "e.name === 'ready'")

    _try_all(page)

    assert scripted.hand.contexts == [{"name": "<script>window.owned=1</script>"}]


def test_nothing_in_a_hostile_card_runs_without_any_policy(strange_page: Page, scripted: Server) -> None:
    page = strange_page
    script = f'<script type="module" src="{scripted.url}/widget.js"></script>'
    body = f'<!doctype html><html lang="en"><title>Host</title>{script}'
    body += "<main><h1>Somebody</h1></main><greenroom-chat name='Mira' mode='inline'></greenroom-chat></html>"

    def fulfil(route: Route) -> None:
        route.fulfill(body=body, content_type="text/html")

    page.route(f"{HOST_ORIGIN}/**", fulfil)
    follow_events(page)
    page.goto(f"{HOST_ORIGIN}/page")
    wait_heard(page, "e.name === 'ready'")

    _try_all(page)
