"""Browsers that lack what newer ones have: there is another way for each feature, tried in a Chromium without it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.probes import ask, heard, wait_heard
from tests.browser.servers import Server
from tests.browser.test_bindings import CHAT, COLOUR, INSIDE, show
from tests.browser.test_foreign_pages import at_launcher

pytestmark = pytest.mark.browser

MISSING = {
    "constructed sheets": "window.CSSStyleSheet = class { constructor() { throw new TypeError('not here'); } };"
    "delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets;",
    "frame callbacks": "delete HTMLVideoElement.prototype.requestVideoFrameCallback;",
    "frame callbacks that come": "HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;",
    "popovers": "delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.popover;",
    "checkVisibility": "delete Element.prototype.checkVisibility;",
    "AbortSignal.timeout": "delete AbortSignal.timeout;",
    "URL.parse": "delete URL.parse;",
    "field-sizing": "CSS.supports = () => false;",
}
"""What takes a feature away: Safari before 16.4 knows no such sheets, before 17 no popovers."""

NEW_STYLE = r"field-sizing|@container|container:|1\d\d(?:d|s)vh|color-mix|text-wrap|backdrop-filter|:has\(|zoom:"
"""What an older browser skips in the style sheet."""


def without_new_styles(route: Route) -> None:
    """Misspell the new parts of the style sheet, so that they are skipped as unknown ones are."""
    script = route.fetch().text()
    changed, count = re.subn(NEW_STYLE, lambda found: f"x{found[0]}" if found[0][0] != "@" else "@x", script)
    assert count > 12
    route.fulfill(body=changed, content_type="text/javascript", headers={"access-control-allow-origin": "*"})


def lack(page: Page, *names: str) -> None:
    """Take features away before any script of the page runs."""
    for name in names:
        page.add_init_script(MISSING[name])


@pytest.mark.parametrize("missing", [*MISSING, "all"])
def test_without_it_a_visitor_still_sees_hears_and_asks(page: Page, scripted: Server, missing: str) -> None:
    lack(page, *(MISSING if missing == "all" else [missing]))
    if missing == "all":
        page.route("**/widget.js", without_new_styles)
    show(page, "<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    launcher = page.get_by_role("button", name="Ask Mira")
    expect(launcher).to_be_visible()
    assert at_launcher(page) == "greenroom-chat"
    assert launcher.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(23, 98, 79)"

    launcher.click()

    wait_heard(page, "e.name === 'idle'")
    assert page.locator("greenroom-chat").evaluate(COLOUR) == "rgb(255, 255, 255)"
    ask(page, "hours")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 0")
    page.wait_for_function(f"() => {MOVING}")
    expect(page.locator("greenroom-chat a.card")).to_be_visible()


MOVING = f"""(() => {{
  const videos = [...{INSIDE}.querySelectorAll('video')];
  const top = videos.reduce((one, two) => (Number(two.style.zIndex) > Number(one.style.zIndex) ? two : one));
  return top.loop && !top.paused && top.readyState >= 2;
}})()"""


@pytest.mark.parametrize("missing", ["frame callbacks", "frame callbacks that come"])
def test_a_stop_within_the_first_frames_does_not_freeze_her(page: Page, scripted: Server, missing: str) -> None:
    lack(page, missing)
    show(page, "<greenroom-chat name='Mira' mode='inline'></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'speaking'")
    page.evaluate(f"{CHAT}.stop()")
    page.wait_for_function(f"() => {MOVING}")

    page.evaluate(
        f"{CHAT}.addEventListener('greenroom:speaking', () => setTimeout(() => {CHAT}.stop(), 60), {{once: true}})"
    )
    page.evaluate(f"{CHAT}.ask('hours')")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    page.wait_for_function(f"() => {MOVING} && {CHAT}.state === 'listening'")


def test_the_box_grows_by_itself_where_the_browser_does_not_see_to_it(page: Page, scripted: Server) -> None:
    lack(page, "field-sizing")
    page.route("**/widget.js", without_new_styles)
    show(page, "<greenroom-chat name='Mira' mode='inline' style='display: block; width: 400px'>", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")
    box = page.locator("greenroom-chat").get_by_role("textbox")
    height = "(box) => box.offsetHeight"
    assert box.evaluate(height) == 48

    box.focus()
    page.keyboard.type("a rather long question " * 6)

    assert 100 < box.evaluate(height) <= 132
    assert box.evaluate("(box) => box.scrollHeight - box.clientHeight") <= 24
    box.press("Enter")
    assert box.evaluate(height) == 48


@pytest.mark.parametrize(
    ("scheme", "theme", "colour"),
    [
        ("light", "", "rgb(255, 255, 255)"),
        ("dark", "", "rgb(23, 28, 26)"),
        ("dark", "theme=light", "rgb(255, 255, 255)"),
        ("light", "theme=dark", "rgb(23, 28, 26)"),
    ],
)
def test_colours_need_no_new_function(page: Page, scripted: Server, scheme: str, theme: str, colour: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.route("**/widget.js", without_new_styles)
    show(page, f"<greenroom-chat name='Mira' mode='inline' {theme}></greenroom-chat>", module=scripted.url)
    page.wait_for_function(f"() => {CHAT}.shadowRoot")

    assert page.locator("greenroom-chat").evaluate(COLOUR) == colour
    assert "light-dark(" not in page.request.get(f"{scripted.url}/widget.js").text()


SILENT = """const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return this.muted ? play.call(this) : Promise.reject(new DOMException('no gesture', 'NotAllowedError'));
};"""


def test_a_refusal_of_sound_is_told(page: Page, scripted: Server) -> None:
    page.add_init_script(SILENT)
    show(page, "<greenroom-chat name='Mira' mode='inline'></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'idle'")

    page.evaluate(f"{CHAT}.mute(false); {CHAT}.ask('hours')")

    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")
    assert [event["muted"] for event in heard(page, "mute")] == [False, True]
    expect(page.get_by_role("button", name="Turn sound on")).to_be_visible()
    assert page.evaluate(f"[...{INSIDE}.querySelectorAll('video')].every((video) => video.muted)")


ONCE = """let isBroken = true;
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  if (isBroken) {
    isBroken = false;
    throw new Error('once');
  }
  return root;
};"""


def test_a_fault_in_building_it_is_none_for_good(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    page.add_init_script(ONCE)
    show(page, "<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    page.wait_for_function(f"() => {CHAT}.shadowRoot")

    page.evaluate(f"() => {{ const chat = {CHAT}; chat.remove(); document.body.append(chat); }}")

    page.get_by_role("button", name="Ask Mira").click()
    wait_heard(page, "e.name === 'ready'")
