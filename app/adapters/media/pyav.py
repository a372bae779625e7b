"""Media tools on PyAV and Pillow: probe, poster, mark of synthetic origin, and the installed encoders."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

import av
from av.codec import Codec
from av.error import FFmpegError
from PIL import Image

from app.adapters.media.concat import splice
from app.adapters.media.shrink import shrink
from app.adapters.media_guard.guard import GUARD
from app.errors import MediaError
from app.rendering.ports import MediaFacts
from app.store.disk_errors import raise_if_full


def video_encoder() -> str:
    """Return the library and the encoders that clips are written with.

    Raises:
        MediaError: it cannot write H.264 and AAC.
    """
    try:
        names = [Codec(name, "w").name for name in ("libx264", "aac")]
    except ValueError as error:
        raise MediaError(
            f"Cannot find FFmpeg's encoders libx264 and aac in the package `av`: {error}. Install another build."
        ) from error
    return f"av {av.__version__} writes with {' and '.join(names)}"


T = TypeVar("T")

_XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
"""Box type of XMP packets in MP4 (XMP specification part 3, ISO base media)."""

_IPTC_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

_POSTER_QUALITY = 85


class PyavMediaTools:
    """Media tools that work in threads, at most `threads` files at once."""

    def __init__(self, *, threads: int = 2) -> None:
        self._slots = asyncio.Semaphore(threads)

    async def probe(self, video: Path) -> MediaFacts:
        """Have a child process with limits read every packet."""
        return await self._off_loop(lambda: _probe(video))

    async def poster(self, video: Path, destination: Path, *, at_s: float) -> None:
        """Decode up to the frame and write it."""
        await self._off_loop(lambda: _poster(video, destination, at_s))

    async def shrink(self, video: Path, destination: Path, *, side: int) -> None:
        """Scale and encode every frame."""
        await self._off_loop(lambda: shrink(video, destination, side))

    async def join(self, videos: Sequence[Path], destination: Path) -> None:
        """Decode all videos and encode them as one."""
        await self._off_loop(lambda: splice(videos, destination))

    async def mark(self, video: Path, *, source_type: str, note: str) -> None:
        """Append an XMP packet; players skip it, and nothing before it moves."""
        await self._off_loop(lambda: _mark(video, source_type, note))

    async def _off_loop(self, work: Callable[[], T]) -> T:
        async with self._slots:
            return await asyncio.to_thread(work)


def _probe(video: Path) -> MediaFacts:
    """Ask the child process: it reads every packet, because headers may be wrong about the length."""
    found = GUARD.facts("film", video)
    picture, sound = found["video"], found["audio"]
    if picture["packets"] == 0 or picture["duration_s"] <= 0:
        raise MediaError(f"Expected a picture that moves, got `{video.name}` without frames.")
    return MediaFacts(
        width=found["width"],
        height=found["height"],
        fps=round(picture["packets"] / picture["duration_s"], 3),
        duration_s=round(picture["duration_s"], 6),
        video_codec=picture["codec"],
        audio_codec=sound["codec"] if sound is not None and sound["packets"] > 0 else None,
        size_bytes=found["size_bytes"],
        media_type="video/mp4",
    )


def _poster(video: Path, destination: Path, at_s: float) -> None:
    try:
        with av.open(str(video), format="mp4") as container:
            _frame(container, at_s).save(destination, "JPEG", quality=_POSTER_QUALITY, optimize=True)
    except (FFmpegError, OSError, IndexError) as error:
        raise_if_full(error)
        raise MediaError(f"Expected a playable MP4, got `{video.name}`: {error}.") from error


def _frame(container: Any, at_s: float) -> Image.Image:
    last = None
    for frame in container.decode(video=0):
        last = frame
        if frame.time is not None and frame.time >= at_s - 1e-6:
            break
    if last is None:
        raise MediaError("Expected a video with frames, got none.")
    picture: Image.Image = last.to_image()
    return picture


def _mark(video: Path, source_type: str, note: str) -> None:
    packet = _xmp(source_type, note).encode()
    with video.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            raise MediaError(f"Expected an MP4 to mark, got `{video.name}`; render it again.")
    box = (len(packet) + 24).to_bytes(4, "big") + b"uuid" + _XMP_UUID + packet
    try:
        with video.open("ab") as out:
            out.write(box)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise_if_full(error)
        raise MediaError(f"Cannot write to `{video.name}`: {error}.") from error


def _xmp(source_type: str, note: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f"Iptc4xmpExt:DigitalSourceType={quoteattr(_IPTC_SOURCE_TYPES + source_type)} "
        'xmp:CreatorTool="Greenroom">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(note)}</rdf:li></rdf:Alt></dc:description>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )
