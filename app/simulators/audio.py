"""Audio encoding: mono samples to any format of the providers."""

import io
import wave
from collections.abc import Callable

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_CODECS = {
    "mp3": ("libmp3lame", "mp3", "fltp"),
    "opus": ("libopus", "ogg", "flt"),
    "aac": ("aac", "adts", "fltp"),
    "flac": ("flac", "flac", "s16"),
}
_OPUS_RATE = 48_000
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "ulaw": "audio/basic",
    "alaw": "audio/x-alaw-basic",
}
"""Content-Type of each format."""


def encode(samples: Samples, rate: int, codec: str, *, bitrate: int = 128_000) -> bytes:
    """Encode mono samples; formats have the names of OpenAI and ElevenLabs."""
    raw: dict[str, Callable[[Samples, int], bytes]] = {
        "pcm": lambda sound, _: pcm16(sound).tobytes(),
        "wav": wav,
        "ulaw": lambda sound, _: _g711(sound, "pcm_mulaw", "mulaw"),
        "alaw": lambda sound, _: _g711(sound, "pcm_alaw", "alaw"),
    }
    if codec in raw:
        return raw[codec](samples, rate)
    name, container, layout = _CODECS[codec]
    return _encode(samples, rate, (name, container, layout), bitrate)


def pcm16(samples: Samples) -> npt.NDArray[np.int16]:
    """Convert to little-endian 16 bit."""
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")


def wav(samples: Samples, rate: int) -> bytes:
    """Make a RIFF file, mono, 16 bit."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm16(samples).tobytes())
    return buffer.getvalue()


def _g711(samples: Samples, codec: str, container: str) -> bytes:
    return _encode(samples, 8_000, (codec, container, "s16"), 64_000)


def _encode(samples: Samples, rate: int, kind: tuple[str, str, str], bitrate: int) -> bytes:
    codec, container, layout = kind
    target = _OPUS_RATE if codec == "libopus" else rate
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=target)
        stream.bit_rate = bitrate
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=layout, layout="mono", rate=target, frame_size=stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return buffer.getvalue()
