"""Media of a recorder: how long a sound is, and a real MP4 of that length."""

import io
import math
import wave
from functools import lru_cache

import av
import numpy as np

SIDE_PX = 128


def wav_seconds(data: bytes) -> float:
    """Length of a WAV file; 0 when it is none."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            return sound.getnframes() / sound.getframerate()
    except (wave.Error, EOFError):
        return 0.0


def frames_of(seconds: float, fps: int) -> int:
    """A video ends on a whole frame, at or after its sound."""
    return max(1, math.ceil(seconds * fps - 1e-6))


@lru_cache(maxsize=64)
def film(frames: int, fps: int) -> bytes:
    """An H.264 film with a hum, of so many frames."""
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        video.width = video.height = SIDE_PX
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=48_000)
        for number in range(frames):
            picture = np.full((SIDE_PX, SIDE_PX, 3), (number * 3) % 200 + 20, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
        samples = np.sin(np.arange(frames * 48_000 // fps) * 0.03).astype(np.float32)[None, :] * 0.2
        sound = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        sound.sample_rate = 48_000
        container.mux(audio.encode(sound))
        container.mux(audio.encode())
    return held.getvalue()


def spoken(seconds: float, pitch_hz: float) -> bytes:
    """A WAV file that rises and falls as speech does, different for each pitch."""
    rate = 24_000
    time_s = np.arange(int(seconds * rate)) / rate
    level = 0.35 + 0.25 * np.sin(2 * np.pi * 3.1 * time_s)
    samples = (np.sin(2 * np.pi * pitch_hz * time_s) * level * 32_000).astype("<i2")
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return held.getvalue()
