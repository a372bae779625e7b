"""The speech adapters against the simulators."""

import io
import wave
from decimal import Decimal

import av
import pytest
import stamina

from app.adapters.http.endpoint import Access
from app.adapters.speech.elevenlabs import ElevenLabsSpeech
from app.adapters.speech.openai import OpenAISpeech
from app.errors import LimitExceededError, OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError
from app.rendering.ports import SpeechRequest, Spoken, TimedSpan
from app.rendering.tariffs import CallKind, Tariff
from app.simulators.faults import Fault
from tests.support.simulated import simulators

TEXT = "We open at nine, every day."
VOICE = Tariff(CallKind.SPEECH, "elevenlabs", "eleven_multilingual_v2", Decimal(100))


def plain(sound: bytes, words: tuple[TimedSpan, ...]) -> Spoken:
    """Decoding alone; levelling has tests of its own."""
    with av.open(io.BytesIO(sound)) as opened:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        parts = [part for frame in opened.decode(audio=0) for part in resampler.resample(frame)]
    pcm = b"".join(part.to_ndarray().tobytes() for part in parts)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(pcm)
    return Spoken(buffer.getvalue(), len(pcm) / 96_000, words)


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


@pytest.fixture(params=["elevenlabs", "openai", "openai/v1", "kokoro"])
async def speech(request, simulated):
    stamina.set_testing(True)
    vendor = "elevenlabs" if request.param == "elevenlabs" else "openai"
    suffix = "/v1" if request.param == "openai/v1" else ""
    access = Access("key-secret", base_url=f"{simulated.url}/{vendor}{suffix}")
    made = {
        "elevenlabs": lambda: ElevenLabsSpeech(access, plain, VOICE),
        "openai": lambda: OpenAISpeech(access, plain, VOICE),
        "openai/v1": lambda: OpenAISpeech(access, plain, VOICE),
        "kokoro": lambda: OpenAISpeech(access, plain, VOICE, model="kokoro"),
    }[request.param]()
    yield made
    await made.aclose()
    stamina.set_testing(False)
    simulated.stage.faults.clear()


def _request(speech, text: str = TEXT) -> SpeechRequest:
    voice = "21m00Tcm4TlvDq8ikWAM" if speech.name == "elevenlabs" else "alloy"
    voice = "af_heart" if "kokoro" in speech.version else voice
    return SpeechRequest(text, locale="en", voice=voice, speed=1.0)


async def test_a_sentence_comes_as_sound_with_every_word_in_time(speech):
    spoken = await speech.speak(_request(speech))

    assert spoken.duration_s > 0.5
    assert [word.text.strip(",.") for word in spoken.words] == ["We", "open", "at", "nine", "every", "day"]
    assert all(0 <= word.start_s <= word.end_s <= spoken.duration_s + 0.1 for word in spoken.words)


async def test_what_the_service_counts_comes_with_the_sound(speech):
    spoken, used = await speech.speak_billed(_request(speech))

    assert spoken.duration_s > 0.5
    assert used.units_in == len(TEXT)
    assert bool(used.request_id) == ("kokoro" not in speech.version)


async def test_a_service_that_is_busy_is_for_later(speech, simulated):
    simulated.trouble(speech.name, Fault.RATE_LIMITED)

    with pytest.raises(ProviderUnavailableError):
        await speech.speak(_request(speech))


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.LOST_ANSWER, Fault.HTML_200])
async def test_an_answer_without_sound_may_be_billed(speech, simulated, fault):
    simulated.trouble(speech.name, fault)

    with pytest.raises((OutcomeUnknownError, ProviderUnavailableError)) as caught:
        await speech.speak(_request(speech))
    assert (caught.type is ProviderUnavailableError) == ("503" in str(caught.value))


async def test_a_bad_key_is_refused_and_not_told(speech, simulated):
    simulated.trouble(speech.name, Fault.UNAUTHORIZED, times=2)

    with pytest.raises(ProviderRefusedError) as caught:
        await speech.speak(_request(speech))

    assert caught.value.reason == "auth"
    assert "key-secret" not in str(caught.value)


async def test_too_many_words_are_refused_before_anything_is_sent(speech, simulated):
    simulated.trouble(speech.name, Fault.SERVER_ERROR, times=0)

    with pytest.raises(LimitExceededError):
        await speech.speak(_request(speech, "a" * 10_001))


def test_whatever_changes_the_sound_changes_the_version():
    access = Access("k")
    versions = {
        ElevenLabsSpeech(access, plain, VOICE).version,
        ElevenLabsSpeech(access, plain, VOICE, model="eleven_flash_v2_5").version,
        ElevenLabsSpeech(access, plain, VOICE, settings={"stability": 0.3}).version,
        OpenAISpeech(access, plain, VOICE).version,
        OpenAISpeech(access, plain, VOICE, model="tts-1-hd").version,
        OpenAISpeech(access, plain, VOICE, instructions="Slowly.").version,
    }

    assert len(versions) == 6


def test_the_sound_of_earlier_versions_is_not_paid_for_again():
    """The version is in every speech recipe: another text here would have every stored sentence spoken anew."""
    access = Access("k")

    assert ElevenLabsSpeech(access, plain, VOICE).version == "1/eleven_multilingual_v2/mp3_44100_128/plain"
    assert OpenAISpeech(access, plain, VOICE).version == "1/gpt-4o-mini-tts"
