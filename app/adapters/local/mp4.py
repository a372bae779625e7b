"""H.264 and AAC into MP4 through PyAV: segments that start with a key frame, joined without encoding again.

A clip is encoded in closed groups of pictures of two seconds, each by an encoder of its own. So several
processes can render it, and the bytes do not depend on their number.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from app.adapters.local.audio import RATE, Picture, Samples
from app.adapters.local.order import Encoded, VideoFormat
from app.errors import MediaError

COMMENT = "AI-generated: synthetic voice and animated face."
_CRF = "24"
_AUDIO_BITS = 96_000
_BT709 = 1
_ENCODER = "libx264"
_BGR_TO_BT709 = np.array(
    [[0.0722, 0.7152, 0.2126, 0], [0.5, -0.38543, -0.11457, 0], [-0.04585, -0.45415, 0.5, 0]]
) * np.array([[219], [224], [224]]) / 255 + np.array([[0, 0, 0, 16], [0, 0, 0, 128], [0, 0, 0, 128]])
"""Matrix rows for luma, blue and red difference (ITU-R BT.709), scaled to 16..235 and 16..240."""


def encode_segment(pictures: Iterable[Picture], screen: VideoFormat, *, first: int) -> list[Encoded]:
    """Compress pictures (BGR) as one closed group.

    `first` is the clip's frame number of the first of them.
    """
    encoder = av.CodecContext.create(_ENCODER, "w")
    _set_up(encoder, screen)
    encoder.flags |= av.codec.context.Flags.global_header
    out: list[Encoded] = []
    for number, picture in enumerate(pictures):
        frame = _to_frame(picture)
        frame.pts = number
        frame.time_base = Fraction(1, screen.fps)
        out += _packets(encoder.encode(frame), first)
    return out + _packets(encoder.encode(None), first)


def write_mp4(path: Path, packets: Sequence[Encoded], screen: VideoFormat, *, sound: Samples | None) -> None:
    """Join compressed pictures and sound into a file that plays while it loads (index first)."""
    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata["comment"] = COMMENT
        video = container.add_stream(_ENCODER, rate=screen.fps)
        _set_up(video.codec_context, screen)
        audio = None
        if sound is not None:
            audio = container.add_stream("aac", rate=RATE, layout="mono")
            audio.bit_rate = _AUDIO_BITS
        container.start_encoding()
        heard = _compressed(audio, sound) if audio is not None and sound is not None else iter(())
        for packet in _interleaved(_video_packets(packets, video, screen.fps), heard):
            container.mux_one(packet)


def pictures(path: Path) -> Iterator[tuple[float, Picture]]:
    """Yield every decoded frame (BGR) with its time in seconds."""
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield float(frame.time or 0), frame.to_ndarray(format="bgr24")
    except av.FFmpegError as error:
        raise MediaError(f"Expected a playable MP4, got `{path.name}` that cannot be decoded ({error}).") from error


def _set_up(encoder: av.VideoCodecContext, screen: VideoFormat) -> None:
    encoder.width, encoder.height, encoder.pix_fmt = screen.width, screen.height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(screen.fps), Fraction(1, screen.fps)
    encoder.color_primaries = encoder.colorspace = encoder.color_trc = _BT709
    encoder.color_range = av.video.reformatter.ColorRange.MPEG
    encoder.thread_count = 1
    encoder.options = {
        "crf": _CRF,
        "preset": "veryfast",
        "profile": "high",
        "g": str(screen.segment_frames),
        "bf": "2",
        # mbtree's vector code reads memory that it has not written: with it the same pictures sometimes give
        # other bytes
        # choosing among kinds of frames and motion found with a finer search cost a quarter of the time: here the files
        # are as large without, and as like the pictures (39.0 dB)
        "x264-params": "mbtree=0:scenecut=0:open-gop=0:b-adapt=0:rc-lookahead=0:me=dia:weightp=0:"
        "colorprim=bt709:transfer=bt709:colormatrix=bt709",
    }


def _to_frame(picture: Picture) -> av.VideoFrame:
    """Convert BGR to BT.709 at limited range, in one thread."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    whole, half = (cv2.transform(one, _BGR_TO_BT709) for one in (picture, small))  # three rows of three are vectorised
    planes = [cv2.extractChannel(whole, 0), cv2.extractChannel(half, 1), cv2.extractChannel(half, 2)]
    sheet = np.concatenate([plane.ravel() for plane in planes]).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(sheet, format="yuv420p")


def _packets(packets: Iterable[av.Packet], first: int) -> list[Encoded]:
    return [Encoded(bytes(p), p.pts + first, p.dts + first, p.is_keyframe) for p in packets]


def _video_packets(packets: Sequence[Encoded], stream: av.VideoStream, fps: int) -> Iterator[av.Packet]:
    for encoded in packets:
        packet = av.Packet(encoded.data)
        packet.stream, packet.time_base = stream, Fraction(1, fps)
        packet.pts, packet.dts, packet.duration = encoded.pts, encoded.dts, 1
        packet.is_keyframe = encoded.is_key
        yield packet


def _compressed(stream: av.AudioStream, sound: Samples) -> Iterator[av.Packet]:
    size = stream.codec_context.frame_size or 1024
    for at in range(0, len(sound), size):
        block = np.ascontiguousarray(sound[None, at : at + size], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _interleaved(video: Iterator[av.Packet], audio: Iterator[av.Packet]) -> Iterator[av.Packet]:
    """Yield both tracks in order of time, so that a player never has to seek."""
    waiting = next(audio, None)
    for packet in video:
        while waiting is not None and _time(waiting) <= _time(packet):
            yield waiting
            waiting = next(audio, None)
        yield packet
    while waiting is not None:
        yield waiting
        waiting = next(audio, None)


def _time(packet: av.Packet) -> float:
    return float((packet.dts or 0) * packet.time_base)


def boxes(path: Path) -> list[tuple[str, int]]:
    """Return the file's top-level boxes in order: four-letter kind and size in bytes."""
    out: list[tuple[str, int]] = []
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, kind, read = int.from_bytes(head[:4], "big"), head[4:].decode("latin-1"), 8
            if size == 1:
                size, read = int.from_bytes(file.read(8), "big"), 16
            if size < read:
                break
            out.append((kind, size))
            file.seek(size - read, io.SEEK_CUR)
    return out
