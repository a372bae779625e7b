"""Child process that looks at media: a server that forks for each file, and the look itself, under limits.

The server imports the decoders once; a fork of it takes about a millisecond. Each fork looks at one file with an
address space, processor time, open files and written bytes of its own, and dies with whatever that file does to it.
Lines of JSON come in, lines of JSON go out.
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from PIL import Image, UnidentifiedImageError

from app.adapters.media_guard.limits import (
    CPU_S,
    MEMORY_BYTES,
    MOST_BYTES,
    MOST_CHANNELS,
    MOST_PACKETS,
    MOST_PIXELS,
    MOST_RATE,
    MOST_SECONDS,
    MOST_SIDE,
    MOST_STREAMS,
    OPEN_FILES,
    PICTURES,
    SOUND_RATES,
    TOO_LONG,
    WALL_S,
    sound_format,
)

_HEAD_BYTES = 64


class Refused(Exception):  # noqa: N818 - it is a verdict
    """Verdict on a file that is not to be decoded."""


def look(kind: str, path: str) -> dict[str, Any]:
    """Return the facts of a file that may be decoded.

    Raises:
        Refused: it may not.
    """
    file = Path(path)
    if not file.is_file():
        raise Refused("it is no file")
    size = file.stat().st_size
    if size > MOST_BYTES[kind]:
        raise Refused(f"it has more than {MOST_BYTES[kind] >> 20} MB")
    if kind == "picture":
        return _picture(file)
    with file.open("rb") as opened:
        name = "mp4" if kind == "film" else sound_format(opened.read(_HEAD_BYTES))
    if name is None:
        raise Refused("it is no sound of a format that is taken (WAV, MP3, M4A, OGG, FLAC, WebM, AAC)")
    with av.open(path, format=name) as container:
        return _checked(container, kind) | {"format": name, "size_bytes": size}


def _picture(file: Path) -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = None  # judged here, with a verdict of ours
    try:
        with Image.open(file, formats=PICTURES) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(
                    f"it has {image.width}x{image.height} pixels, more than {MOST_PIXELS // 1_000_000} million"
                )
            image.load()
            return {"width": image.width, "height": image.height, "format": image.format or ""}
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused(str(error)[:200]) from error


def _checked(container: Any, kind: str) -> dict[str, Any]:
    """Judge the header, then count every packet: a header may be wrong about the length."""
    streams = container.streams
    if len(streams) > MOST_STREAMS:
        raise Refused(f"it has {len(streams)} tracks, more than {MOST_STREAMS}")
    picture = streams.video[0] if streams.video and kind == "film" else None
    sound = streams.audio[0] if streams.audio else None
    if (picture if kind == "film" else sound) is None:
        raise Refused("it has no picture" if kind == "film" else "it has no sound")
    if any(track is not None and track.codec_context is None for track in (picture, sound)):
        raise Refused("a track of it is in a codec that is not known")
    if picture is not None:
        _judge_picture(picture)
    if sound is not None:
        _judge_sound(sound)
    tracks = _counted(container, [stream for stream in (picture, sound) if stream is not None])
    told = {"audio": None if sound is None else _track(sound, tracks[sound.index])}
    if picture is None:
        return told
    film = _track(picture, tracks[picture.index])
    rate = film["packets"] / film["duration_s"] if film["duration_s"] > 0 else 0.0
    if rate > MOST_RATE:
        raise Refused(f"it has {rate:.0f} pictures a second, more than {MOST_RATE:.0f}")
    return {"video": film, "width": picture.width, "height": picture.height, **told}


def _judge_picture(picture: Any) -> None:
    if not 0 < max(picture.width, picture.height) <= MOST_SIDE:
        raise Refused(f"it has {picture.width}x{picture.height} pixels, more than {MOST_SIDE} on a side")


def _judge_sound(sound: Any) -> None:
    if not SOUND_RATES[0] <= sound.rate <= SOUND_RATES[1]:
        raise Refused(f"its sound has {sound.rate} samples a second")
    if not 0 < sound.channels <= MOST_CHANNELS:
        raise Refused(f"its sound has {sound.channels} channels")


def _counted(container: Any, chosen: list[Any]) -> dict[int, list[float]]:
    """Return packets, start and end in seconds of each chosen stream."""
    tracks = {stream.index: [0, float("inf"), 0.0] for stream in chosen}
    total = 0
    for packet in container.demux(chosen):
        total += 1
        if total > MOST_PACKETS:
            raise Refused(f"it has more than {MOST_PACKETS} packets")
        if packet.pts is None:
            continue
        track, at = tracks[packet.stream.index], float(packet.pts * packet.time_base)
        track[0] += 1
        track[1] = min(track[1], at)
        track[2] = max(track[2], at + float((packet.duration or 0) * packet.time_base))
        if track[2] - track[1] > MOST_SECONDS:
            raise Refused(f"{TOO_LONG} {MOST_SECONDS / 60:.0f} minutes")
    return tracks


def _track(stream: Any, track: list[float]) -> dict[str, Any]:
    length_s = track[2] - track[1] if track[0] else 0.0
    return {"codec": stream.codec_context.name, "packets": int(track[0]), "duration_s": length_s}


def limit_this_process() -> None:
    """Bound what this process may take; it cannot be undone."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def verdict_on(kind: str, path: str) -> dict[str, Any]:
    """Return the facts, or the reason of a refusal."""
    try:
        return {"facts": look(kind, path)}
    except Refused as error:
        return {"refused": str(error)}
    except (av.FFmpegError, OSError, IndexError, ValueError, ArithmeticError) as error:
        return {"refused": str(getattr(error, "strerror", None) or error)[:200]}
    except MemoryError:
        return {"refused": "it takes more memory than media may"}


def answer(kind: str, path: str) -> dict[str, Any]:
    """Fork, look under limits, and return the verdict, whatever becomes of the fork."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            limit_this_process()
            os.write(writing, json.dumps(verdict_on(kind, path)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    said, ends_at = b"", time.monotonic() + WALL_S
    while (left_s := ends_at - time.monotonic()) > 0 and select.select([reading], [], [], left_s)[0]:
        piece = os.read(reading, 65_536)
        if not piece:
            break
        said += piece
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    os.waitpid(child, 0)
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        return {"refused": "looking at it takes more time or memory than media may"}
    return found


def main() -> None:
    """Answer requests until there are no more: whoever asks has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    av.logging.set_level(None)
    gc.freeze()  # a fork's first collection would copy every page
    with suppress(BrokenPipeError):  # whoever asked was killed meanwhile
        for line in sys.stdin:
            request = json.loads(line)
            os.write(sys.stdout.fileno(), json.dumps(answer(request["kind"], request["path"])).encode() + b"\n")


if __name__ == "__main__":
    main()
