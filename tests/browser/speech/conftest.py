"""Sounds beside the clips, and a server that hears."""

from pathlib import Path

import pytest

from app.conversation.visitor_speech.sound import MAX_SPEECH_S
from tests.browser.scenes import HOURS
from tests.browser.servers import Server
from tests.browser.speech.sounds import QUESTION, click, cough, hears, noisy, spoken, write


@pytest.fixture(scope="session")
def sounds(clip_folder: Path) -> Path:
    """Sounds beside the clips, where a page may fetch them."""
    write(clip_folder / "question.wav", 0.2, spoken(QUESTION), 1.2)
    write(clip_folder / "hers.wav", 0.2, noisy(spoken(HOURS), 15), 1.2)
    write(clip_folder / "cough.wav", 0.2, cough(), 1.0)
    write(clip_folder / "hm.wav", 0.2, cough(voiced_s=0.16), 1.0)
    write(clip_folder / "click.wav", 0.2, click(), 1.0)
    return clip_folder


@pytest.fixture
def hearing(scripted: Server, sounds: Path) -> Server:
    """A server that hears, always the same."""
    assert sounds.is_dir()
    scripted.hand.speech_s = MAX_SPEECH_S
    hears(scripted, QUESTION)
    return scripted
