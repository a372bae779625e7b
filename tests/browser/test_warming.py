"""The line on the demo page that tells how far the filming behind the server is."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.probes import expect_state
from tests.browser.servers import Server
from tests.support.long import all_long_but

SOON = "How much is a ticket?"
UNDERWAY = {"going_on": True, "filmed": 12, "clips": 62, "waiting": [SOON]}
OVER = {"going_on": False, "filmed": 62, "clips": 62, "waiting": []}


def places(page: Page) -> list[dict[str, float]]:
    """Where the title, the chat and the suggestions are."""
    found = [page.locator(part).first.bounding_box() for part in ("h1", "greenroom-chat", ".try ul")]
    return [dict(box) for box in found if box]


def test_the_line_follows_the_filming_and_goes_without_moving_anything(page: Page, scripted: Server) -> None:
    scripted.hand.warming = dict(UNDERWAY)
    page.goto(scripted.url)
    line, card = page.locator("#warming"), page.locator(f'[data-ask="{SOON}"]')
    expect(line).to_have_text("12 of 62 answers are filmed")
    expect(card).to_contain_text("Being filmed")
    expect_state(page, "listening")
    before = places(page)

    scripted.hand.warming = {**UNDERWAY, "filmed": 13, "waiting": []}
    expect(line).to_have_text("13 of 62 answers are filmed")
    expect(card).to_contain_text("Filmed and waiting")
    scripted.hand.warming = dict(OVER)
    expect(line).not_to_be_visible()

    assert places(page) == before


def test_without_a_warm_up_there_is_no_line(page: Page, scripted: Server) -> None:
    page.goto(scripted.url)
    expect_state(page, "listening")

    expect(page.locator("#warming")).to_have_count(0)


WIDTHS = [(1280, 800), (768, 1024), (390, 844), (360, 640)]


@pytest.mark.parametrize(("width", "height"), all_long_but(WIDTHS, WIDTHS[-1]))
def test_it_stands_beside_the_title_at_every_width(
    browser: Browser, scripted: Server, *, width: int, height: int
) -> None:
    scripted.hand.warming = dict(UNDERWAY)
    phone = width < 480
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone)
    page = context.new_page()
    page.goto(scripted.url)
    expect_state(page, "listening")

    title, line = [page.locator(part).bounding_box() for part in ("h1", "#warming")]
    assert title
    assert line
    assert title["x"] + title["width"] <= line["x"] + 1
    assert line["x"] + line["width"] <= width
    assert line["y"] + line["height"] <= title["y"] + title["height"] + 4
    expect(page.locator("#warming")).to_be_in_viewport(ratio=1)
    for part in (".stage", ".input", ".send"):
        expect(page.locator(f"greenroom-chat {part}").first).to_be_in_viewport(ratio=1)
    context.close()
