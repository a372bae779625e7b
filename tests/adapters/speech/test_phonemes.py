"""Phonemes of a catalog at the speech services: passed on where one takes them, else the word alone."""

from decimal import Decimal

import pytest

from app.adapters.http.endpoint import Access
from app.adapters.speech.elevenlabs import ElevenLabsSpeech
from app.adapters.speech.openai import OpenAISpeech
from app.adapters.speech.phonemes import phoneme_tags, untagged
from app.rendering.ports import SpeechRequest, Spoken
from app.rendering.tariffs import CallKind, Tariff

MARKED = "Ask [Siobhan](/ʃəˈvɔːn/) now."
TARIFF = Tariff(CallKind.SPEECH, "elevenlabs", "any", Decimal(100))
ACCESS = Access("key", base_url="http://localhost:1")
REQUEST = SpeechRequest(MARKED, "en", "a-voice", 1.0)


def level(sound, words):
    return Spoken(sound, 1.0, words)


@pytest.mark.parametrize("model", ["eleven_flash_v2", "eleven_turbo_v2"])
def test_elevenlabs_english_models_take_a_tag(model):
    body = ElevenLabsSpeech(ACCESS, level, TARIFF, model=model)._body(REQUEST)
    assert body["text"] == 'Ask <phoneme alphabet="ipa" ph="ʃəˈvɔːn">Siobhan</phoneme> now.'


@pytest.mark.parametrize("model", ["eleven_multilingual_v2", "eleven_v3", "eleven_flash_v2_5"])
def test_its_other_models_get_the_word(model):
    assert ElevenLabsSpeech(ACCESS, level, TARIFF, model=model)._body(REQUEST)["text"] == "Ask Siobhan now."


def test_kokoro_takes_the_phonemes_and_openai_the_word():
    assert OpenAISpeech(ACCESS, level, TARIFF, model="kokoro")._body(REQUEST)["input"] == MARKED
    assert OpenAISpeech(ACCESS, level, TARIFF)._body(REQUEST)["input"] == "Ask Siobhan now."


def test_a_quote_in_phonemes_is_escaped():
    assert phoneme_tags('[x](/a"b/)') == '<phoneme alphabet="ipa" ph=\'a"b\'>x</phoneme>'


def test_times_leave_the_tags_out():
    text = 'a <phoneme ph="x">b</phoneme> c'
    times = [float(at) for at in range(len(text))]
    alignment = {"characters": list(text), "character_start_times_seconds": times, "character_end_times_seconds": times}
    kept = untagged(alignment)
    assert "".join(kept["characters"]) == "a b c"
    assert kept["character_start_times_seconds"] == [
        0.0,
        1.0,
        float(text.index("b<")),
        float(text.index(" c")),
        len(text) - 1.0,
    ]


def test_times_that_do_not_fit_are_left_alone():
    assert untagged({"characters": ["a"], "character_start_times_seconds": []}) == {
        "characters": ["a"],
        "character_start_times_seconds": [],
    }
