"""Sound of a spoken question: WAV, 16 bits, mono, 16 kHz; no decoder meets a stranger's bytes."""

import io
import struct
import wave
from dataclasses import dataclass, field

from app.errors import MediaError

RATE = 16_000
"""Samples a second: what recognisers are trained on."""

MAX_SPEECH_S = 20.0
"""Longest question: who speaks longer is asked to be brief, and a sound of silence costs little."""

MAX_SOUND_BYTES = int(MAX_SPEECH_S * RATE) * 2 + 4096
"""Longest body: the samples and a header with room for a few labels."""

_WANTED = "Expected a WAV file with 16 bits, one channel and 16,000 samples a second"


@dataclass(frozen=True, slots=True)
class SpokenQuestion:
    """Sound of one question: little-endian samples of 16 bits."""

    samples: bytes = field(repr=False)

    @property
    def seconds(self) -> float:
        """Length, silence included."""
        return len(self.samples) / 2 / RATE


def read_question(body: bytes) -> SpokenQuestion:
    """Read a WAV file.

    Raises:
        MediaError: it is of another form, too long, or empty.
    """
    try:
        with wave.open(io.BytesIO(body)) as file:
            shape = (file.getsampwidth(), file.getnchannels(), file.getframerate())
            samples = file.readframes(file.getnframes())
    except (
        wave.Error,
        EOFError,
        struct.error,
        OSError,
        RuntimeError,
    ) as error:  # the last: a seek behind a chunk's end
        raise MediaError(f"{_WANTED}, got something else ({error or 'it ends too early'}).") from error
    if shape != (2, 1, RATE):
        bits, channels, rate = shape[0] * 8, shape[1], shape[2]
        raise MediaError(f"{_WANTED}, got {bits} bits, {channels} channels, {rate} samples a second.")
    question = SpokenQuestion(samples[: len(samples) // 2 * 2])
    if not 0 < question.seconds <= MAX_SPEECH_S:
        raise MediaError(f"Expected at most {MAX_SPEECH_S:g} s of sound, got {question.seconds:.1f} s.")
    return question
