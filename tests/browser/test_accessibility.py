"""The widget for everyone: axe-core in every view, small and huge screens, right to left, the disclosure first."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.probes import ask, expect_state, follow_events, heard, open_widget, wait_heard
from tests.browser.scenes import ARABIC
from tests.browser.servers import Server
from tests.browser.test_interrupt import EAR
from tests.support.long import all_long_but

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SHADOW = "document.querySelector('greenroom-chat').shadowRoot"
OVERFLOW = f"""() => [document.documentElement.scrollWidth - innerWidth,
  ...[...{SHADOW}.querySelectorAll('.panel, .log, .composer, .bar, .top')].map((e) => e.scrollWidth - e.clientWidth)]"""
OUTSIDE = f"""() => [...{SHADOW}.querySelectorAll('button, textarea, .disclosure, .cue span')]
  .filter((e) => e.checkVisibility() && !e.closest('.chips, .log'))
  .filter((e) => {{ const box = e.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1; }})
  .map((e) => e.className || e.textContent)"""


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[(node['target'], node['failureSummary']) for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize(
    ("scheme", "width", "height"), [("light", 1280, 800), ("dark", 390, 844)], ids=["desktop-light", "phone-dark"]
)
def test_axe_finds_nothing_in_any_view(
    browser: Browser, scripted: Server, *, scheme: str, width: int, height: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.add_init_script(EAR)
    follow_events(page)
    page.goto(f"{scripted.url}/host")
    page.get_by_role("button", name="Ask Mira").wait_for()

    assert violations(page) == [], "the launcher"
    page.get_by_role("button", name="Ask Mira").click()
    wait_heard(page, "e.name === 'ready'")
    ask(page, "hours")
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_be_visible()
    assert violations(page) == [], "an answer with card, chips and thumbs"
    page.get_by_role("button", name="Ask aloud").click()
    assert violations(page) == [], "the microphone explained"
    page.get_by_role("button", name="Go on").click()
    assert violations(page) == [], "listening to the visitor"
    page.keyboard.press("Escape")
    ask(page, "film")
    assert violations(page) == [], "thinking"
    page.request.post(f"{scripted.url}/_script/drop?code=4005")
    page.get_by_role("button", name="Use it here").wait_for()
    assert violations(page) == [], "the line closed"
    context.close()


def test_axe_finds_nothing_on_the_demo_page(browser: Browser, scripted: Server) -> None:
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(scripted.url)
    expect_state(page, "listening")

    assert violations(page) == []
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_in_the_api_reference(browser: Browser, scripted: Server, *, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 800}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{scripted.url}/docs")
    page.locator("summary", has_text="/v1/forecast/intents").click()

    expect(page.get_by_text("price of a live avatar's minute")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    context.close()


@pytest.mark.parametrize(("width", "height"), all_long_but([(390, 844), (360, 640), (320, 568)], (320, 568)))
def test_the_demo_page_shows_stage_and_input_at_once(
    browser: Browser, scripted: Server, *, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(scripted.url)
    expect_state(page, "listening")

    for part in (".stage", ".input", ".send"):
        expect(page.locator(f"greenroom-chat {part}").first).to_be_in_viewport(ratio=1)
    context.close()


@pytest.mark.parametrize(
    ("width", "height", "query"),
    [
        pytest.param(320, 568, "", id="phone", marks=pytest.mark.long),
        pytest.param(320, 568, "locale=de&dir=rtl", id="phone-german-rtl"),
        pytest.param(844, 390, "", id="phone-on-its-side", marks=pytest.mark.long),
        pytest.param(1080, 1920, "mode=inline", id="kiosk-upright", marks=pytest.mark.long),
        pytest.param(3840, 2160, "mode=inline", id="kiosk-wide", marks=pytest.mark.long),
    ],
)
def test_nothing_is_cut_off(browser: Browser, scripted: Server, *, width: int, height: int, query: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    follow_events(page)
    page.goto(f"{scripted.url}/host?{query}")
    if "inline" not in query:
        page.locator("greenroom-chat .launcher").click()
    wait_heard(page, "e.name === 'ready'")
    ask(page, "hours")
    wait_heard(page, "e.name === 'speaking' && e.turn === 't1'")

    assert max(page.evaluate(OVERFLOW)) <= 0
    assert page.evaluate(OUTSIDE) == []
    for part in ("input", "send", "stop", "captions-button"):
        expect(page.locator(f"greenroom-chat .{part}").first).to_be_in_viewport()
    context.close()


def test_a_kiosk_may_ask_for_everything_larger(page: Page, scripted: Server) -> None:
    page.set_viewport_size({"width": 1080, "height": 1920})
    page.goto(f"{scripted.url}/host?mode=inline")
    expect_state(page, "listening")
    before = page.locator("greenroom-chat .send").bounding_box()

    page.evaluate("document.querySelector('greenroom-chat').style.setProperty('--greenroom-scale', '2')")

    after = page.locator("greenroom-chat .send").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(2 * before["width"], abs=1)
    assert max(page.evaluate(OVERFLOW)) <= 0


def test_a_page_from_right_to_left_has_its_launcher_and_words_there(page: Page, scripted: Server) -> None:
    page.goto(f"{scripted.url}/host?dir=rtl&lang=ar")
    launcher = page.locator("greenroom-chat .launcher")
    box = launcher.bounding_box()
    assert box is not None
    assert box["x"] < 100
    launcher.click()

    ask(page, "arabic")

    said = page.locator("greenroom-chat .turn.avatar .said").last
    expect(said).to_have_text(ARABIC)
    assert said.evaluate("(node) => getComputedStyle(node).direction") == "rtl"
    visitor = page.locator("greenroom-chat .turn.visitor .said").bounding_box()
    avatar = said.bounding_box()
    assert visitor is not None
    assert avatar is not None
    assert visitor["x"] < avatar["x"], "the visitor speaks from the left"


def test_the_disclosure_is_there_before_the_first_clip(page: Page, scripted: Server) -> None:
    page.add_init_script("""document.addEventListener('greenroom:speaking', ({target}) => {
      const said = target.shadowRoot.querySelector('.disclosure');
      window.disclosed ??= [said.checkVisibility(), said.textContent];
    });""")
    open_widget(page, f"{scripted.url}/host")

    wait_heard(page, "e.name === 'speaking'")

    assert page.evaluate("window.disclosed") == [True, "Mira is an AI-generated presenter."]
    described = page.evaluate(f"{SHADOW}.querySelector('.panel').getAttribute('aria-describedby')")
    assert page.locator(f"greenroom-chat #{described}").text_content() == "Mira is an AI-generated presenter."


def test_a_page_that_is_offline_from_the_start_still_discloses(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    page.route("**/v1/sessions", lambda route: route.abort())
    page.goto(f"{scripted.url}/host?name=Ada")

    page.get_by_role("button", name="Ask Ada").click()

    expect(page.locator("greenroom-chat .disclosure")).to_have_text("Ada is AI-generated")


def test_everything_is_reached_by_tab(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    ask(page, "hours")
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_be_visible()
    reached = set()

    for _ in range(24):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(f"{SHADOW}.activeElement?.className ?? ''"))

    names = {
        "close",
        "stop",
        "pause",
        "captions-button",
        "mute",
        "log",
        "card",
        "replay",
        "rate",
        "chip",
        "input",
        "send",
    }
    assert names - {"stop"} <= reached


def test_captions_are_on_and_can_be_switched_off(page: Page, scripted: Server) -> None:
    open_widget(page, f"{scripted.url}/host")
    ask(page, "hours")
    expect(page.locator("greenroom-chat .cue")).to_be_visible()

    page.get_by_role("button", name="Captions").click()

    expect(page.locator("greenroom-chat .cue")).to_be_hidden()
    expect(page.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "false")
    assert heard(page, "error") == []
