"""A visitor's ways through the widget in Firefox, WebKitGTK and WPE WebKit: `make test-engines`.

Not among the other tests, because the browsers are packages of Debian (`docs/contributing/tests.md` names them). A
browser that is missing is skipped and named, unless `GREENROOM_ENGINES` says that it must be there. Pictures go to the
folder that `GREENROOM_ENGINE_PICTURES` names.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.browser.conftest import clip_folder, scripted
from tests.browser.scenes import HELLO, HOURS
from tests.browser.servers import Server
from tests.engines.engines import ENGINES, Engine, MissingError
from tests.engines.site import Site

__all__ = ["clip_folder", "scripted"]

CHAT = "document.querySelector('greenroom-chat')"
INSIDE = f"{CHAT}.shadowRoot"
TOP = (
    f"[...{INSIDE}.querySelectorAll('video')].reduce((a, b) => Number(b.style.zIndex) > Number(a.style.zIndex) ? b : a)"
)
WANTED = os.environ.get("GREENROOM_ENGINES", "").split()
PICTURES = os.environ.get("GREENROOM_ENGINE_PICTURES")


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One browser for all journeys."""
    try:
        with ENGINES[request.param]() as browser:
            yield browser
    except MissingError as missing:
        (pytest.fail if request.param in WANTED else pytest.skip)(f"{request.param} needs {missing}")


@pytest.fixture
def site() -> Iterator[Site]:
    """Somebody's site."""
    with Site() as one:
        yield one


def open_page(
    engine: Engine, site: Site, server: Server, attributes: str = "", *, css: str = "", before: str = ""
) -> None:
    """Go to a page with the widget and wait until it is there."""
    element = f"<greenroom-chat name='Mira' {attributes}></greenroom-chat>"
    engine.run("try { sessionStorage.clear(); } catch {}")  # else it opens as it was left on the page before
    engine.go(site.show(before + element, server=server.url, css=css))
    engine.wait(f"!!{CHAT}.shadowRoot?.querySelector('.launcher')")


def launch(
    engine: Engine, site: Site, server: Server, attributes: str = "", *, css: str = "", before: str = ""
) -> None:
    """Open the floating widget by a click, and wait for the line."""
    open_page(engine, site, server, attributes, css=css, before=before)
    engine.click(".launcher")
    heard(engine, "e.name === 'ready'")


def heard(engine: Engine, condition: str) -> None:
    """Wait until an event `e` fulfils a condition."""
    try:
        engine.wait(f"heard.some((e) => {condition})")
    except TimeoutError as error:
        raise TimeoutError(f"{error}; heard: {engine.run('return heard;')}") from None


def ask(engine: Engine, text: str) -> None:
    """Type a question and press Enter."""
    engine.click(".input")
    engine.type(text + "\ue007")


def moves(engine: Engine, *, loop: bool) -> None:
    """Wait until the video on top is the idle loop or a clip, and goes on."""
    engine.wait(
        f"(({{ loop, paused, readyState }}) => loop === {str(loop).lower()} && !paused && readyState >= 2)({TOP})"
    )
    at_s = engine.run(f"return {TOP}.currentTime;")
    engine.wait(f"{TOP}.currentTime !== {at_s}")


def picture(engine: Engine, name: str) -> None:
    """Keep a picture where they are wanted."""
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{engine.name}-{name}.png").write_bytes(engine.picture())


def style(engine: Engine, selector: str, name: str) -> str:
    """What a part of the widget looks like."""
    return str(engine.run(f"return getComputedStyle({INSIDE}.querySelector('{selector}')).{name};"))


def no_faults(engine: Engine) -> None:
    """Hold that no error reached the page."""
    assert engine.run("return faults;") == []


