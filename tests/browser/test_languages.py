"""The switch of languages: shown where there is a choice, usable by keyboard and screen reader, remembered."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.probes import ask, follow_events, wait_heard
from tests.browser.scenes import HOURS
from tests.browser.servers import Server
from tests.browser.test_accessibility import OUTSIDE, OVERFLOW, violations
from tests.browser.test_robust import NO_STORAGE

pytestmark = pytest.mark.browser

FULL_STORAGE = """() => {
  Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
}"""
"""What was stored before can still be read."""


def _open(page: Page, scripted: Server, query: str = "") -> Locator:
    follow_events(page)
    page.goto(f"{scripted.url}/host{query}")
    page.locator("greenroom-chat .launcher").click()
    wait_heard(page, "e.name === 'ready'")
    return page.locator("greenroom-chat select")


def _asked_for(scripted: Server) -> list[str]:
    return [str(one["locale"]) for one in scripted.hand.seen if one["type"] == "session.update"]


def test_one_language_needs_no_switch(page: Page, scripted: Server) -> None:
    assert not _open(page, scripted).is_visible()


def test_the_conversation_goes_on_in_the_chosen_language(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "es", "de")
    switch = _open(page, scripted)
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    expect(switch.locator("option")).to_have_count(3)
    assert switch.locator("option").all_text_contents() == ["English", "Español", "Deutsch"]
    switch.select_option("Español")

    expect(page.get_by_role("textbox")).to_have_attribute("placeholder", "Haz una pregunta")
    expect(page.get_by_role("combobox", name="Idioma")).to_have_value("es")
    expect(page.locator("greenroom-chat .disclosure")).to_have_text("Mira, AI (es)")
    expect(page.locator("greenroom-chat .panel")).to_have_attribute("lang", "es")
    assert page.locator("greenroom-chat .turn.avatar .said").all_text_contents()[-1] == HOURS
    assert (_asked_for(scripted), scripted.hand.starts) == (["es"], ["new"])


def test_the_chips_of_the_start_change_with_it(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    _open(page, scripted).select_option("Deutsch")

    expect(page.locator("greenroom-chat .chip").first).to_have_text("Opening hours (de)")


@pytest.mark.parametrize("storage", ["free", "blocked"])
def test_a_choice_is_remembered_as_long_as_it_can_be(page: Page, scripted: Server, storage: str) -> None:
    scripted.hand.locales = ("en", "es")
    if storage == "blocked":
        page.add_init_script(NO_STORAGE)
    switch = _open(page, scripted)
    switch.select_option("Español")
    expect(page.get_by_role("combobox", name="Idioma")).to_be_visible()

    page.locator("greenroom-chat").evaluate("(chat) => chat.reset()")
    wait_heard(
        page, "e.name === 'ready' && !e.resumed && window.heard.filter((one) => one.name === 'ready').length > 1"
    )
    expect(switch).to_have_value("es")
    page.evaluate("sessionStorage.clear()") if storage == "free" else None
    page.reload()
    page.locator("greenroom-chat .launcher").click()
    wait_heard(page, "e.name === 'ready'")

    expect(switch).to_have_value("es" if storage == "free" else "en")


def test_the_page_comes_first_until_the_visitor_chooses(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "es", "de")
    switch = _open(page, scripted, "?locale=de")
    expect(switch).to_have_value("de")
    switch.select_option("Español")
    expect(page.get_by_role("combobox", name="Idioma")).to_be_visible()

    page.locator("greenroom-chat").evaluate("(chat) => chat.setAttribute('locale', 'en')")

    expect(page.get_by_role("combobox", name="Language")).to_have_value("en")
    page.locator("greenroom-chat").evaluate("(chat) => chat.setAttribute('locale', 'de')")
    expect(page.get_by_role("combobox", name="Idioma")).to_have_value("es")  # as chosen on the German page


def test_a_choice_that_was_lost_on_the_way_is_sent_again(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "es")
    switch = _open(page, scripted)
    page.request.post(f"{scripted.url}/_script/drop?code=1012")
    switch.select_option("Español")

    expect(page.locator("greenroom-chat .disclosure")).to_have_text("Mira, AI (es)")


def test_the_next_page_of_a_site_goes_on_in_its_own_language(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    _open(page, scripted, "?lang=en")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    page.goto(f"{scripted.url}/host?lang=de-AT")  # as the visitor left it, the panel is open

    expect(page.locator("greenroom-chat .disclosure")).to_have_text("Mira, AI (de)")
    expect(page.get_by_role("textbox")).to_have_attribute("placeholder", "Frage stellen")
    assert (_asked_for(scripted), scripted.hand.starts) == (["de-AT"], ["new", "resume"])


def test_a_locale_that_the_page_changed_while_the_line_was_down_is_spoken(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    _open(page, scripted)

    page.evaluate(
        "window.dispatchEvent(new Event('offline'));"
        "document.querySelector('greenroom-chat').setAttribute('locale', 'de')"
    )

    expect(page.locator("greenroom-chat .disclosure")).to_have_text("Mira, AI (de)")
    expect(page.locator("greenroom-chat select")).to_have_value("de")
    assert (_asked_for(scripted), scripted.hand.starts) == (["de"], ["new", "resume"])


def test_a_page_in_a_language_that_is_spoken_already_sends_nothing(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "de")
    _open(page, scripted, "?lang=en")

    for wanted in ("en-GB", "fi"):
        page.goto(f"{scripted.url}/host?lang={wanted}")
        wait_heard(page, "e.name === 'ready' && e.resumed")
        ask(page, "hours")
        wait_heard(page, "e.name === 'done'")

    assert _asked_for(scripted) == []


def test_a_choice_that_no_longer_fits_into_the_storage_holds_as_long_as_the_page(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "es", "de")
    switch = _open(page, scripted)
    switch.select_option("Español")
    expect(page.get_by_role("combobox", name="Idioma")).to_be_visible()

    page.evaluate(FULL_STORAGE)
    switch.select_option("Deutsch")
    expect(page.get_by_role("combobox", name="Sprache")).to_be_visible()
    page.request.post(f"{scripted.url}/_script/drop?code=1012")
    wait_heard(page, "e.name === 'ready' && e.resumed")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done'")

    assert (_asked_for(scripted), switch.input_value()) == (["es", "de"], "de")


def test_it_is_changed_by_keyboard_alone(page: Page, scripted: Server) -> None:
    scripted.hand.locales = ("en", "es")
    switch = _open(page, scripted)
    page.get_by_role("textbox").focus()

    for _ in range(12):
        if switch.evaluate("(list) => list.getRootNode().activeElement === list"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")

    expect(page.get_by_role("combobox", name="Idioma")).to_be_focused()
    assert page.locator("greenroom-chat .language").evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (320, 640)], ids=["desktop", "phone", "small"])
def test_it_fits_and_axe_finds_nothing(browser: Browser, scripted: Server, *, width: int, height: int) -> None:
    scripted.hand.locales = ("en", "es", "de")
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    switch = _open(page, scripted)
    switch.select_option("Español")
    expect(page.get_by_role("combobox", name="Idioma")).to_be_visible()

    assert violations(page) == []
    assert page.evaluate(OUTSIDE) == []
    assert max(page.evaluate(OVERFLOW)) <= 0
    box = switch.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    context.close()
