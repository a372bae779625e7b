"""What the presenter does while she does not speak, and what the pill says before she has spoken."""

import contextlib
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route

from tests.browser.clips import write_clips
from tests.browser.probes import (
    TOP_LAYER,
    ask,
    expect_playing,
    expect_state,
    heard,
    open_widget,
    wait_heard,
)
from tests.browser.scenes import FACE, clip
from tests.browser.scripted_server import Script
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

COPIES = {"nod": "long", "muse": "generated", "sway": "greeting", "other": "generated"}
LOOPS = {"listening": [clip("nod")], "thinking": [clip("muse")], "idle": [clip("sway")]}
SHOWS = f"""(name) => {{
  const video = ({TOP_LAYER})();
  return video.src.endsWith(`/clips/${{name}}.mp4`) && !video.paused && video.readyState >= 2;
}}"""
TYPE = (
    "(text) => { const box = document.querySelector('greenroom-chat').shadowRoot.querySelector('textarea.input');"
    " box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); }"
)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A clip for each loop."""
    write_clips(tmp_path)
    for name, of in COPIES.items():
        shutil.copy(tmp_path / f"{of}.mp4", tmp_path / f"{name}.mp4")
    return tmp_path


def script_of(clips: Path, *, idle: str = "idle") -> Script:
    script = Script(clips)
    script.hand.loops, script.hand.idle = LOOPS, idle
    return script


@pytest.fixture
def looping(clips: Path):
    """A server whose presenter has loops; each is another clip."""
    script = script_of(clips)
    with Server(lambda: script) as server:
        yield server


def opened(browser: Browser, server: Server) -> Page:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="no-preference")
    open_widget(page, f"{server.url}/host?mode=inline")
    return page


def shows(page: Page, name: str) -> None:
    page.wait_for_function(SHOWS, arg=name, timeout=60_000)


def test_she_listens_while_somebody_types_and_idles_again(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")

    page.evaluate(TYPE, "When")
    shows(page, "nod")
    expect_playing(page)

    page.evaluate(TYPE, "")
    page.wait_for_function(f"() => !({SHOWS})('nod')", timeout=60_000)
    expect_playing(page)
    page.close()


def test_she_thinks_while_an_answer_is_awaited_and_not_when_it_is_there_at_once(
    browser: Browser, looping: Server
) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")

    ask(page, "never comes")
    shows(page, "muse")
    expect_playing(page)
    page.close()


def test_who_types_and_asks_before_she_listens_sees_her_think(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")
    held: list[Route] = []
    page.route("**/nod.mp4", lambda route: held.append(route))  # noqa: PLW0108 - it takes no built-in
    with page.expect_request("**/nod.mp4", timeout=60_000):
        page.evaluate(TYPE, "When")

    ask(page, "never comes")
    shows(page, "muse")
    expect_playing(page)
    page.close()


def test_she_does_not_think_once_the_answer_has_come(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")
    held: list[Route] = []
    page.route("**/clips/muse.mp4", lambda route: held.append(route))  # noqa: PLW0108 - it takes no built-in
    page.evaluate(FRAMES)

    with page.expect_request("**/clips/muse.mp4"):
        ask(page, "words")
    wait_heard(page, "e.name === 'done'")
    for route in held:
        with contextlib.suppress(Error):  # the layer may have been given to another loop meanwhile
            route.continue_()
    page.unroute("**/clips/muse.mp4")
    page.evaluate("window.frames_seen = []")
    turns = "['idle', 'sway'].every((name) => window.frames_seen.some(([seen]) => seen === name))"
    page.wait_for_function(f"() => {turns}", timeout=60_000)
    seen = {name for name, _ in page.evaluate("window.frames_seen")}
    page.close()

    assert "muse" not in seen


def test_idle_loops_take_turns(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")

    for name in ("sway", "idle", "sway"):
        shows(page, name)
    page.close()


def test_an_answer_ends_in_the_idle_loop_not_in_thought(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    wait_heard(page, "e.name === 'idle'")

    ask(page, "film")
    shows(page, "generated")
    page.wait_for_function(f"() => ({SHOWS})('idle') || ({SHOWS})('sway')", timeout=60_000)
    assert not page.evaluate(SHOWS, "muse")
    page.close()


def test_who_asks_for_few_bytes_or_little_motion_gets_one_loop(browser: Browser, looping: Server) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_widget(page, f"{looping.url}/host?mode=inline")

    page.evaluate(TYPE, "When")
    expect_state(page, "listening")
    page.close()

    assert not [url for url in asked if "loops.js" in url or "nod" in url]


def test_a_new_session_shows_the_loops_of_its_own_presenter(browser: Browser, looping: Server) -> None:
    page = opened(browser, looping)
    shows(page, "sway")
    looping.hand.idle, looping.hand.loops = "other", {"thinking": LOOPS["thinking"]}

    page.evaluate("document.querySelector('greenroom-chat').reset()")
    shows(page, "other")
    expect_playing(page)
    ask(page, "never comes")
    shows(page, "muse")
    page.close()


def test_another_server_is_asked_for_its_own_loops(browser: Browser, looping: Server, clips: Path) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="no-preference", bypass_csp=True)
    open_widget(page, f"{looping.url}/host?mode=inline")
    shows(page, "sway")

    script = script_of(clips)
    with Server(lambda: script) as other:
        page.evaluate("(url) => document.querySelector('greenroom-chat').setAttribute('server', url)", other.url)
        page.wait_for_function(f"(url) => ({TOP_LAYER})().src === `${{url}}/clips/idle.mp4`", arg=other.url)
        shows(page, "sway")
        assert page.evaluate(f"({TOP_LAYER})().src").startswith(other.url)
        page.close()


def test_who_asks_before_the_greeting_has_come_is_told_that_she_thinks(browser: Browser, scripted: Server) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="no-preference")
    page.route("**/clips/greeting.mp4", lambda _: None)
    open_widget(page, f"{scripted.url}/host?mode=inline")

    ask(page, "words")
    wait_heard(page, "e.name === 'state' && e.state === 'thinking'")
    wait_heard(page, "e.name === 'done'")
    page.close()


@pytest.mark.parametrize("address", ["/host", "/host?mode=inline"])
def test_the_pill_does_not_say_listening_before_she_has_spoken(
    browser: Browser, scripted: Server, address: str
) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 640}, reduced_motion="no-preference")
    open_widget(page, f"{scripted.url}{address}")
    wait_heard(page, "e.name === 'idle'")
    ask(page, "When are you open?")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.clip === 'answer'")

    states = [event["state"] for event in heard(page, "state") if event["state"] != "connecting"]
    page.close()

    assert states[:4] == ["speaking", "listening", "thinking", "speaking"]


def test_what_shows_does_not_move_before_the_clip_with_another_face_is_there(
    browser: Browser, scripted: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.new_page(viewport={"width": 760, "height": 420}, reduced_motion="no-preference")
    open_widget(page, f"{scripted.url}/host?mode=inline")
    wait_heard(page, "e.name === 'idle'")
    page.evaluate(FRAMES)
    monkeypatch.setitem(FACE, "y", 0.45)
    monkeypatch.setitem(FACE, "height", 0.3)
    page.route("**/clips/answer.mp4", lambda route: (page.wait_for_timeout(800), route.continue_()))

    ask(page, "When are you open?")
    wait_heard(page, "e.name === 'playback' && e.event === 'started' && e.clip === 'answer'")
    seen = page.evaluate("window.frames_seen")
    page.close()

    before = {frame for clip_name, frame in seen if clip_name == "idle"}
    after = {frame for clip_name, frame in seen if clip_name == "answer"}
    assert len(before) == 1
    assert after
    assert before.isdisjoint(after)


def test_every_layer_has_the_frame_of_the_one_on_top(browser: Browser, looping: Server) -> None:
    """A wide stage has bands beside the picture: whatever lies below is seen there."""
    page = browser.new_page(viewport={"width": 759, "height": 420}, reduced_motion="no-preference")
    open_widget(page, f"{looping.url}/host?mode=inline")
    wait_heard(page, "e.name === 'idle'")

    page.wait_for_function(LOADED, arg="sway", timeout=60_000)
    frames = page.evaluate(FRAMED)
    page.close()

    assert len(frames) >= 2
    assert len(set(frames)) == 1, frames


LOADED = """(name) => [...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')]
  .some((video) => video.src.endsWith(`/clips/${name}.mp4`) && video.videoWidth > 0)"""
FRAMED = """() => [...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')]
  .filter((video) => video.videoWidth).map(({style}) => `${style.padding} ${style.objectPosition}`)"""
FRAMES = f"""() => {{
  window.frames_seen = [];
  const look = () => {{
    const video = ({TOP_LAYER})();
    const {{padding, objectPosition}} = video.style;
    window.frames_seen.push([video.src.split('/').at(-1).split('.')[0], `${{padding}} ${{objectPosition}}`]);
    requestAnimationFrame(look);
  }};
  requestAnimationFrame(look);
}}"""
