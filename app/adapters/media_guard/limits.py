"""Limits of media that others made: formats, dimensions, seconds, streams, bytes; and of the process that looks."""

from typing import Final, Literal

Kind = Literal["film", "sound", "picture"]
"""`film`: an MP4 of a vendor; `sound`: a voice or a recording; `picture`: a portrait."""

MOST_BYTES: Final = {"film": 512 << 20, "sound": 256 << 20, "picture": 64 << 20}
MOST_SIDE: Final = 4096
"""Longest side of a film in pixels."""
MOST_PIXELS: Final = 50_000_000
"""Most pixels of a portrait, as the local painters take them."""
MOST_STREAMS: Final = 8
MOST_SECONDS: Final = 1800.0
"""Longest film or sound: an answer takes seconds, the longest limit of a vendor is ten minutes."""
TOO_LONG: Final = "it is longer than"
"""Beginning of the verdict on what is too long."""
MOST_RATE: Final = 125.0
"""Most pictures a second."""
SOUND_RATES: Final = (8_000, 192_000)
MOST_CHANNELS: Final = 8
MOST_PACKETS: Final = 500_000
"""Packets that are counted: half an hour of 120 pictures a second and of sound beside them."""

PICTURES: Final = ("PNG", "JPEG", "WEBP")

MEMORY_BYTES: Final = 1 << 30
"""Address space of the child: a portrait of 50 million pixels takes 300 MB."""
CPU_S: Final = 10
WALL_S: Final = 20.0
OPEN_FILES: Final = 32


def sound_format(head: bytes) -> str | None:
    """Return FFmpeg's name for the format of a sound by its first bytes; None for one that is not taken."""
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mp4"
    starts = {b"OggS": "ogg", b"fLaC": "flac", b"\x1aE\xdf\xa3": "matroska", b"ID3": "mp3"}
    for start, name in starts.items():
        if head.startswith(start):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    return None
