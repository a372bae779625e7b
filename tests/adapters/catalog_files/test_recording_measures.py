"""Recordings are measured for speech: what is none is refused, with the file's name and what was measured."""

import asyncio
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from app.adapters.catalog_files.loader import load_catalog
from app.adapters.catalog_files.recordings import measured
from app.adapters.local.audio import RATE, decode, wav_bytes
from app.adapters.local.speech import LocalSpeech
from app.catalog.findings import Level
from app.rendering.ports import SpeechRequest
from app.runtime.settings.site import load_settings
from tests.support.catalogs import write_catalog

WORDS = "Welcome to the museum. Please keep your bags with you and enjoy the visit."
INTENT = f"title: Welcome\nphrases:\n  en: [Hello there]\nanswer:\n  en:\n    - {WORDS}\naudio:\n  en: [one.wav]\n"


@pytest.fixture(scope="module")
def spoken():
    voice = LocalSpeech(load_settings().models_dir.expanduser())
    return decode(asyncio.run(voice.speak(SpeechRequest(WORDS, "en", "default", 1.0))).wav)


def findings(folder: Path, samples) -> list[tuple[str, Level, str]]:
    sound = wav_bytes(np.clip(samples, -1, 1).astype(np.float32))
    catalog = write_catalog(folder, files={"visiting/welcome.yaml": INTENT, "visiting/one.wav": sound})
    found = load_catalog(catalog).findings
    return [(one.rule, one.level, one.message) for one in found if one.rule.startswith("recording")]


def noise(count: int, *, slope: float) -> np.ndarray:
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(count))
    shaped = np.fft.irfft(spectrum / (np.arange(len(spectrum)) + 1) ** slope, count)
    return shaped / np.abs(shaped).max()


def hum(count: int) -> np.ndarray:
    times = np.arange(count) / RATE
    return 0.3 * np.sin(2 * np.pi * 50 * times) + 0.1 * np.sin(2 * np.pi * 100 * times)


def test_a_good_recording_is_left_alone(tmp_path, spoken):
    assert findings(tmp_path, spoken) == []


@pytest.mark.parametrize(
    "changed",
    [
        lambda speech: 0.05 * speech,
        lambda speech: speech + 0.02 * noise(len(speech), slope=0.0),
        lambda speech: speech + 0.2 * hum(len(speech)),
        lambda speech: np.round(speech * 16) / 16,
        lambda speech: np.concatenate([np.zeros(RATE), speech, np.zeros(2 * RATE)]),
        lambda speech: noise(len(speech), slope=0.0) * np.sqrt(np.convolve(speech**2, np.ones(960) / 960, "same")),
    ],
    ids=["soft", "hissing", "humming", "coarse", "with pauses", "whispered"],
)
def test_a_poor_recording_is_still_speech(tmp_path, spoken, changed):
    assert findings(tmp_path, changed(spoken)) == []


@pytest.mark.parametrize(
    ("made", "rule", "told"),
    [
        (lambda speech: np.zeros(len(speech)), "recording-unreadable", "no sound (its loud parts are at -120 dB)"),
        (lambda speech: 0.001 * speech, "recording-unreadable", "no sound"),
        (lambda speech: 0.3 * noise(len(speech), slope=0.0), "recording-noise", "loudness varies by 1 dB"),
        (lambda speech: 0.9 * noise(len(speech), slope=0.5), "recording-noise", "a voice in 0% of it"),
        (lambda speech: hum(len(speech)), "recording-noise", "loudness varies by 0 dB"),
        (lambda speech: speech[: round(0.4 * RATE)], "recording-short", "Expected about 4.9 s for these words"),
    ],
    ids=["silence", "nearly silent", "hiss", "pink noise", "hum", "0.4 s for fourteen words"],
)
def test_what_is_no_speech_is_refused(tmp_path, spoken, made, rule, told):
    ((found, level, message),) = findings(tmp_path, made(spoken))

    assert (found, level) == (rule, Level.ERROR)
    assert "`one.wav`" in message
    assert told in message


def test_half_of_the_words_are_a_warning(tmp_path, spoken):
    ((rule, level, _),) = findings(tmp_path, spoken[: len(spoken) // 2])

    assert (rule, level) == ("recording-length", Level.WARNING)


def test_channels_that_cancel_are_told(tmp_path, spoken):
    stereo = np.stack([spoken, -spoken], 1)
    files = {"visiting/welcome.yaml": INTENT, "visiting/one.wav": _stereo(stereo)}
    catalog = write_catalog(tmp_path, files=files)

    (found,) = [one for one in load_catalog(catalog).findings if one.rule == "recording-unreadable"]

    assert found.message == "Expected speech, got `one.wav` whose two channels cancel each other out."
    assert measured(catalog / "visiting" / "one.wav").duration_s == pytest.approx(len(spoken) / RATE, abs=0.01)


def _stereo(samples: np.ndarray) -> bytes:
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    head = bytearray(wav_bytes(np.zeros(1, np.float32))[:44])
    head[22:24] = (2).to_bytes(2, "little")
    head[28:32] = (RATE * 4).to_bytes(4, "little")
    head[32:34] = (4).to_bytes(2, "little")
    head[4:8], head[40:44] = (36 + len(pcm)).to_bytes(4, "little"), len(pcm).to_bytes(4, "little")
    return bytes(head) + pcm


def test_a_recording_of_more_than_ten_minutes_is_refused(tmp_path):
    with wave.open(str(tmp_path / "long.wav"), "wb") as out:
        out.setparams((1, 1, 8000, 0, "NONE", ""))
        out.writeframes(bytes(601 * 8000))
    files = {"visiting/welcome.yaml": INTENT, "visiting/one.wav": (tmp_path / "long.wav").read_bytes()}

    (found,) = load_catalog(write_catalog(tmp_path / "catalog", files=files)).findings

    assert (found.rule, found.level) == ("recording-long", Level.ERROR)
    assert found.message == "Expected a recording of up to 10 minutes, got `one.wav` that is longer."


def test_memory_does_not_grow_with_the_recording(tmp_path, spoken):
    sound = tmp_path / "long.wav"
    sound.write_bytes(wav_bytes(np.tile(spoken, 300 * RATE // len(spoken))))

    tracemalloc.start()
    measures = measured(sound)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert measures is not None
    assert measures.voiced > 0.3
    assert peak < 200e6
