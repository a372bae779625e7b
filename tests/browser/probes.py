"""What a visitor would see of the widget, asked of the page."""

from playwright.sync_api import Page, expect

TOP_LAYER = """() => [...document.querySelector('greenroom-chat').shadowRoot.querySelectorAll('video')]
  .reduce((top, video) => Number(video.style.zIndex) > Number(top.style.zIndex) ? video : top)"""

FRAME = """(video) => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 32, height: 32});
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 32, 32);
  const pixels = pen.getImageData(0, 0, 32, 32).data;
  return pixels.filter((_, i) => i % 4 !== 3).reduce((sum, part) => sum + part, 0) / (32 * 32 * 3);
}"""


def expect_state(page: Page, state: str, *, timeout_s: float = 60) -> None:
    """Wait until the presenter listens, thinks or speaks."""
    expect(page.locator("greenroom-chat")).to_have_attribute("state", state, timeout=timeout_s * 1000)


def ask(page: Page, text: str) -> None:
    """Type a question and press Enter."""
    box = page.locator("greenroom-chat textarea.input:visible")
    box.fill(text)
    box.press("Enter")


def expect_playing(page: Page) -> None:
    """Hold that the video on top moves on and shows a picture that is not black."""
    video = page.evaluate_handle(TOP_LAYER)
    before = page.evaluate("(video) => video.currentTime", video)
    page.wait_for_function(
        "([video, before]) => video.currentTime !== before && video.readyState >= 2", arg=[video, before]
    )
    assert page.evaluate(FRAME, video) > 16, "the frame on the stage is black"


def follow_events(page: Page) -> None:
    """Keep the widget's events in `window.heard`, from before the page's own scripts run."""
    names = [
        "ready",
        "connection",
        "state",
        "ask",
        "answer",
        "done",
        "handover",
        "speaking",
        "idle",
        "playback",
        "feedback",
        "link",
    ]
    names += ["mute", "open", "close", "voice", "barge-in", "ending", "error"]
    page.add_init_script(
        f"window.heard = []; for (const name of {names}) document.addEventListener('greenroom:' + name,"
        " (event) => window.heard.push({name, ...event.detail}));"
    )


def heard(page: Page, name: str) -> list[dict[str, object]]:
    """The details of every event of one name so far."""
    return page.evaluate("(name) => window.heard.filter((event) => event.name === name)", name)  # type: ignore[no-any-return]


def wait_heard(page: Page, condition: str, *, timeout_s: float = 60) -> None:
    """Wait until an event `e` fulfils a JavaScript condition."""
    page.wait_for_function(f"() => window.heard.some((e) => {condition})", timeout=timeout_s * 1000)


def open_widget(page: Page, address: str) -> None:
    """Go to a page with the widget and wait for the line; a launcher is clicked first."""
    follow_events(page)
    page.goto(address)
    launcher = page.locator("greenroom-chat").get_by_role("button", name="Ask Mira")
    if "/host" in address and "mode=inline" not in address:
        launcher.click()
    wait_heard(page, "e.name === 'ready'")


def answers(page: Page) -> list[str]:
    """What the presenter has answered so far, in words."""
    return page.locator("greenroom-chat .turn.avatar .said").all_text_contents()
