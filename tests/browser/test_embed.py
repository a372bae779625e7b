"""The snippet builder: what is chosen is seen at once, and what is copied brings just that to another page."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.probes import ask, follow_events, wait_heard
from tests.browser.servers import Server
from tests.browser.test_accessibility import violations
from tests.browser.test_bindings import CHAT, COLOUR
from tests.support.sites import HOST_ORIGIN

pytestmark = pytest.mark.browser


def build(page: Page, server: Server, *, viewport: tuple[int, int] = (1280, 900)) -> None:
    """Open the builder."""
    page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
    follow_events(page)
    page.goto(f"{server.url}/embed")
    page.wait_for_function(f"() => {CHAT}.shadowRoot && document.querySelector('#code').textContent")


def snippet(page: Page) -> str:
    """The lines that are to be copied."""
    return page.locator("#code").inner_text()


def test_nothing_chosen_is_two_lines(page: Page, scripted: Server) -> None:
    build(page, scripted)

    script = f'<script type="module" src="{scripted.url}/widget.js"></script>'
    assert snippet(page) == f'{script}\n<greenroom-chat mode="inline"></greenroom-chat>'
    page.get_by_label("Stands").select_option("in a corner, behind a button")
    assert snippet(page) == f"{script}\n<greenroom-chat></greenroom-chat>"
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()


def test_what_is_chosen_is_seen_at_once(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    build(page, scripted)
    page.get_by_label("Colours").select_option("dark")
    page.get_by_label("Own accent").check()
    page.locator("[name='--greenroom-accent']").fill("#7a1f3d")
    page.get_by_label("Corners").select_option("square")
    page.locator("#options [name=locale]").select_option("de")

    assert page.locator("greenroom-chat").evaluate(COLOUR) == "rgb(23, 28, 26)"
    assert look(page, ".send", "backgroundColor") == "rgb(122, 31, 61)"
    assert look(page, ".panel", "borderRadius") == "0px"
    expect(page.locator("greenroom-chat").get_by_role("textbox")).to_have_attribute("placeholder", "Frage stellen")
    page.get_by_label("Own accent").uncheck()
    assert look(page, ".send", "backgroundColor") == "rgb(111, 211, 182)"


def test_a_kiosks_size_leaves_room_to_type_in_a_narrow_window(page: Page, scripted: Server) -> None:
    build(page, scripted, viewport=(390, 844))
    page.get_by_label("Stands").select_option("in a corner, behind a button")
    page.get_by_label("Size of everything").select_option("for a kiosk")
    page.get_by_role("button", name="Ask Mira").click()

    box = page.locator("greenroom-chat").get_by_role("textbox").bounding_box()
    assert box
    assert box["width"] > 180
    assert box["y"] + box["height"] <= 844


def test_words_and_switches_for_visitors_are_seen_and_copied_whole(page: Page, scripted: Server) -> None:
    build(page, scripted)
    page.get_by_label("Stands").select_option("in a corner, behind a button")
    page.get_by_label("Words beside the button").fill('Need "a <b>hand</b>" & more?')
    page.get_by_label("Asked first").fill("Kept for 30 days.")
    page.get_by_label("A button that saves the conversation").check()
    page.get_by_label("A person, after").check()

    tag = '<greenroom-chat teaser="Need &quot;a &lt;b>hand&lt;/b>&quot; &amp; more?" consent="Kept for 30 days."'
    assert snippet(page).splitlines()[-1] == f"{tag} handover take-along></greenroom-chat>"
    assert page.locator("greenroom-chat").evaluate("(chat) => [chat.teaser, chat.handover, chat.takeAlong]") == [
        'Need "a <b>hand</b>" & more?',
        True,
        True,
    ]
    page.get_by_role("button", name="Ask Mira").click()
    expect(page.locator("greenroom-chat").get_by_text("Kept for 30 days.")).to_be_visible()
    page.get_by_label("Asked first").fill("")
    page.get_by_label("A person, after").uncheck()
    assert page.locator("greenroom-chat").evaluate("(chat) => [chat.consent, chat.handover]") == ["", False]


def test_the_whole_builder_is_accessible_with_every_switch_on(page: Page, scripted: Server) -> None:
    build(page, scripted, viewport=(390, 844))
    for name in ("A button that saves the conversation", "A person, after", "Small films only", "Own accent"):
        page.get_by_label(name).check()

    assert violations(page) == []


def look(page: Page, part: str, name: str) -> str:
    """A computed style of a part of the widget."""
    style = f"(node) => getComputedStyle(node).{name}"
    return str(page.locator(f"greenroom-chat {part}").evaluate(style))


def test_what_is_copied_brings_just_that_to_another_page(page: Page, context: BrowserContext, scripted: Server) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    build(page, scripted)
    page.get_by_label("Stands").select_option("in a corner, behind a button")
    page.locator("#options [name=position]").select_option("top, at the start")
    page.get_by_label("Own accent").check()
    page.locator("[name='--greenroom-accent']").fill("#7a1f3d")
    page.get_by_label("Width").select_option("480px")
    page.get_by_label("Load").select_option("exactly this version, checked by the browser")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied == snippet(page)
    assert sorted(page.locator("#code").evaluate("(code) => Object.keys(code.dataset)")) == ["file", "integrity"]
    show_copied(page, copied)

    launcher = page.locator("greenroom-chat").get_by_role("button", name="Ask us")
    box = launcher.bounding_box()
    assert box
    assert (round(box["x"]), round(box["y"])) == (20, 20)
    assert launcher.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(122, 31, 61)"
    launcher.click()
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    panel = page.get_by_role("dialog").bounding_box()
    assert panel
    assert round(panel["width"]) == 480


def show_copied(page: Page, copied: str) -> None:
    """Open a page of somebody else that holds what was copied."""
    text = f"<!doctype html><html lang='en'><title>Host</title>{copied}</html>"
    page.route(f"{HOST_ORIGIN}/**", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(f"{HOST_ORIGIN}/page")


def test_a_file_with_other_bytes_is_not_run(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    build(page, scripted)
    page.get_by_label("Load").select_option("exactly this version, checked by the browser")
    copied = snippet(page)
    with page.expect_request(lambda one: "/widget-" in one.url):
        page.route("**/widget-*.js", _with_another_byte)
        show_copied(page, copied)

    page.wait_for_load_state("load")
    page.locator("greenroom-chat").wait_for(state="attached")
    assert page.evaluate(f"{CHAT}.shadowRoot") is None
    assert page.evaluate("customElements.get('greenroom-chat')") is None


def _with_another_byte(route: Route) -> None:
    script = route.fetch().text()
    headers = {"access-control-allow-origin": "*"}
    route.fulfill(body=f"{script};", content_type="text/javascript", headers=headers)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (320, 640)], ids=["desktop", "phone", "small"])
def test_it_fits_and_axe_finds_nothing(browser: Browser, scripted: Server, *, width: int, height: int) -> None:
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    build(page, scripted, viewport=(width, height))
    wait_heard(page, "e.name === 'state'")

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert violations(page) == []
    context.close()


def test_a_card_of_the_preview_leads_to_no_missing_page(page: Page, scripted: Server) -> None:
    build(page, scripted)
    wait_heard(page, "e.name === 'ready'")
    ask(page, "hours")

    page.locator("greenroom-chat a.card").click()

    expect(page.locator("#toast")).to_have_text("On the real site this opens /visit")
    assert page.url == f"{scripted.url}/embed"
