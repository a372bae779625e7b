"""Why a delivered clip is refused: stable names, and what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Fault(StrEnum):
    """What is wrong with a clip."""

    NOT_PLAYABLE = "not_playable"
    STREAMS = "streams"
    CODEC = "codec"
    SHAPE = "shape"
    SIZE = "size"
    FRAME_RATE = "frame_rate"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_SOUND = "no_sound"
    SILENT = "silent"
    OTHER_SOUND = "other_sound"
    SOUND_SHIFTED = "sound_shifted"
    BLACK = "black"
    FROZEN = "frozen"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    MOUTH_STILL = "mouth_still"
    MOUTH_RESTLESS = "mouth_restless"
    LIPS_ELSEWHERE = "lips_elsewhere"
    LIPS_OFFSET = "lips_offset"
    STARTS_AWAY = "starts_away"
    ENDS_AWAY = "ends_away"


_AGAIN = "Try again; if it comes back, ask the provider."
_MODEL = "Try again, or name another model or renderer."
_PORTRAIT = "Choose a portrait of one person, from the front, or another renderer."

REMEDIES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NOT_PLAYABLE: _AGAIN,
        Fault.STREAMS: _AGAIN,
        Fault.CODEC: "Ask the provider for H.264 and AAC in MP4, or name another model.",
        Fault.SHAPE: "Give `video` of the avatar the portrait's shape.",
        Fault.SIZE: "Ask for a lower `video.height`, or name a model that films larger.",
        Fault.FRAME_RATE: _MODEL,
        Fault.TOO_SHORT: _AGAIN,
        Fault.TOO_LONG: _AGAIN,
        Fault.NO_SOUND: _AGAIN,
        Fault.SILENT: _AGAIN,
        Fault.OTHER_SOUND: "It may be somebody else's clip: ask the provider.",
        Fault.SOUND_SHIFTED: _MODEL,
        Fault.BLACK: _MODEL,
        Fault.FROZEN: _MODEL,
        Fault.NO_FACE: _PORTRAIT,
        Fault.SEVERAL_FACES: _PORTRAIT,
        Fault.MOUTH_STILL: _MODEL,
        Fault.MOUTH_RESTLESS: _MODEL,
        Fault.LIPS_ELSEWHERE: _MODEL,
        Fault.LIPS_OFFSET: _MODEL,
        Fault.STARTS_AWAY: _MODEL,
        Fault.ENDS_AWAY: _MODEL,
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to refuse a clip: its name, and a sentence with what was expected and what came."""

    fault: Fault
    message: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.fault]
