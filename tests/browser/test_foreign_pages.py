"""Pages of somebody else with rules, shortcuts and frames of their own: they and it keep apart."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.probes import ask, follow_events, wait_heard
from tests.browser.scripted_server import Script
from tests.browser.servers import Server
from tests.browser.test_bindings import CHAT, INSIDE, show

pytestmark = pytest.mark.browser

HOSTILE = """<style>
  * { all: unset; }
  body > * { position: relative; margin: 30px; padding: 10px; font: inherit; }
  html { font: italic 40px/3 cursive; color: lime; text-transform: uppercase; letter-spacing: .2em; word-spacing: 1em;
    text-indent: 40px; white-space: pre; text-align: right; text-shadow: 2px 2px red; cursor: crosshair; hyphens: auto;
    line-break: anywhere; word-break: break-all; font-variant: small-caps; list-style: square; user-select: none;
    -webkit-text-stroke: 1px red; tab-size: 20; font-size-adjust: 2; caret-color: red; }
</style>"""

LOOKS = """() => {
  const look = (node) => {
    const style = getComputedStyle(node);
    const names = [...style].filter((name) => !name.startsWith('--'));
    return [node.className, ...names.map((name) => name + ': ' + style[name])];
  };
  return [...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('.root, .root *')].map(look);
}"""


def looks(page: Page, head: str, attributes: str, server: str) -> list[list[str]]:
    """Every computed style of every part of the widget on a page with this head."""
    show(page, f"<greenroom-chat name='Mira' {attributes}></greenroom-chat>{head}", module=server)
    wait_heard(page, "e.name === 'idle'")
    page.mouse.move(1, 1)
    page.wait_for_timeout(300)
    found: list[list[str]] = page.evaluate(LOOKS)
    return found


@pytest.mark.parametrize("attributes", ["open", "mode=inline"])
def test_no_rule_of_the_page_reaches_the_widget(page: Page, scripted: Server, attributes: str) -> None:
    plain = looks(page, "<style>body { margin: 0; }</style>", attributes, scripted.url)
    page.unroute_all()

    hostile = looks(page, HOSTILE, f"{attributes} id=another", scripted.url)

    # Where an inline widget stands is the page's affair; so are all sizes that follow from its width.
    sizes = (
        "width",
        "height",
        "size",
        "inset",
        "origin",
        "top",
        "bottom",
        "left",
        "right",
        "perspective",
        "grid-template",
    )
    sizes = sizes if attributes != "open" else ()
    differ = {
        (before[0], one, two)
        for before, after in zip(plain, hostile, strict=True)
        for one, two in zip(before, after, strict=True)
        if one != two and not any(word in one.split(":")[0] for word in sizes)
    }
    assert differ == set()
    assert len(plain) > 30


BANNER = (
    "<style>body { transform: translateZ(0); height: 4000px; overflow: hidden; filter: blur(0); contain: paint; }"
    " .banner { position: fixed; inset: 0; z-index: 2147483647; background: #ffd; }</style><div class='banner'></div>"
)


def at_launcher(page: Page) -> str:
    """Name what lies in the window's corner, where the launcher belongs."""
    return str(page.evaluate("document.elementFromPoint(innerWidth - 50, innerHeight - 45)?.localName ?? 'nothing'"))


