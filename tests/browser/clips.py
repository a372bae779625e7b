"""Small real clips for the scripted server: H.264, AAC and faststart like the shipped ones, drawn in a second."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

SIZE, FPS, RATE = 320, 25, 48000
LENGTHS_S = {"short": 0.4, "idle": 2.0, "greeting": 2.0, "answer": 3.0, "holding": 4.0, "generated": 3.0, "long": 4.0}
COLOURS = {
    "short": "#e0cfa0",
    "idle": "#9fb8b0",
    "greeting": "#a9c4d6",
    "answer": "#d8c39a",
    "holding": "#c9b3d9",
    "generated": "#d9a7a0",
    "long": "#b9c9a0",
}


def write_clips(folder: Path) -> None:
    """Write `<name>.mp4` and `<name>.jpg` for each name, and `broken.mp4`, which is none."""
    for name, seconds in LENGTHS_S.items():
        frames = list(_frames(COLOURS[name], round(seconds * FPS)))
        frames[0].save(folder / f"{name}.jpg")
        _write(folder / f"{name}.mp4", frames, tone_hz=None if name == "idle" else 220)
    (folder / "broken.mp4").write_bytes(b"not a film " * 100)


def _frames(colour: str, count: int) -> Iterator[Image.Image]:
    for i in range(count):
        image = Image.new("RGB", (SIZE, SIZE), colour)
        draw = ImageDraw.Draw(image)
        draw.ellipse((90, 50, 230, 220), fill="#f0d2b6")
        mouth = 4 + 8 * abs(np.sin(i / 3))
        draw.ellipse((140, 175 - mouth, 180, 175 + mouth), fill="#8a3f42")
        draw.rectangle((0, SIZE - 8, SIZE * (i + 1) / count, SIZE), fill="#203530")
        # Noise fills the long one: a browser plays nothing of a file before it has tens of kilobytes.
        yield Image.blend(image, _noise(i % 4), 0.3) if colour == COLOURS["long"] else image


@cache
def _noise(_number: int) -> Image.Image:
    return Image.effect_noise((SIZE, SIZE), 90).convert("RGB")


def _write(path: Path, frames: list[Image.Image], *, tone_hz: int | None) -> None:
    with av.open(str(path), "w", options={"movflags": "faststart"}) as film:
        video = film.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "profile": "high"})
        video.width = video.height = SIZE
        video.pix_fmt = "yuv420p"
        audio = film.add_stream("aac", rate=RATE, layout="mono") if tone_hz else None
        for image in frames:
            film.mux(video.encode(av.VideoFrame.from_image(image)))
        film.mux(video.encode())
        if audio and tone_hz:
            sound = av.AudioFrame.from_ndarray(_tone(len(frames) / FPS, tone_hz), format="fltp", layout="mono")
            sound.sample_rate, sound.time_base, sound.pts = RATE, Fraction(1, RATE), 0
            film.mux(audio.encode(sound))
            film.mux(audio.encode())


def _tone(seconds: float, hertz: int) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (0.05 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)[None]
