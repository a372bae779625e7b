"""The system's Chromium, pages that may not complain, and the scripted server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.clips import write_clips
from tests.browser.scripted_server import Script
from tests.browser.servers import Server

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGS += ["--disable-component-update", "--disable-sync", "--mute-audio"]
# A page that the browser was handed counts as the internet's, which may not open sockets to this computer.
ARGS += ["--disable-features=LocalNetworkAccessChecks"]

PATIENCE_MS = 60_000
"""How long something expected may take on a busy machine."""


def chromium_path() -> str | None:
    """Where the system's Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; its absence fails in CI and skips elsewhere.

    A module's, not the session's: its event loop would be in the way of the asynchronous tests that come after.
    """
    path = chromium_path()
    if not path:
        missing = "browser tests need `chromium`, `chromium-browser` or `google-chrome` on PATH: none is there"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGS)
        expect.set_options(timeout=PATIENCE_MS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile on a desktop screen."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="no-preference")
    fresh.set_default_timeout(PATIENCE_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay clean: violations of the content security policy land there."""
    page, problems = context.new_page(), []
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert problems == []


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips for the scripted server."""
    folder = tmp_path_factory.mktemp("clips")
    write_clips(folder)
    return folder


@pytest.fixture
def scripted(clip_folder: Path) -> Iterator[Server]:
    """A scripted server: its `url`, the stagehand (`hand`) that tells what it saw, and a switch."""
    with Server(lambda: Script(clip_folder)) as server:
        yield server
