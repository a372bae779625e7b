"""Films, sounds and pictures with damage: the child says what each is or refuses it, and lives on."""

import io
import random
import tempfile
import wave
from collections import Counter
from pathlib import Path

import av
import numpy as np
from PIL import Image

from app.adapters.media_guard.guard import MediaGuard
from app.adapters.media_guard.limits import Kind
from app.errors import MediaError
from tests.fuzz.readers.mutations import damaged

KINDS: tuple[Kind, ...] = ("film", "sound", "picture")


def judge_damaged(kind: Kind, files: int, seed: int) -> Counter[str]:
    """Let the guard look at so many; how many passed and how many were refused.

    `ended` counts looks whose process ended without a word: at a limit, or by a mistake of ours.
    """
    chance = random.Random(seed)
    counted: Counter[str] = Counter()
    good = GOOD[kind]()
    guard = MediaGuard()
    try:
        guard.facts(kind, good)
        child = guard._child
        for _ in range(files):
            try:
                head = chance.choice((48, 256, len(good)))
                guard.facts(kind, damaged(good[:head], [good], chance) + good[head:])
            except MediaError as error:
                counted["ended" if "looking at it takes" in str(error) else "refused"] += 1
            else:
                counted["passed"] += 1
            assert guard._child is child, "the child that forks was replaced"
    finally:
        guard.close()
    return counted


def _film() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4") as out:
            picture = out.add_stream("libx264", rate=25)
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
            for _ in range(6):
                out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
            out.mux(picture.encode(None))
        return path.read_bytes()


def _sound() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(b"\0\1" * 4_800)
    return buffer.getvalue()


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 160, 140)).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = {"film": _film, "sound": _sound, "picture": _picture}
