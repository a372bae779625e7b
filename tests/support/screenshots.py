"""Takes the pictures of the documentation: `python -m tests.support.screenshots docs/images`.

A real server plays real clips of the repository's own catalog, from its store (`GREENROOM_CACHE`, else `cache/`);
the few that are seen are filmed first if they are not there.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from app.runtime.settings.api_keys import KeyRole, new_key
from tests.browser.conftest import ARGS
from tests.browser.probes import TOP_LAYER, ask, expect_playing, follow_events, wait_heard
from tests.support.sites import Site

ROOT = Path(__file__).parents[2]
QUESTION = "What can children do here?"
SEEN = ("greeting", "idle", "family-trail")
"""Intents whose clips play on the pictures."""
MOST_BYTES = 350_000
SETTLED_MS = 400
MADE_UP_PAGE = "--disable-features=LocalNetworkAccessChecks"
"""A page that the browser was handed counts as the internet's, which may not open sockets to this computer."""
MOMENT_S = 4.0
"""Where in the answer the picture is taken: in the middle of a word."""
HOLD = """async ([video, at]) => {
  video.playbackRate = 0.0625;
  const there = new Promise((resolve) => video.addEventListener('seeked', resolve, {once: true}));
  video.currentTime = at;
  await there;
}"""

HOST_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Port Merrow</title>
<style>
body {{ margin: 0; font: 18px/1.6 Georgia, serif; color: #22302c; background: #f7f4ee; }}
nav {{ padding: 20px 88px; background: #17362f; color: #fff; font: 16px system-ui; }}
nav span {{ margin-right: 28px; }}
main {{ max-width: 38em; margin: 64px 0 0 88px; }}
h1 {{ font-size: 44px; line-height: 1.15; margin: 0 0 18px; }}
</style></head>
<body><nav><span>Port Merrow</span><span>See</span><span>Stay</span><span>Eat</span></nav>
<main><h1>A town that keeps its inventions</h1>
<p>Take tram number three to Lantern Quay and look for the yellow house. Inside are the machines that nobody asked for
and nobody has forgotten.</p><p>Plan an hour and a half, and bring the children: most of it may be touched.</p></main>
<script type="module" src="{server}/widget.js"></script><greenroom-chat name="Mira"></greenroom-chat></body></html>"""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the screen it is taken on."""

    name: str
    width: int = 1280
    height: int = 800
    scheme: str = "light"
    embedded: bool = False
    asks: bool = True


SHOTS = (
    Shot("demo-desktop"),
    Shot("demo-phone", 390, 844),
    Shot("demo-dark", scheme="dark"),
    Shot("widget-launcher", 1000, 600, embedded=True, asks=False),
    Shot("widget-open", embedded=True),
)


STUDIO = (
    (Shot("studio-try"), "try?text=when+can+i+come+on+a+sunday"),
    (Shot("studio-phone", 390, 844, scheme="dark"), "try?text=when+can+i+come+on+a+sunday"),
)
"""Pictures of the Studio, and the pages on them."""

KEY, KEPT = new_key("ada", KeyRole.OPERATOR)


def take_all(folder: Path) -> None:
    """Write every picture to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with _served() as server, _chromium() as browser:
        for shot in SHOTS:
            _write(folder, shot, _taken(browser, server, shot))
        for shot, place in STUDIO:
            _write(folder, shot, _in_the_studio(browser, server, shot, place))


def _write(folder: Path, shot: Shot, picture: bytes) -> None:
    path = folder / f"{shot.name}.png"
    path.write_bytes(_compressed(picture))
    sys.stdout.write(f"{path}  {path.stat().st_size // 1000} kB\n")


def _in_the_studio(browser: Browser, server: str, shot: Shot, place: str) -> bytes:
    context = _context(browser, shot)
    page = context.new_page()
    page.goto(f"{server}/studio/sign-in")
    page.get_by_label("API key").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Overview").wait_for()
    page.goto(f"{server}/studio/{place}")
    page.wait_for_timeout(SETTLED_MS)
    picture = page.screenshot()
    context.close()
    return picture


@contextmanager
def _served() -> Iterator[str]:
    """The sample's server, with the clips on the pictures filmed (or found in the store)."""
    with tempfile.TemporaryDirectory() as scratch:
        site = _Sample(Path(scratch))
        filmed = site.run("warm", *(f"--only={intent}" for intent in SEEN), timeout_s=600)
        if filmed.returncode:
            raise SystemExit(f"expected the clips of the pictures to be filmed, got: {filmed.stderr}")
        with site.node(GREENROOM_API_KEYS=KEPT.line) as node:
            yield node.address


class _Sample(Site):
    """The repository's own catalog and store, with a database aside."""

    @property
    def catalog(self) -> Path:
        return ROOT / "intents"

    @property
    def cache(self) -> Path:
        return Path(os.environ.get("GREENROOM_CACHE", ROOT / "cache"))


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("expected `chromium`, `chromium-browser` or `google-chrome` on PATH, got none; install one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGS, MADE_UP_PAGE])
        yield browser
        browser.close()


def _context(browser: Browser, shot: Shot) -> BrowserContext:
    return browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        is_mobile=shot.width < 500,
        has_touch=shot.width < 500,
    )


def _taken(browser: Browser, server: str, shot: Shot) -> bytes:
    context = _context(browser, shot)
    page = context.new_page()
    follow_events(page)
    _open(page, server, embedded=shot.embedded)
    if shot.asks:
        _stage_an_answer(page, shot)
    picture = page.screenshot()
    context.close()
    return picture


def _open(page: Page, server: str, *, embedded: bool) -> None:
    """The demo page, or a page of somebody else's that carries the launcher."""
    if not embedded:
        page.goto(server)
        wait_heard(page, "e.name === 'ready'")
        return

    def fulfil(route: Route) -> None:
        route.fulfill(body=HOST_PAGE.format(server=server), content_type="text/html")

    page.route(f"{server}/host", fulfil)
    page.goto(f"{server}/host")
    page.get_by_role("button", name="Ask Mira").wait_for()
    page.wait_for_timeout(SETTLED_MS)


def _stage_an_answer(page: Page, shot: Shot) -> None:
    if shot.embedded:
        page.get_by_role("button", name="Ask Mira").click()
        wait_heard(page, "e.name === 'ready'")
    ask(page, QUESTION)
    wait_heard(page, "e.name === 'speaking' && e.role === 'answer'")
    expect_playing(page)
    page.evaluate("document.querySelector('greenroom-chat').scrollIntoView({block: 'nearest', behavior: 'instant'})")
    page.evaluate("document.querySelector('greenroom-chat').shadowRoot.activeElement?.blur()")
    page.evaluate(HOLD, [page.evaluate_handle(TOP_LAYER), MOMENT_S])
    page.wait_for_timeout(SETTLED_MS)


def _compressed(picture: bytes) -> bytes:
    """The picture with as many colours, dithered, as fit into the limit."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    packed = b""
    for colours in (256, 128, 64):
        palette = image.quantize(colours, kmeans=1)
        stream = io.BytesIO()
        image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(stream, "PNG", optimize=True)
        packed = stream.getvalue()
        if len(packed) <= MOST_BYTES:
            break
    return packed


if __name__ == "__main__":
    take_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
