import io
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.local.audio import CEILING_DB, RATE, decode, loudness, normalise, resample, trim, wav_bytes
from app.errors import MediaError


def tone(seconds: float, level: float = 0.3, hertz: float = 997.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def test_a_full_scale_tone_reads_minus_three_lufs():
    assert loudness(tone(5, 1.0)) == pytest.approx(-3.01, abs=0.05)  # the standard's own check, 997 Hz mono


def test_silence_reads_the_floor():
    assert loudness(np.zeros(RATE, np.float32)) == -70


def test_quiet_and_loud_end_up_alike():
    quiet, loud = normalise(tone(3, 0.01)), normalise(tone(3, 0.9))

    assert loudness(quiet) == pytest.approx(-16, abs=0.2)
    assert loudness(loud) == pytest.approx(-16, abs=0.2)


def test_peaks_stay_under_the_ceiling():
    spiky = tone(3, 0.02)
    spiky[::9000] = 0.9

    out = normalise(spiky)

    assert np.abs(out).max() <= 10 ** (CEILING_DB / 20) + 1e-6


def test_silence_is_cut_at_both_ends():
    noise = np.random.default_rng(1).normal(0, 1e-4, RATE).astype(np.float32)

    kept, cut_s = trim(np.concatenate([noise, tone(1), noise]))

    assert len(kept) / RATE == pytest.approx(1.24, abs=0.05)
    assert cut_s == pytest.approx(0.88, abs=0.03)


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.zeros(10, np.float32)])
def test_nothing_to_hear_is_refused(samples: np.ndarray):
    with pytest.raises(MediaError):
        trim(samples)


@given(st.integers(min_value=1, max_value=20_000))
@settings(max_examples=20, deadline=None)
def test_a_wav_comes_back_as_it_went(length: int):
    samples = tone(length / RATE)

    back = decode(wav_bytes(samples))

    assert len(back) == len(samples)
    assert np.abs(back - samples).max() < 1e-4


@pytest.mark.parametrize("rate", [48_000, 24_000, 44_100, 8_000])
def test_a_plain_wav_is_read_as_ffmpeg_reads_it(tmp_path, rate: int):
    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.sin(np.arange(2 * rate) / 7) * 12_000).astype("<i2").tobytes())

    assert np.array_equal(decode(file.read_bytes()), decode(file))


def test_a_wav_that_does_not_know_its_length_is_read_to_its_end():
    streamed = bytearray(wav_bytes(np.full(RATE, 0.25, np.float32)))
    streamed[4:8] = streamed[40:44] = b"\xff\xff\xff\xff"

    assert len(decode(bytes(streamed))) == RATE


def test_a_wav_is_mono_48_khz_16_bit():
    with wave.open(io.BytesIO(wav_bytes(tone(0.5))), "rb") as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (1, 48_000, 2)


def test_resampling_keeps_length_and_pitch():
    source = np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000).astype(np.float32)

    out = resample(source, from_rate=24_000)

    assert len(out) == pytest.approx(48_000, abs=64)
    assert np.abs(np.fft.rfft(out[:48_000])).argmax() == pytest.approx(440, abs=1)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all"])
def test_what_is_no_sound_is_refused(content: bytes):
    with pytest.raises(MediaError):
        decode(content)


def test_what_was_judged_is_still_only_decoded_as_a_format_that_is_taken():
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(8 * RATE))
    content = out.getvalue()
    assert len(decode(content, judged=True)) == 2 * RATE

    for other in (b"#EXTM3U\n#EXTINF:1,\nother.wav\n", b".snd" + content):
        with pytest.raises(MediaError, match="a format that is not taken"):
            decode(other, judged=True)
