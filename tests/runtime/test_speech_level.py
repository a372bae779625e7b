"""What voices deliver is finished the same way, whoever speaks."""

import numpy as np
import pytest

from app.adapters.local import audio
from app.adapters.local.audio import RATE, TARGET_LUFS, loudness
from app.rendering.ports import TimedSpan
from app.runtime.wiring.providers import level


def delivered(*, quiet_s: float, spoken_s: float, gain: float) -> bytes:
    """Silence, a voice-like sound, silence."""
    at = np.arange(round(spoken_s * RATE)) / RATE
    spoken = gain * np.sin(2 * np.pi * 220 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    silence = np.zeros(round(quiet_s * RATE))
    return audio.wav_bytes(np.concatenate([silence, spoken, silence]).astype(np.float32))


@pytest.mark.parametrize("gain", [0.02, 0.9])
def test_sound_is_trimmed_and_levelled_and_its_words_move_along(gain):
    words = (TimedSpan("Hello", 1.0, 1.5), TimedSpan("there.", 1.5, 4.0))

    spoken = level(delivered(quiet_s=1.0, spoken_s=2.0, gain=gain), words)

    samples = audio.decode(spoken.wav)
    assert spoken.duration_s == pytest.approx(2.24, abs=0.05)
    assert loudness(samples) == pytest.approx(TARGET_LUFS, abs=0.6)
    assert np.abs(samples).max() <= 10 ** (-1.5 / 20) + 0.001
    assert spoken.words[0].start_s == pytest.approx(0.12, abs=0.03)
    assert spoken.words[1].end_s == spoken.duration_s
