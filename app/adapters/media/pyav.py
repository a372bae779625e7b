"""Media tools on PyAV and Pillow: probe, poster, mark of synthetic origin, and the installed encoders."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

import av
from av.codec import Codec
from av.error import FFmpegError
from PIL import Image

from app.adapters.media.concat import splice
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

_MP4_NAMES = {"mov", "mp4"}


class PyavMediaTools:
    """Media tools that work in threads, at most `threads` files at once."""

    def __init__(self, *, threads: int = 2) -> None:
        self._slots = asyncio.Semaphore(threads)

    async def probe(self, video: Path) -> MediaFacts:
        """Read every packet, because headers may be wrong about the length."""
        return await self._off_loop(lambda: _probe(video))

    async def poster(self, video: Path, destination: Path, *, at_s: float) -> None:
        """Decode up to the frame and write it."""
        await self._off_loop(lambda: _poster(video, destination, at_s))

    async def join(self, videos: Sequence[Path], destination: Path) -> None:
        """Decode all videos and encode them as one."""
        await self._off_loop(lambda: splice(videos, destination))

    async def mark(self, video: Path, *, source_type: str, note: str) -> None:
        """Append an XMP packet; players skip it, and nothing before it moves."""
        await self._off_loop(lambda: _mark(video, source_type, note))

    async def _off_loop(self, work: Callable[[], T]) -> T:
        async with self._slots:
            return await asyncio.to_thread(work)


@dataclass
class _Track:
    """Sums over the packets of one stream."""

    packets: int = 0
    first: int | None = None
    end: int = 0
    time_base: Fraction = field(default_factory=lambda: Fraction(1))

    def add(self, packet: Any) -> None:
        if packet.pts is None:
            return
        self.packets += 1
        self.time_base = packet.time_base
        self.first = packet.pts if self.first is None else min(self.first, packet.pts)
        self.end = max(self.end, packet.pts + (packet.duration or 0))

    @property
    def duration_s(self) -> float:
        return float((self.end - (self.first or 0)) * self.time_base)


def _probe(video: Path) -> MediaFacts:
    try:
        with av.open(str(video)) as container:
            return _facts(container, video)
    except (FFmpegError, OSError, IndexError) as error:
        raise MediaError(f"Expected a playable MP4, got `{video.name}`: {error}.") from error


def _facts(container: Any, video: Path) -> MediaFacts:
    if not _MP4_NAMES & set(container.format.name.split(",")) or not container.streams.video:
        raise MediaError(f"Expected an MP4 with a picture, got `{video.name}` ({container.format.name}).")
    picture = container.streams.video[0]
    sound = container.streams.audio[0] if container.streams.audio else None
    tracks = {stream.index: _Track() for stream in (picture, sound) if stream is not None}
    for packet in container.demux([stream for stream in (picture, sound) if stream is not None]):
        tracks[packet.stream.index].add(packet)
    track = tracks[picture.index]
    if track.packets == 0 or track.duration_s <= 0:
        raise MediaError(f"Expected a picture that moves, got `{video.name}` without frames.")
    has_sound = sound is not None and tracks[sound.index].packets > 0
    return MediaFacts(
        width=picture.width,
        height=picture.height,
        fps=round(track.packets / track.duration_s, 3),
        duration_s=round(track.duration_s, 6),
        video_codec=picture.codec_context.name,
        audio_codec=sound.codec_context.name if sound is not None and has_sound else None,
        size_bytes=video.stat().st_size,
        media_type="video/mp4",
    )


def _poster(video: Path, destination: Path, at_s: float) -> None:
    try:
        with av.open(str(video)) as container:
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
