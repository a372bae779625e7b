"""Faults of delivered clips: stable names, a remedy for each, and a reason to refuse a clip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Fault(StrEnum):
    """Faults of a clip; the names are stable."""

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
    OTHER_NUMBER = "other_number"
    OTHER_NEGATION = "other_negation"
    OTHER_FACT = "other_fact"
    WORDS_DOUBLED = "words_doubled"
    WORDS_CUT = "words_cut"
    OTHER_WORDS = "other_words"


_AGAIN = "Try again; if it comes back, ask the provider."
_MODEL = "Try again, or name another model or renderer."
_PORTRAIT = "Choose a portrait of one person, from the front, or another renderer."
_WORDS = (
    "Play it. If it is right, `greenroom renders accept ID` takes it; if not, write the words out, say under "
    "`pronounce:` how they are spoken, or name another voice."
)

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
        Fault.OTHER_NUMBER: _WORDS,
        Fault.OTHER_NEGATION: _WORDS,
        Fault.OTHER_FACT: _WORDS,
        Fault.WORDS_DOUBLED: _WORDS,
        Fault.WORDS_CUT: _WORDS,
        Fault.OTHER_WORDS: _WORDS,
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Reason to refuse a clip: its fault, and a message with the expected and the measured value."""

    fault: Fault
    message: str

    @property
    def remedy(self) -> str:
        """Remedy for the fault."""
        return REMEDIES[self.fault]


def because(reasons: Sequence[Reason]) -> str:
    """Return the reasons of a refusal as a message: each fault, then each remedy once."""
    faults = " ".join(f"{reason.fault.value}: {reason.message}" for reason in reasons)
    return f"{faults} {' '.join(dict.fromkeys(reason.remedy for reason in reasons))}"
