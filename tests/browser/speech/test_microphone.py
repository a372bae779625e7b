"""A recording in Chromium's fake microphone, heard by the real recogniser.

In a module of its own: its browser is started with the recording, and a module has one Playwright.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from app.adapters.ears.visitors import VisitorRecogniser
from app.adapters.ears.whisper import is_installed
from app.conversation.visitor_speech.sound import read_question
from app.runtime.settings.site import load_settings
from tests.browser.conftest import ARGS, PATIENCE_MS
from tests.browser.probes import ask, expect_state, heard, open_widget, wait_heard
from tests.browser.scenes import HOURS
from tests.browser.servers import Server
from tests.browser.speech.sounds import HANDS, QUESTION, noise, noisy, spoken, write

pytestmark = pytest.mark.browser


@pytest.fixture
def kiosk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page of a Chromium without recogniser, whose microphone is a recording of the sentence in the parameter."""
    sentence = noisy(spoken(request.param), 15)
    write(tmp_path / "microphone.wav", noise(1.5, 0.003), sentence, noise(30.0, 0.003))
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.skip("needs Chromium")
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    fake += [f"--use-file-for-fake-audio-capture={tmp_path / 'microphone.wav'}%noloop"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*ARGS, *fake])
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script("delete window.SpeechRecognition; delete window.webkitSpeechRecognition;")
        yield page
        chromium.close()


@pytest.fixture(scope="module")
def ears() -> VisitorRecogniser:
    """The recogniser of the site."""
    if not is_installed():
        pytest.skip("the extra `ears` is not installed")
    return VisitorRecogniser(load_settings().models_dir.expanduser(), at_once=1)


def _really(server: Server, ears: VisitorRecogniser) -> None:
    async def words_of(body: bytes) -> str:
        return (await ears.recognise(read_question(body), "en")).text

    server.hand.hears = words_of


def _listening(kiosk: Page, server: Server) -> None:
    open_widget(kiosk, f"{server.url}/host")
    kiosk.get_by_role("button", name="Ask aloud").click()
    kiosk.get_by_role("button", name=HANDS).click()


@pytest.mark.parametrize("kiosk", [QUESTION], indirect=True)
def test_a_question_spoken_into_the_microphone_is_understood(
    ears: VisitorRecogniser, hearing: Server, kiosk: Page
) -> None:
    _really(hearing, ears)

    _listening(kiosk, hearing)

    wait_heard(kiosk, f"e.name === 'ask' && e.via === 'voice' && e.text === '{QUESTION}'")
    expect_state(kiosk, "speaking")


@pytest.mark.parametrize("kiosk", [HOURS], indirect=True)
def test_her_words_in_the_microphone_are_no_question(ears: VisitorRecogniser, hearing: Server, kiosk: Page) -> None:
    """As loud as a visitor, and without anything that cancels the echo: the words alone tell."""
    _really(hearing, ears)
    _listening(kiosk, hearing)

    ask(kiosk, "hours")

    wait_heard(kiosk, "e.name === 'barge-in' && e.event === 'echo'")
    wait_heard(kiosk, "e.name === 'playback' && e.turn === 't1' && e.event === 'ended'")
    assert len(heard(kiosk, "ask")) == 1
