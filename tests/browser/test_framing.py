"""The face is in the picture whatever the size of the stage, and nothing lies on the mouth."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.probes import ask, open_widget, wait_heard
from tests.browser.servers import Server

MOUTH = np.array([0x8A, 0x3F, 0x42])
FACE = np.array([0xF0, 0xD2, 0xB6])
BARE = """() => {
  for (const part of document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('.top, .bottom')) {
    part.style.visibility = 'hidden';
  }
}"""
PLACES = """() => {
  const root = document.querySelector('greenroom-chat').shadowRoot;
  const at = (one) => { const {top, bottom} = one.getBoundingClientRect(); return {top, bottom}; };
  return {stage: at(root.querySelector('.stage')), words: at(root.querySelector('.cue'))};
}"""
SIZES = [(320, 256, ""), (759, 820, "mode=inline"), (1080, 1920, "mode=inline"), (1280, 800, "")]


def seen(picture: bytes, colour: np.ndarray) -> tuple[int, int]:
    """The first and the last row of the picture with a colour in it."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    rows = np.flatnonzero((np.abs(pixels - colour).max(axis=2) < 24).sum(axis=1) > 2)
    assert len(rows), "the colour is nowhere in the picture"
    return int(rows[0]), int(rows[-1])


def stage_of(page: Page) -> bytes:
    """The picture on the stage alone, without what lies on it."""
    page.evaluate(BARE)
    return page.locator("greenroom-chat .stage").screenshot()


@pytest.mark.parametrize(("width", "height", "attributes"), SIZES)
def test_the_mouth_is_in_view_and_free(
    browser: Browser, scripted: Server, width: int, height: int, attributes: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="no-preference")
    open_widget(page, f"{scripted.url}/host?{attributes}")
    ask(page, "When are you open?")
    wait_heard(page, "e.name === 'playback' && e.event === 'started' && e.clip === 'answer'", timeout_s=20)
    page.locator("greenroom-chat .cue span").wait_for()

    places = page.evaluate(PLACES)
    picture = stage_of(page)
    page.close()

    tall = places["stage"]["bottom"] - places["stage"]["top"]
    words = places["words"]["top"] - places["stage"]["top"]
    (brow, chin), (_, lip) = seen(picture, FACE), seen(picture, MOUTH)
    assert brow > 0
    assert chin < tall - 1
    assert lip < words


def test_reflow_leaves_room_to_type(browser: Browser, scripted: Server) -> None:
    """A window of 1280 by 1024 at 400 % (WCAG 1.4.10): words, not letters, stand in a line."""
    page = browser.new_page(viewport={"width": 320, "height": 256})
    open_widget(page, f"{scripted.url}/host?voice=on")

    box = page.locator("greenroom-chat").get_by_role("textbox").bounding_box()
    page.close()

    assert box is not None
    assert box["width"] >= 100
    assert box["height"] <= 72
