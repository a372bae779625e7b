"""Promises of every recogniser: it hears what is said, off the event loop, and says what it cannot decode."""

from pathlib import Path

import pytest

from app.adapters.ears.whisper import WhisperRecogniser, is_installed
from app.adapters.local.speech import LocalSpeech
from app.errors import MediaError
from app.rendering.fakes import FakeRecogniser
from app.rendering.media.hearing.ear import Recogniser
from app.rendering.ports import SpeechRequest
from app.runtime.settings.site import load_settings

SAID = "We are open on Monday."

needs_ears = pytest.mark.skipif(not is_installed(), reason="the extra `ears` is not installed")


@pytest.fixture(params=["fake", pytest.param("whisper", marks=[needs_ears, pytest.mark.long])])
def recogniser(request: pytest.FixtureRequest, tmp_path: Path) -> Recogniser:
    return FakeRecogniser(SAID) if request.param == "fake" else WhisperRecogniser(tmp_path)


@pytest.fixture
async def sound(tmp_path: Path) -> Path:
    spoken = await LocalSpeech(load_settings().models_dir.expanduser()).speak(SpeechRequest(SAID, "en", "default", 1.0))
    wav = tmp_path / "sound.wav"
    wav.write_bytes(spoken.wav)
    return wav


@pytest.mark.parametrize("carefully", [False, True])
async def test_it_hears_the_words(recogniser, sound, carefully):
    heard = await recogniser.hear(sound, "en", carefully=carefully)

    assert heard.lower().rstrip(".") == SAID.lower().rstrip(".")
    assert recogniser.name


async def test_what_is_no_sound_is_told(recogniser, tmp_path):
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")

    with pytest.raises(MediaError, match=r"empty\.wav"):
        await recogniser.hear(empty, "en")
