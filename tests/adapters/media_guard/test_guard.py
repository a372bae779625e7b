"""Media that others made are judged in a child with limits before anything decodes them.

All inputs are harmless: small files that claim too much, or have a little too much.
"""

import io
import os
import struct
import subprocess
import sys
import wave
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from app.adapters.local.audio import decode
from app.adapters.local.portraits import outgoing_portrait
from app.adapters.media.pyav import PyavMediaTools
from app.adapters.media_guard.guard import MediaGuard, MediaTooLongError
from app.adapters.media_guard.limits import sound_format
from app.errors import MediaError, PortraitError


@pytest.fixture(scope="module")
def guard():
    guard = MediaGuard()
    yield guard
    guard.close()


def a_film(path: Path, *, size=(64, 48), step=1, frames=4, sounds=1, sound_rate=48_000) -> Path:
    """A tiny film; `step` is the time between two pictures in seconds at one picture a second."""
    with av.open(str(path), "w", format="mp4") as out:
        picture = out.add_stream("libx264", rate=1)
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        voices = [out.add_stream("aac", rate=sound_rate) for _ in range(sounds)]
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8))
            frame.pts = number * step
            out.mux(picture.encode(frame))
        for voice in voices:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts = sound_rate, 0
            out.mux(voice.encode(silence))
            out.mux(voice.encode(None))
        out.mux(picture.encode(None))
    return path


def a_wav(*, rate=48_000, seconds=0.1, channels=1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"\0\0" * int(rate * seconds) * channels)
    return buffer.getvalue()


def a_png_that_claims(width: int, height: int) -> bytes:
    """A header without a picture behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_fine_film_is_measured(guard, tmp_path):
    facts = guard.facts("film", a_film(tmp_path / "film.mp4"))

    assert (facts["width"], facts["height"], facts["format"]) == (64, 48, "mp4")
    assert facts["video"]["packets"] == 4
    assert facts["audio"]["codec"] == "aac"


@pytest.mark.parametrize(
    ("film", "says"),
    [({"size": (4112, 16)}, "4112x16"), ({"step": 700}, "longer than"), ({"sounds": 9}, "10 tracks")],
    ids=["dimensions", "seconds", "streams"],
)
def test_a_film_over_a_limit_is_refused(guard, tmp_path, film, says):
    with pytest.raises(MediaError, match=says):
        guard.facts("film", a_film(tmp_path / "film.mp4", **film))


def test_what_is_too_long_is_told_apart(guard, tmp_path):
    with pytest.raises(MediaTooLongError):
        guard.facts("film", a_film(tmp_path / "film.mp4", step=700))


@pytest.mark.parametrize(
    "content",
    [b"", b"junk", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", b"ffconcat version 1.0\nfile other.mp4\n"],
    ids=["empty", "junk", "playlist", "list of files"],
)
@pytest.mark.parametrize("kind", ["film", "sound", "picture"])
def test_another_format_under_the_name_is_refused(guard, tmp_path, kind, content):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaError):
        guard.facts(kind, path)


def test_a_pipe_is_refused_and_nobody_waits(guard, tmp_path):
    pipe = tmp_path / "film.mp4"
    os.mkfifo(pipe)

    with pytest.raises(MediaError, match="no file"):
        guard.facts("film", pipe)


def test_a_device_is_refused(guard):
    with pytest.raises(MediaError, match="no file"):
        guard.facts("sound", Path("/dev/zero"))


def test_a_picture_that_claims_too_many_pixels_is_refused(guard):
    with pytest.raises(MediaError, match="20000x20000"):
        guard.facts("picture", a_png_that_claims(20_000, 20_000))
    with pytest.raises(PortraitError, match="20000x20000"):
        outgoing_portrait(a_png_that_claims(20_000, 20_000))


def test_a_picture_of_another_kind_is_refused(guard):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "TIFF")

    with pytest.raises(MediaError):
        guard.facts("picture", buffer.getvalue())


@pytest.mark.parametrize("content", [a_wav(rate=1, seconds=4), a_wav(rate=400_000, seconds=0.01), a_wav(channels=9)])
def test_sound_of_an_extreme_rate_or_many_channels_is_refused(guard, content):
    with pytest.raises(MediaError):
        guard.facts("sound", content)
    with pytest.raises(MediaError):
        decode(content)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"\0\0\0\x18ftypM4A ", "mp4"),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90", "mp3"),
        (b"\xff\xf1\x50", "aac"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"#EXTM3U", None),
        (b"", None),
    ],
)
def test_sounds_are_known_by_their_first_bytes(head, name):
    assert sound_format(head) == name


async def test_the_probe_of_vendors_films_is_the_guards(tmp_path):
    with pytest.raises(MediaError, match="Expected a playable MP4"):
        await PyavMediaTools().probe(a_film(tmp_path / "film.mp4", sounds=9))


def test_a_child_that_was_killed_is_started_again(guard, tmp_path):
    film = a_film(tmp_path / "film.mp4")
    guard.facts("film", film)
    guard._child.kill()
    guard._child.wait()

    assert guard.facts("film", film)["video"]["packets"] == 4


_TRIES = {
    "memory": "bytearray(2 << 30) and {'facts': {}}",
    "files": "[open('/dev/null') for _ in range(64)] and {'facts': {}}",
    "writing": "open(path, 'wb', 0).write(b'x') and {'facts': {}}",
    "time": "time.sleep(600)",
}


@pytest.mark.parametrize("what", _TRIES)
def test_a_look_that_takes_too_much_ends_alone(tmp_path, what):
    """In place of a look there is one that takes what a limit forbids; the server lives and says so."""
    script = (
        "import time\nfrom app.adapters.media_guard import child\nchild.WALL_S = 1.0\n"
        f"child.verdict_on = lambda kind, path: {_TRIES[what]}\n"
        f"print(child.answer('film', {str(tmp_path / 'x')!r}))\nprint('lives')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)

    assert "'refused'" in done.stdout
    assert done.stdout.endswith("lives\n")


def test_a_track_in_a_codec_that_nobody_knows_is_refused_as_that(guard, tmp_path):
    film = a_film(tmp_path / "film.mp4")
    film.write_bytes(film.read_bytes().replace(b"avc1", b"none"))

    with pytest.raises(MediaError, match="codec that is not known"):
        guard.facts("film", film)
