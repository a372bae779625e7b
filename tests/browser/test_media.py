"""Sound, stalls, failures, and how many bytes are fetched."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.probes import answers, ask, expect_playing, expect_state, open_widget, wait_heard
from tests.browser.scenes import HOURS
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

SHADOW = "document.querySelector('greenroom-chat').shadowRoot"
VIDEOS = f"[...{SHADOW}.querySelectorAll('video')]"
UNASKED_SOUND = """document.addEventListener('greenroom:ready', ({target}) => target.mute(false));
document.addEventListener('greenroom:playback', ({target, detail}) => console.log(JSON.stringify([detail.event,
  [...target.shadowRoot.querySelectorAll('video')].every((video) => video.muted),
  navigator.userActivation.hasBeenActive])));"""
SHORTER = """const wait = window.setTimeout;
window.setTimeout = (call, ms, ...more) => wait(call, ms === %d ? ms / 10 : ms, ...more);"""
"""One waiting time of the stage is a tenth as long."""
FETCHED = """() => performance.getEntriesByType('resource').filter(({name}) => name.endsWith('.mp4'))
  .map(({name, initiatorType, encodedBodySize}) => [initiatorType, name.split('/').at(-1), encodedBodySize])"""


def test_refused_sound_plays_muted_and_one_click_turns_it_on(page: Page, scripted: Server) -> None:
    page.add_init_script(UNASKED_SOUND)

    # Nothing may be evaluated in the page before: the browser would take it for a gesture.
    with page.expect_console_message(lambda said: said.text.startswith('["started"')) as playing:
        page.goto(f"{scripted.url}/host?mode=inline")

    assert playing.value.text == '["started",true,false]'
    page.get_by_role("button", name="Turn sound on").click()
    expect(page.get_by_role("button", name="Mute")).to_be_visible()
    assert page.evaluate(f"{VIDEOS}.map((video) => video.muted)") == [True, False, False]
    ask(page, "hours")
    expect_state(page, "speaking")
    expect_playing(page)


def test_a_clip_that_stalls_for_eight_seconds_gives_way_to_words(page: Page, scripted: Server) -> None:
    page.add_init_script(SHORTER % 8_000)
    open_widget(page, f"{scripted.url}/host")
    ask(page, "this one breaks off")

    wait_heard(page, "e.name === 'playback' && e.event === 'stalled' && e.turn === 't1'")
    wait_heard(page, "e.name === 'playback' && e.event === 'failed' && e.turn === 't1'")
    expect(page.locator("greenroom-chat .notice")).to_contain_text("The answer is in the text.")
    assert answers(page)[-1] == HOURS
    expect(page.locator("greenroom-chat .cue")).to_contain_text("On Thursdays")
    told = [m["event"] for m in scripted.hand.seen if m["type"] == "playback" and m["turn"] == "t1"]
    assert told[0] == "started"
    assert told[-1] == "failed"


def test_a_clip_that_never_comes_gives_way_to_words(page: Page, scripted: Server) -> None:
    page.add_init_script(SHORTER % 12_000)
    open_widget(page, f"{scripted.url}/host")
    ask(page, "this one never comes")
    expect(page.locator("greenroom-chat .turn.avatar .said").last).to_have_text(HOURS)
    wait_heard(page, "e.name === 'playback' && e.event === 'failed' && e.turn === 't1'")
    expect(page.locator("greenroom-chat .cue")).to_contain_text("We are open every day")
    expect_playing(page)


def test_likely_clips_are_fetched_within_the_budget(page: Page, scripted: Server, clip_folder: Path) -> None:
    sizes = {name: (clip_folder / f"{name}.mp4").stat().st_size for name in ("answer", "long", "holding")}
    budget = sizes["answer"] + sizes["holding"]
    assert sizes["long"] > 10 * budget
    open_widget(page, f"{scripted.url}/host?prefetch-bytes={budget}")

    ask(page, "what is likely")

    wait_heard(page, "e.name === 'done'")
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('holding.mp4'))")
    taken = {name: size for kind, name, size in page.evaluate(FETCHED) if kind == "fetch"}
    assert (taken["answer.mp4"], taken["holding.mp4"]) == (sizes["answer"], sizes["holding"])
    assert taken.get("long.mp4", 0) < sizes["long"], "what does not fit is let go of when its length is known"


def test_a_prefetched_clip_is_not_fetched_again(context: BrowserContext, scripted: Server) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("answer.mp4") else None)
    open_widget(page, f"{scripted.url}/host")
    ask(page, "what is likely")
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('holding.mp4'))")
    assert len(asked) == 1

    ask(page, "hours")

    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't2'")
    from_network = page.evaluate(
        "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('answer.mp4') && e.transferSize > 1000)"
    )
    assert len(from_network) <= 1


@pytest.mark.parametrize("how", ["attribute", "browser"])
def test_saving_data_fetches_no_clip_until_asked_to_play(page: Page, scripted: Server, how: str) -> None:
    if how == "browser":
        page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    open_widget(page, f"{scripted.url}/host{'?save-data=' if how == 'attribute' else ''}")
    ask(page, "what is likely")
    ask(page, "hours")
    wait_heard(page, "e.name === 'done' && e.turn === 't2'")
    assert answers(page)[-1] == HOURS
    assert page.evaluate(FETCHED) == []
    expect_state(page, "listening")

    page.get_by_role("button", name="Play video").click()

    expect_playing(page)


def test_a_stage_without_pictures_still_has_a_poster(browser: Browser, scripted: Server) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()

    open_widget(page, f"{scripted.url}/host")

    assert page.evaluate(f"{VIDEOS}[0].poster").endswith("/clips/idle.jpg")
    context.close()
