"""`make bench-chat`, the browser's half: from a question to the first frame of its answer on the stage.

    python -m tests.benchmarks.chat.browser docs/benchmarks/chat.md

One visible visitor in headless Chromium asks, while 0, 50 or 500 others talk to the same server over sockets. The clock
is the page's: it starts when the question is asked and stops when the answer's video has been raised with a frame.
"""

import asyncio
import os
import platform
import random
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from websockets.exceptions import ConnectionClosed

from tests.benchmarks.chat.run import EXACT, OTHER, Crowd, opened, visit
from tests.browser.conftest import ARGS
from tests.support.sites import small_site

START, END = "<!-- browser: written by make bench-chat -->", "<!-- browser: end -->"
CROWDS = (0, 50, 500)
QUESTIONS = int(os.environ.get("GREENROOM_BENCH_QUESTIONS", "40"))
PAUSE_S = (2.5, 7.5)

ASK = """(text) => new Promise((resolve) => {
  const chat = document.querySelector('greenroom-chat');
  const asked = performance.now();
  const see = ({ detail }) => {
    if (detail.event !== 'started' || !detail.turn) return;
    chat.removeEventListener('greenroom:playback', see);
    resolve(performance.now() - asked);
    chat.stop();
  };
  chat.addEventListener('greenroom:playback', see);
  chat.ask(text);
})"""


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds of one crowd, with or without the clip in the browser's cache."""

    others: int
    kept: bool
    millis: tuple[float, ...]

    def at(self, share: float) -> float:
        """A quantile."""
        return sorted(self.millis)[min(len(self.millis) - 1, int(share * len(self.millis)))]


@contextmanager
def others(address: str, count: int) -> Iterator[None]:
    """So many visitors who go on asking, in a thread of their own, until the block ends."""
    ready, over = threading.Event(), threading.Event()

    async def one(gate: asyncio.Semaphore) -> None:
        async with gate:
            line = await opened(address)
        while not over.is_set():
            with suppress(ConnectionClosed):
                await visit(line, Crowd(count, 1, PAUSE_S), (random.choice(EXACT + OTHER),), [])

    async def everybody() -> None:
        gate = asyncio.Semaphore(20)
        tasks = [asyncio.create_task(one(gate)) for _ in range(count)]
        await asyncio.sleep(PAUSE_S[1] if count else 0)
        ready.set()
        await asyncio.to_thread(over.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(everybody()), daemon=True)
    thread.start()
    ready.wait()
    yield
    over.set()
    thread.join(60)


def asked(browser: Browser, address: str, *, kept: bool) -> tuple[float, ...]:
    """Ask in a fresh profile; the first question is not counted, since it opens connections."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    if not kept:
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(address)
    page.wait_for_function("() => document.querySelector('greenroom-chat').state === 'listening'")
    millis = []
    for number in range(QUESTIONS + len(EXACT)):
        millis.append(page.evaluate(ASK, EXACT[number % len(EXACT)]))
        page.wait_for_function("() => document.querySelector('greenroom-chat').state === 'listening'")
        page.wait_for_timeout(300)
    context.close()
    return tuple(millis[len(EXACT) :])


def measure(address: str) -> list[Row]:
    """Every crowd, from the browser's cache and from the network."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("expected `chromium`, `chromium-browser` or `google-chrome` on PATH, got none; install one.")
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        for count in CROWDS:
            with others(address, count):
                rows += [Row(count, kept, asked(browser, address, kept=kept)) for kept in (True, False)]
        browser.close()
    return rows


def table(rows: list[Row]) -> str:
    """The figures as the page has them."""
    head = (
        f"`make bench-chat`, {datetime.now(UTC).date()}, Python {platform.python_version()}, {os.cpu_count()} cores "
        f"({platform.machine()}), headless Chromium without a graphics card, composing and decoding on the cores "
        "that serve. Milliseconds from the question in the page to the moment the answer's video is on the "
        "stage with its first frame. *Kept*: the clip was prefetched or played before; *fetched*: it comes over the "
        "loopback network."
    )
    lines = [START, "## From the question to the first frame in a browser", "", head, ""]
    lines += ["| other sessions | clip | questions | p50 ms | p95 ms |", "|---|---|---|---|---|"]
    for row in rows:
        kind = "kept" if row.kept else "fetched"
        lines.append(f"| {row.others} | {kind} | {len(row.millis)} | {row.at(0.5):.0f} | {row.at(0.95):.0f} |")
    return "\n".join([*lines, END])


def write(page: Path, text: str) -> None:
    """Put the section in its place, others stay as they are."""
    page.parent.mkdir(parents=True, exist_ok=True)
    before = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks of the chat\n"
    section = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    after = section.sub(lambda _: text, before) if section.search(before) else f"{before.rstrip()}\n\n{text}\n"
    page.write_text(after, encoding="utf-8")


def main(page: Path) -> None:
    """Film, serve, ask, write."""
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder))
        run = site.run("warm", timeout_s=600)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)
        with site.served() as address:
            text = table(measure(address))
    write(page, text)
    print(text)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
