"""Smaller renditions: the picture scaled and encoded anew, the sound taken over as it is."""

from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from app.errors import MediaError
from app.store.disk_errors import raise_if_full

_PICTURE = {"crf": "25", "preset": "veryfast", "profile": "high"}
"""Encoder options: about a quarter of the bytes of 720 pixels, in about a seventh of the clip's own time."""


def shrink(video: Path, destination: Path, side: int) -> None:
    """Write a video with `side` pixels on its short side, index first.

    Raises:
        MediaError: it cannot be decoded.
    """
    try:
        with (
            av.open(str(video), format="mp4") as source,
            av.open(str(destination), "w", format="mp4", options={"movflags": "+faststart"}) as out,
        ):
            _write(source, out, side)
    except (FFmpegError, OSError, IndexError) as error:
        raise_if_full(error)
        raise MediaError(f"Expected a playable MP4 to make smaller, got `{video.name}`: {error}.") from error


def _write(source: Any, out: Any, side: int) -> None:
    picture = source.streams.video[0]
    sound = source.streams.audio[0] if source.streams.audio else None
    scale = side / min(picture.width, picture.height)
    small = out.add_stream("libx264", rate=picture.average_rate, options=_PICTURE)
    small.width, small.height = (2 * round(pixels * scale / 2) for pixels in (picture.width, picture.height))
    small.pix_fmt = "yuv420p"
    small.codec_context.time_base = picture.time_base  # at the mean rate, times of a film of variable rate collide
    shown = None
    copied = out.add_stream_from_template(sound) if sound else None
    for packet in source.demux([stream for stream in (picture, sound) if stream]):
        if packet.stream is not sound:
            for frame in packet.decode():
                if frame.pts is None or (shown is not None and frame.pts <= shown):
                    continue  # the encoder takes none that does not advance
                shown = frame.pts
                scaled = frame.reformat(width=small.width, height=small.height, format="yuv420p")
                scaled.pts, scaled.time_base = frame.pts, frame.time_base
                scaled.pict_type = av.video.frame.PictureType.NONE
                out.mux(small.encode(scaled))
        elif packet.dts is not None:
            packet.stream = copied
            out.mux(packet)
    out.mux(small.encode(None))
