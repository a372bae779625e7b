"""Visitors heard by the real recogniser: words, noise, silence, and what is unsure."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from app.adapters.ears.visitors import VisitorRecogniser, _Guess
from app.adapters.local.speech import LocalSpeech
from app.conversation.visitor_speech.sound import RATE, SpokenQuestion
from app.rendering.ports import SpeechRequest

MODELS = Path("~/.cache/greenroom").expanduser()
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def recogniser() -> VisitorRecogniser:
    return VisitorRecogniser(MODELS, at_once=1)


def question(*parts: np.ndarray) -> SpokenQuestion:
    sound = np.clip(np.concatenate(parts), -1, 1)
    return SpokenQuestion((sound * 32767).astype("<i2").tobytes())


def spoken(text: str) -> np.ndarray:
    wav = asyncio.run(LocalSpeech(MODELS).speak(SpeechRequest(text, "en", "default", 1.0))).wav
    sound = np.frombuffer(wav[44:], "<i2") / 32768
    return sound[: len(sound) // 3 * 3].reshape(-1, 3).mean(axis=1)


def noise(seconds: float, level: float = 0.01) -> np.ndarray:
    return RNG.normal(0, level, int(seconds * RATE))


def test_a_question_is_heard_and_its_silences_are_told(recogniser):
    sound = question(noise(1.0, 0.001), spoken("Where can I park my car?"), noise(1.5, 0.001))

    heard = asyncio.run(recogniser.recognise(sound, "en"))

    assert heard.text == "Where can I park my car?"
    assert heard.confidence > 0.8
    assert 1.0 < heard.speech_s < 2.5
    assert 1.0 < heard.silence_s < 2.0


@pytest.mark.parametrize("sound", [noise(2.0), np.zeros(2 * RATE), noise(0.02)], ids=["noise", "silence", "click"])
def test_what_is_no_speech_has_no_words(recogniser, sound):
    heard = asyncio.run(recogniser.recognise(question(sound), "en"))

    assert (heard.text, heard.confidence, heard.speech_s) == ("", 0.0, 0.0)


def test_it_knows_languages_by_their_codes_once_it_is_loaded(recogniser):
    assert VisitorRecogniser(MODELS, at_once=1).languages == frozenset()

    asyncio.run(recogniser.load())

    assert {"en", "de", "es", "fr", "zh"} <= recogniser.languages


@pytest.mark.parametrize(
    ("text", "is_whole", "is_sound"),
    [
        ("Where can I park?", True, True),
        ("Where can I park? Where can I park? Where", True, False),
        ("Where can I park", False, False),
        ("No no", True, True),
    ],
)
def test_a_guess_that_repeats_itself_or_does_not_end_is_no_answer(text, is_whole, is_sound):
    assert _Guess(text, 0.9, 0.0, is_whole).is_sound is is_sound


def test_what_is_unsure_in_a_short_window_is_heard_in_the_whole_one(recogniser, monkeypatch):
    windows = []

    def guess(_sound, _language, window_s):
        windows.append(window_s)
        text, sure = ("Who was Clara Penrose?", 0.7) if window_s == 30 else ("Penros", 0.3)
        return _Guess(text, sure, 0.0, is_whole=True)

    monkeypatch.setattr(recogniser, "_guess", guess)

    heard = asyncio.run(recogniser.recognise(question(noise(0.5, 0.001), spoken("Who was Clara Penrose?")), "en"))

    assert heard.text == "Who was Clara Penrose?"
    assert windows == [8.0, 30.0]
