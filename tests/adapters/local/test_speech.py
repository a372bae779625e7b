from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.adapters.local.audio import decode, loudness
from app.adapters.local.speech import LocalSpeech, Utterance, Voice, check_graph, speak
from app.errors import ProviderRefusedError, SettingsError
from app.rendering.ports import SpeechRequest

from .conftest import SENTENCES


def test_the_same_words_sound_the_same(voice: Voice):
    first, second = voice.speak("Good morning."), voice.speak("Good morning.")

    assert np.array_equal(first.samples, second.samples)
    assert first.phones == second.phones


def test_faster_is_shorter(voice: Voice):
    slow, fast = (
        speak(voice, "The tower is closed today.", speed=0.8),
        speak(voice, "The tower is closed today.", speed=1.4),
    )

    assert fast.duration_s < 0.75 * slow.duration_s


def test_every_written_word_has_its_time_in_order(utterances: list[Utterance]):
    said = utterances[0]

    starts = [w.start_s for w in said.words]

    assert [w.text for w in said.words] == SENTENCES[0].split()
    assert starts == sorted(starts)
    assert 0 <= starts[0] < 0.4
    assert said.words[-1].end_s <= said.duration_s + 0.01


def test_numbers_are_one_written_word(voice: Voice):
    said = speak(voice, "It costs 1,250 pounds until 9:30 today.")

    assert [w.text for w in said.words] == ["It", "costs", "1,250", "pounds", "until", "9:30", "today."]


def test_phonemes_follow_each_other_without_overlap(utterances: list[Utterance]):
    phones = utterances[1].phones

    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(phones))
    assert {p.text for p in phones} >= {"f", "p", "b"}


def test_lips_meet_where_the_sound_dips(voice: Voice):
    said = speak(voice, "A map, a map, a map.")
    level = np.convolve(said.samples**2, np.ones(960) / 960, "same")

    stops = [level[int(48000 * (p.start_s + p.end_s) / 2)] for p in said.phones if p.text == "p"]
    vowels = [level[int(48000 * (p.start_s + p.end_s) / 2)] for p in said.phones if p.text == "æ"]

    assert len(stops) == 3
    assert np.median(stops) < 0.2 * np.median(vowels)


def test_sound_is_trimmed_and_levelled(utterances: list[Utterance]):
    said = utterances[0]

    assert loudness(said.samples) == pytest.approx(-16, abs=0.6)
    assert np.abs(said.samples).max() <= 10 ** (-1.5 / 20) + 1e-4
    assert np.abs(said.samples[:480]).max() < 0.02


async def test_the_port_returns_a_wav_and_its_times():
    spoken = await LocalSpeech(Path()).speak(SpeechRequest("Hello there.", "en-GB", "default", 1.0))

    assert spoken.wav[:4] == b"RIFF"
    assert len(decode(spoken.wav)) / 48000 == pytest.approx(spoken.duration_s, abs=0.001)
    assert [w.text for w in spoken.words] == ["Hello", "there."]


@pytest.mark.parametrize(
    ("text", "locale", "voice_id", "speed", "said"),
    [
        ("Hallo.", "de", "default", 1.0, "English"),
        ("Hello.", "en", "emma", 1.0, "emma"),
        ("Hello.", "en", "default", 9.0, "speed"),
        ("?!", "en", "default", 1.0, "words"),
        ("", "en", "default", 1.0, "words"),
    ],
)
async def test_what_cannot_be_spoken_is_refused(text: str, locale: str, voice_id: str, speed: float, said: str):
    with pytest.raises(ProviderRefusedError, match=said):
        await LocalSpeech(Path()).speak(SpeechRequest(text, locale, voice_id, speed))


def test_another_graph_is_refused_with_the_way_out():
    with pytest.raises(SettingsError, match=r"hibari-tts==0\.2\.1"):
        check_graph(b"another version")