def test_a_visitor_is_greeted_asks_and_is_answered(engine: Engine, scripted: Server, site: Site) -> None:
    open_page(engine, site, scripted)
    assert style(engine, ".launcher", "backgroundColor") == "rgb(23, 98, 79)"
    picture(engine, "launcher")

    engine.click(".launcher")

    heard(engine, "e.name === 'speaking' && e.role === 'greeting'")
    moves(engine, loop=False)
    engine.wait(f"{INSIDE}.querySelector('.cue').textContent.length > 0")
    assert engine.run(f"return {TOP}.muted;") is False
    picture(engine, "greeting")
    heard(engine, "e.name === 'idle'")
    assert engine.run(f"return {CHAT}.transcript[0].text;") == HELLO
    ask(engine, "hours please")
    heard(engine, "e.name === 'speaking' && e.role === 'answer'")
    moves(engine, loop=False)
    engine.wait(f"{INSIDE}.querySelector('.said:not(.pending)') && {INSIDE}.querySelector('a.card')")
    picture(engine, "answer")
    heard(engine, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 2.5")
    moves(engine, loop=True)
    assert engine.run(f"return {CHAT}.transcript.slice(-2).map(({{ text }}) => text);") == ["hours please", HOURS]
    chips = engine.run(f"return [...{INSIDE}.querySelectorAll('.chip')].map((chip) => chip.textContent);")
    assert chips == ["Tickets and prices"]
    picture(engine, "after")
    no_faults(engine)


def test_a_chip_asks_and_captions_can_be_put_out(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")
    engine.click(".chip")

    heard(engine, "e.name === 'speaking' && e.turn === 't1'")
    engine.wait(f"{INSIDE}.querySelector('.cue').getClientRects().length && {INSIDE}.querySelector('.cue').textContent")
    engine.click(".captions-button")
    engine.wait(f"{INSIDE}.querySelector('.cue').getClientRects().length === 0")
    assert engine.run(f"return {INSIDE}.querySelector('.captions-button').getAttribute('aria-pressed');") == "false"


def test_sound_that_is_refused_is_told_and_comes_by_a_click(engine: Engine, scripted: Server, site: Site) -> None:
    open_page(engine, site, scripted, "mode='inline'")
    heard(engine, "e.name === 'idle'")

    engine.run(f"{CHAT}.mute(false); {CHAT}.ask('hours');")

    heard(engine, "e.name === 'speaking' && e.turn === 't1'")
    moves(engine, loop=False)
    told = engine.run("return heard.filter((e) => e.name === 'mute').map((e) => e.muted);")
    assert told == ([False] if "autoplay rules" in engine.lacks else [False, True])
    if told[-1]:
        assert engine.run(f"return [...{INSIDE}.querySelectorAll('video')].every((video) => video.muted);")
        engine.click(".sound")
    engine.wait(f"!{TOP}.muted && !{TOP}.paused")
    heard(engine, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 2.5")
    no_faults(engine)


def test_a_line_that_breaks_is_taken_up_where_it_was(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")
    ask(engine, "hours")
    heard(engine, "e.name === 'speaking' && e.turn === 't1'")

    assert httpx2.post(f"{scripted.url}/_script/drop").json() == {"dropped": 1}

    heard(engine, "e.name === 'ready' && e.resumed")
    heard(engine, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 2.5")
    moves(engine, loop=True)
    assert scripted.hand.starts == ["new", "resume"]


def test_a_server_that_is_away_is_told_and_the_question_kept(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")
    scripted.stop()
    heard(engine, "e.name === 'connection' && e.state === 'waiting'")

    ask(engine, "hours")
    engine.wait(f"{INSIDE}.querySelector('.notice').textContent.includes('Connection lost')")
    picture(engine, "lost")
    scripted.start()

    heard(engine, "e.name === 'speaking' && e.role === 'answer'")
    asked = [one for one in scripted.hand.seen if one["type"] == "input.text"]
    assert [one["text"] for one in asked] == ["hours"]
    engine.wait(f"{INSIDE}.querySelector('.notice').hidden")


def test_the_language_is_switched(engine: Engine, scripted: Server, site: Site) -> None:
    scripted.hand.locales = ("en", "de")
    launch(engine, site, scripted)
    engine.wait(f"{INSIDE}.querySelectorAll('option').length === 2")

    engine.run(
        f"const list = {INSIDE}.querySelector('select'); list.value = 'de'; list.dispatchEvent(new Event('change'));"
    )

    engine.wait(f"{INSIDE}.querySelector('.input').placeholder === 'Frage stellen'")
    engine.wait(f"{INSIDE}.querySelector('.disclosure').textContent === 'Mira, AI (de)'")
    no_faults(engine)


@pytest.mark.parametrize("size", [(1280, 800), (844, 390), (450, 700)])
def test_it_fits_into_any_window(engine: Engine, scripted: Server, site: Site, size: tuple[int, int]) -> None:
    width, height = size
    if "resizing" not in engine.lacks:
        engine.resize(width, height)
    launch(engine, site, scripted)
    engine.wait(f"{INSIDE}.querySelectorAll('.chip').length > 0")
    parts = f"['.panel', '.stage', '.input', '.send', '.close'].map((name) => {INSIDE}.querySelector(name))"
    outside = (
        f"{parts}.map((part) => part.getBoundingClientRect()).filter((box) => !box.width || !box.height || box.left < 0"
    )
    outside += " || box.top < -0.5 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5).length"
    picture(engine, f"{width}x{height}")

    engine.wait(f"({outside}) === 0")
    assert engine.run("return document.documentElement.scrollWidth <= innerWidth;")
    if "resizing" not in engine.lacks:
        engine.resize(1280, 800)


RESETS = (
    "* { all: unset; font: inherit } body > * { position: relative } body { letter-spacing: 4px; text-indent: 3em; "
)
RESETS += (
    "text-transform: uppercase; white-space: pre; font: italic 30px serif; color: red } style, script { display: none }"
)


def test_rules_of_the_page_do_not_reach_it(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    parts = (".panel", ".said", ".input", ".chip", ".close")
    names = (
        "fontSize",
        "fontStyle",
        "textTransform",
        "letterSpacing",
        "whiteSpace",
        "color",
        "padding",
        "borderRadius",
    )
    engine.wait(f"{INSIDE}.querySelector('.said:not(.pending)') && {INSIDE}.querySelector('.chip')")
    plain = [style(engine, part, name) for part in parts for name in names]

    with Site() as other:
        launch(engine, other, scripted, css=RESETS)
    engine.wait(f"{INSIDE}.querySelector('.said:not(.pending)') && {INSIDE}.querySelector('.chip')")

    picture(engine, "resets")
    assert [style(engine, part, name) for part in parts for name in names] == plain
    box = f"{INSIDE}.querySelector('.panel').getBoundingClientRect()"
    assert engine.run(f"return [innerWidth - {box}.right, innerHeight - {box}.bottom];") == [20, 20]


def test_no_transform_and_no_layer_of_the_page_covers_it(engine: Engine, scripted: Server, site: Site) -> None:
    if "popovers" in engine.lacks:
        pytest.xfail("without popovers a transformed page carries the widget with it; the docs say so")
    css = "body { transform: translateX(0); height: 4000px }"
    css += "div { position: fixed; inset: 0; z-index: 2147483647; background: #fff }"
    launch(engine, site, scripted, css=css, before="<div></div>")

    heard(engine, "e.name === 'speaking'")
    assert (
        engine.run("return document.elementFromPoint(innerWidth - 60, innerHeight - 60)?.localName;")
        == "greenroom-chat"
    )


def test_taken_out_and_put_back_while_it_speaks_it_goes_on(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")
    ask(engine, "hours")
    heard(engine, "e.name === 'speaking' && e.turn === 't1'")

    engine.run(f"window.chat = {CHAT}; chat.remove(); setTimeout(() => document.body.append(chat), 300);")

    heard(engine, "e.name === 'ready' && e.resumed")
    moves(engine, loop=True)
    ask(engine, "hours")
    heard(engine, "e.name === 'speaking' && e.turn === 't2'")
    moves(engine, loop=False)
    no_faults(engine)


def test_stopped_within_the_first_frames_she_is_not_frozen(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")

    engine.run(
        f"{CHAT}.addEventListener('greenroom:speaking', () => setTimeout(() => {CHAT}.stop(), 60), {{ once: true }});"
        f"{CHAT}.ask('hours');"
    )

    heard(engine, "e.name === 'speaking' && e.turn === 't1'")
    moves(engine, loop=True)
    assert engine.run(f"return {CHAT}.state;") == "listening"


def test_a_long_question_grows_the_box_and_escape_closes(engine: Engine, scripted: Server, site: Site) -> None:
    launch(engine, site, scripted)
    heard(engine, "e.name === 'idle'")
    engine.click(".input")

    engine.type("a rather long question " * 6)

    assert (
        engine.run(f"const box = {INSIDE}.querySelector('.input'); return box.scrollHeight - box.clientHeight;") <= 24
    )
    assert engine.run(f"return {INSIDE}.querySelector('.input').offsetHeight;") > 90
    picture(engine, "long-question")
    engine.type("\ue00c")
    heard(engine, "e.name === 'close'")
    assert engine.run(f"return {INSIDE}.activeElement.className;") == "launcher"
