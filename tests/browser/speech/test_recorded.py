"""Recorded sound through the detector in the page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.servers import Server
from tests.browser.speech.sounds import LATENCY, QUESTION, RATE, click, cough, noise, spoken, write

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("level", [0.0, 0.003])
@pytest.mark.parametrize("text", [QUESTION, "Are you open on Sundays?", "Stop.", "How much is a ticket?"])
def test_the_first_voice_is_noticed_in_a_fifth_of_a_second_of_sound(
    page: Page, hearing: Server, sounds: Path, *, text: str, level: float
) -> None:
    """Judged by the sound's own time: pausing a video follows in the same task."""
    sound = spoken(text)
    body = sound + noise(len(sound) / RATE, level) if level else sound
    write(sounds / "latency.wav", noise(1.0, level) if level else 1.0, body, noise(1.5, level) if level else 1.5)
    page.goto(f"{hearing.url}/host")

    news = page.evaluate(LATENCY, ["/clips/latency.wav", 1.0])

    assert [name for name, _ in news][:1] == ["began"]
    assert [name for name, _ in news][-1] in {"ended", "nothing"}
    assert news[0][1] <= 0.2


def test_noise_that_goes_on_is_no_voice(page: Page, hearing: Server, sounds: Path) -> None:
    write(sounds / "latency.wav", 1.0, noise(3.0, 0.1), 1.0, cough(), 0.5, click(), 1.0)
    page.goto(f"{hearing.url}/host")

    assert page.evaluate(LATENCY, ["/clips/latency.wav", 0.0]) == []
