"""What the widget thinks of a line: a stall is forgotten, and a clip that does not load is not waited for."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.probes import ask, open_widget, wait_heard
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

FITS = """async () => {
  const { fitting } = await import('/widget/prefetch.js');
  const clip = { url: '/big', duration_s: 4, size_bytes: 400_000, alternatives: [] };
  return fitting(document.createElement('div'), clip).waits;
}"""
STALL = "async () => (await import('/widget/prefetch.js')).stalled()"
GATHER = """async () => {
  const { gathered } = await import('/widget/stage/slow.js');
  const video = document.createElement('video');
  window.over = false;
  gathered(video).then(() => (window.over = true));
  window.video = video;
}"""

KEEP_GOING = """async (isOver) => {
  const { keepGoing } = await import('/widget/stage/slow.js');
  const off = new AbortController();
  if (isOver) off.abort();
  window.pushes = 0;
  keepGoing({ paused: false, currentTime: 1, play: async () => void (window.pushes += 1) }, off.signal);
}"""


def test_a_stall_is_forgotten_after_a_minute(page: Page, live_server: str):
    page.clock.install()
    page.goto(live_server)
    assert not page.evaluate(FITS)

    page.evaluate(STALL)
    page.clock.fast_forward(30_000)
    page.evaluate(STALL)
    page.clock.fast_forward(45_000)
    assert page.evaluate(FITS)
    page.clock.fast_forward(20_000)

    assert not page.evaluate(FITS)


def test_a_clip_of_which_nothing_loads_is_not_waited_for(page: Page, live_server: str):
    page.clock.install()
    page.goto(live_server)
    page.evaluate(GATHER)
    assert not page.evaluate("window.over")

    page.evaluate("window.video.dispatchEvent(new Event('suspend'))")
    page.wait_for_function("window.over", timeout=30_000)


@pytest.mark.parametrize(("is_over", "pushes"), [(False, 3), (True, 0)])
def test_a_clip_that_stands_still_is_pushed_unless_it_is_over(
    page: Page, live_server: str, *, is_over: bool, pushes: int
):
    page.clock.install()
    page.goto(live_server)
    page.evaluate(KEEP_GOING, is_over)

    page.clock.run_for(2_200)

    assert page.evaluate("window.pushes") == pushes


def test_captions_need_no_line_where_a_clip_fails(browser: Browser, scripted: Server) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="no-preference")
    open_widget(page, f"{scripted.url}/host?mode=inline")
    wait_heard(page, "e.name === 'idle'")

    with page.expect_response("**/stage/slow.js*", timeout=60_000):
        page.reload()  # who comes back is not greeted: no clip has asked for it
    page.route("**/stage/slow.js*", lambda route: route.abort())
    ask(page, "broken")

    wait_heard(page, "e.name === 'playback' && e.event === 'failed'")
    expect(page.locator("greenroom-chat .cue")).to_contain_text("We are open every day", timeout=60_000)
    page.close()
