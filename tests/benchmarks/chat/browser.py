"""`make bench-chat`, the browser's half: from a question to the first frame of its answer on the stage.

    python -m tests.benchmarks.chat.browser docs/benchmarks/chat.md

One visible visitor in headless Chromium asks, while 0, 50 or 500 others talk to the same server over sockets. The clock
is the page's: it starts when the question is asked and stops when the answer's video has been raised with a frame.
"""

# ruff: noqa: T201 -- it is a command

import asyncio
import os
import random
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from websockets.asyncio.client import ClientConnection

from tests.benchmarks.chat.run import COMMAND, TITLE
from tests.benchmarks.page import put, quantile, taken
from tests.benchmarks.visitors import EXACT, OTHER, Heard, allow_many_sockets, arrive_all, ask, leave_all
from tests.browser.conftest import ARGS
from tests.support.sites import small_site

CROWDS = (0, 50, 500)
QUESTIONS = int(os.environ.get("GREENROOM_BENCH_QUESTIONS", "25"))
EVERY_S = 5.0

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
        return quantile(list(self.millis), share)


@contextmanager
def others(address: str, sessions: int) -> Iterator[None]:
    """So many visitors who go on asking, in a thread of their own, until the block ends."""
    ready, over = threading.Event(), threading.Event()

    async def everybody() -> None:
        lines = await arrive_all(address, sessions)
        talking = [asyncio.create_task(_talk(line, over)) for line in lines]
        ready.set()
        await asyncio.to_thread(over.wait)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await leave_all(lines)

    thread = threading.Thread(target=lambda: asyncio.run(everybody()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


async def _talk(line: ClientConnection, over: threading.Event) -> None:
    """Ask every five seconds, not all at the same time."""
    await asyncio.sleep(random.uniform(0, EVERY_S))
    for number in count():
        if over.is_set():
            return
        await ask(line, f"o{number}", random.choice(EXACT + OTHER), Heard())
        await asyncio.sleep(random.uniform(0.5, 1.5) * EVERY_S)


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
        for sessions in CROWDS:
            with others(address, sessions):
                for kept in (True, False):
                    print(
                        f"a browser beside {sessions} sessions, clip {'kept' if kept else 'fetched'} ...",
                        file=sys.stderr,
                    )
                    rows.append(Row(sessions, kept, asked(browser, address, kept=kept)))
        browser.close()
    return rows


def table(rows: list[Row], *, load: float) -> str:
    """The figures as the page has them."""
    head = (
        f"{taken(COMMAND, load=load)} Headless Chromium without a graphics card, composing and decoding on the cores "
        "that serve. Milliseconds from the question in the page to the moment the answer's video is on the "
        "stage with its first frame. *Kept*: the clip was prefetched or played before; *fetched*: it comes over the "
        "loopback network."
    )
    lines = ["## From the question to the first frame in a browser", "", head, ""]
    lines += ["| other sessions | clip | questions | p50 ms | p95 ms |", "|---|---|---|---|---|"]
    for row in rows:
        kind = "kept" if row.kept else "fetched"
        lines.append(f"| {row.others} | {kind} | {len(row.millis)} | {row.at(0.5):.0f} | {row.at(0.95):.0f} |")
    return "\n".join(lines)


def main(page: Path) -> None:
    """Film, serve, ask, write."""
    allow_many_sockets()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder))
        run = site.run("warm", timeout_s=600)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)
        with site.served() as address:
            text = table(measure(address), load=load)
    put(page, "browser", text, command=COMMAND, title=TITLE)
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
