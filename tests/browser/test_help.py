"""Help of another kind: a person after refusals in a row, and the number to call in need; on a desk and on a phone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.probes import ask, follow_events, heard, wait_heard
from tests.browser.scenes import HANDOVER, NUMBER, PERSON, TOPICS, URGENT
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

SIZES = [
    pytest.param(1280, 800, id="desktop", marks=pytest.mark.long),
    pytest.param(390, 844, id="phone", marks=pytest.mark.long),
    pytest.param(320, 568, id="small"),
]
CARD = "greenroom-chat .card"
LATEST = "greenroom-chat .turn.avatar"


@pytest.fixture
def visitor(browser: Browser, scripted: Server, width: int, height: int):
    """A page of that size on which the conversation has begun; its console stays clean."""
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=width < 600)
    page, problems = context.new_page(), []
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    follow_events(page)
    page.goto(scripted.url)
    wait_heard(page, "e.name === 'ready'")
    yield page
    context.close()
    assert problems == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_after_three_refusals_she_offers_topics_and_a_person(visitor: Page, width: int) -> None:
    for number in range(2):
        ask(visitor, f"gibberish {number}")
        wait_heard(visitor, f"e.name === 'done' && e.turn === 't{number + 1}'")
    assert heard(visitor, "handover") == []

    ask(visitor, "a person, please")
    wait_heard(visitor, "e.name === 'done' && e.turn === 't3'")

    assert [(event["turn"], event["card"]) for event in heard(visitor, "handover")] == [("t3", PERSON)]
    expect(visitor.locator(LATEST).last).to_contain_text(HANDOVER)
    card = visitor.locator(CARD)
    expect(card).to_have_count(1)
    expect(card).to_contain_text(str(PERSON["body"]))
    expect(visitor.locator("greenroom-chat .chip")).to_have_text([topic["title"] for topic in TOPICS])
    _in_sight(visitor, CARD, width)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_number_to_call_stands_out_and_calls(visitor: Page, width: int) -> None:
    ask(visitor, "somebody is bleeding")
    wait_heard(visitor, "e.name === 'done'")

    expect(visitor.locator(LATEST).last).to_contain_text(URGENT)
    card = visitor.locator(f"{CARD}[href='tel:112']")
    expect(card).to_contain_text(str(NUMBER["title"]))
    assert card.evaluate("card => parseFloat(getComputedStyle(card).borderTopWidth)") >= 2
    box = card.bounding_box()
    assert box
    assert box["height"] >= 44
    _in_sight(visitor, f"{CARD}[href='tel:112']", width)
    log, said = (visitor.locator(f"greenroom-chat {one}").last.bounding_box() for one in (".log", ".turn.avatar .said"))
    assert log
    assert said
    assert said["y"] >= log["y"], "the first words have scrolled away"


def _in_sight(page: Page, selector: str, width: int) -> None:
    """The card is whole within its page's width, and the page does not scroll sideways."""
    box = page.locator(selector).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