def test_transforms_and_layers_of_the_page_do_not_move_or_cover_it(page: Page, scripted: Server) -> None:
    show(page, f"{BANNER}<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    expect(page.get_by_role("button", name="Ask Mira")).to_be_visible()

    assert at_launcher(page) == "greenroom-chat"
    page.evaluate("window.scrollTo(0, 1500)")
    assert at_launcher(page) == "greenroom-chat"
    page.get_by_role("button", name="Ask Mira").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box
    assert (round(box["x"] + box["width"]), round(box["y"] + box["height"])) == (1260, 780)
    page.evaluate(f"() => {{ const chat = {CHAT}; chat.remove(); document.body.prepend(chat); }}")
    assert page.evaluate(f"{INSIDE}.querySelector('.root').matches(':popover-open')")


def test_a_page_may_still_have_it_among_its_own_layers(page: Page, scripted: Server) -> None:
    layer = "<style>greenroom-chat { --greenroom-z: 5; } .banner { position: fixed; inset: 0; z-index: 6; }</style>"
    body = f"{layer}<div class='banner'></div><greenroom-chat name='Mira'></greenroom-chat>"
    show(page, body, module=scripted.url)
    page.wait_for_function(f"() => {CHAT}.shadowRoot")

    assert at_launcher(page) == "div"
    page.evaluate("document.querySelector('.banner').style.zIndex = 4")
    assert at_launcher(page) == "greenroom-chat"


SHORTCUTS = """<script>
  window.keys = [];
  for (const type of ['keydown', 'keypress', 'keyup', 'paste', 'beforeinput', 'input', 'copy'])
    document.addEventListener(type, (event) => {
      window.keys.push(type);
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
      if (event.key === 's' || event.key === '/') event.preventDefault(), (document.title = 'search opened');
    });
</script>"""


def test_the_pages_shortcuts_do_not_eat_what_is_typed(page: Page, scripted: Server) -> None:
    show(page, f"{SHORTCUTS}<greenroom-chat name='Mira'></greenroom-chat>", module=scripted.url)
    page.get_by_role("button", name="Ask Mira").press("Enter")
    box = page.locator("greenroom-chat").get_by_role("textbox")
    expect(box).to_be_focused()
    page.evaluate("window.keys.length = 0")

    page.keyboard.type("is / shop?")

    expect(box).to_have_value("is / shop?")
    assert (page.title(), page.evaluate("window.keys")) == ("Host", [])
    page.keyboard.press("Escape")  # the greeting
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ask Mira")).to_be_focused()
    page.keyboard.type("/")
    assert page.title() == "search opened", "on the launcher, as on any button, the page's shortcuts hold"


COMPOSE = """(box, [key, keyCode, isComposing]) => {
  const way = {bubbles: true, composed: true, cancelable: true};
  box.dispatchEvent(new KeyboardEvent('keydown', {key, keyCode, isComposing, ...way}));
}"""


def test_keys_belong_to_the_input_method_while_it_composes(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat name='Mira' open></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'idle'")
    box = page.locator("greenroom-chat").get_by_role("textbox")
    box.fill("こんにちは")

    for pressed in (["Enter", 13, True], ["Enter", 229, False], ["Escape", 27, True], ["Escape", 229, False]):
        box.evaluate(COMPOSE, pressed)

    expect(box).to_have_value("こんにちは")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not page.evaluate("window.heard.some(({name}) => name === 'ask')")
    box.evaluate(COMPOSE, ["Enter", 13, False])
    wait_heard(page, "e.name === 'ask' && e.text === 'こんにちは'")


def test_a_keyboard_that_names_no_keys_can_send(page: Page, scripted: Server) -> None:
    show(page, "<greenroom-chat name='Mira' open></greenroom-chat>", module=scripted.url)
    wait_heard(page, "e.name === 'ready'")
    box = page.locator("greenroom-chat").get_by_role("textbox")
    box.fill("hours")

    box.evaluate(COMPOSE, ["Unidentified", 229, False])
    box.evaluate(
        "(box) => box.dispatchEvent(new InputEvent('beforeinput', {inputType: 'insertLineBreak', cancelable: true}))"
    )

    wait_heard(page, "e.name === 'ask' && e.text === 'hours'")
    box.fill("two")
    box.press("Shift+Enter")
    expect(box).to_have_value("two\n")


@pytest.mark.parametrize("way", ["Enter", "Send"])
def test_a_sandboxed_frame_without_forms_can_ask(page: Page, scripted: Server, way: str) -> None:
    inside = f"<script type=module src={scripted.url}/widget.js></script>"
    inside += "<greenroom-chat mode=inline name=Mira></greenroom-chat>"
    frame = f"<iframe sandbox='allow-scripts' style='width: 600px; height: 700px' srcdoc='{inside}'></iframe>"
    show(page, frame)
    talk = page.frame_locator("iframe")
    expect(talk.get_by_role("button", name="Watch again")).to_be_visible()  # the greeting is there
    talk.get_by_role("textbox").fill("hours")

    if way == "Enter":
        talk.get_by_role("textbox").press("Enter")
    else:
        talk.get_by_role("button", name="Send").click()

    expect(talk.locator(".turn.avatar .said").last).to_contain_text("from ten until six")
    expect(talk.locator("a.card")).to_be_visible()


class Prefixed:
    """An app behind a proxy that takes a path off, as `location /chat/ { proxy_pass http://app/; }` does."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path.startswith("/chat/"):
            scope = {**scope, "path": path.removeprefix("/chat"), "raw_path": path.removeprefix("/chat").encode()}
        elif scope["type"] != "lifespan":
            scope = {**scope, "path": "/nowhere", "raw_path": b"/nowhere"}
        await self.app(scope, receive, send)


@pytest.fixture
def prefixed(clip_folder: Path) -> Iterator[Server]:
    """A scripted server that lives under `/chat/` only."""

    def make() -> Any:
        script = Script(clip_folder)
        return SimpleNamespace(app=Prefixed(script.app), hand=script.hand)

    with Server(make) as server:
        yield server


@pytest.mark.parametrize(
    ("head", "attributes"),
    [
        ("<script type='module' src='{server}/chat/widget.js'></script>", ""),
        ("<base href='{server}/chat/elsewhere/'><script type='module' src='../widget.js'></script>", ""),
        ("<base href='{server}/odd/'><script type='module' src='/chat/widget.js'></script>", "server='../chat'"),
    ],
    ids=["path", "base", "base-and-server"],
)
def test_behind_a_path_everything_works(page: Page, prefixed: Server, head: str, attributes: str) -> None:
    body = f"{head}<greenroom-chat mode='inline' name='Mira' {attributes}></greenroom-chat>"
    show(page, body.format(server=prefixed.url))
    wait_heard(page, "e.name === 'idle'")

    ask(page, "hours")

    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1' && e.at_s > 0")
    card = page.locator("greenroom-chat a.card")
    base = page.evaluate("document.baseURI")
    assert card.evaluate("(link) => link.href") == page.evaluate("(base) => new URL('/visit', base).href", base)


def test_the_readable_modules_do_the_same(page: Page, scripted: Server) -> None:
    follow_events(page)
    show(page, "<greenroom-chat mode='inline' name='Mira'></greenroom-chat>")
    page.add_script_tag(url=f"{scripted.url}/widget/modules.js", type="module")

    wait_heard(page, "e.name === 'idle'")
    ask(page, "hours")
    wait_heard(page, "e.name === 'playback' && e.event === 'ended' && e.turn === 't1'")
