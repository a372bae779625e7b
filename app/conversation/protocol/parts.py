"""Pieces that messages of `greenroom.v1` are made of; JSON is flat, unknown fields are ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def is_none(value: object) -> bool:
    """Whether an optional field is left out of the JSON."""
    return value is None


def optional(description: str = "") -> Any:  # the type is the field's own: pydantic's `Field` is typed so, too
    """A field that is left out of the JSON when it is None."""
    return Field(None, exclude_if=is_none, description=description)


class Message(BaseModel):
    """Something that travels on the socket."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CaptionPart(Message):
    """One caption and when it shows, in seconds from the start of its clip."""

    start_s: float
    end_s: float
    text: str


class ClipPart(Message):
    """A video that can be played: addresses are absolute, or start with `/` on the server's own origin."""

    url: str
    media_type: str
    duration_s: float
    poster: str | None
    digest: str
    captions: tuple[CaptionPart, ...] = ()


class SpokenClipPart(ClipPart):
    """A clip and the words that are spoken in it."""

    text: str


class AvatarPart(Message):
    """Who speaks. `disclosure` must be shown before the first clip plays."""

    name: str
    disclosure: str
    idle: ClipPart | None
    poster: str | None


class ChoicePart(Message):
    """A chip: what it says, and the intent that `input.choice` names."""

    intent: str
    title: str


class CardPart(Message):
    """Something to read beside a clip."""

    title: str
    body: str | None = optional()
    url: str | None = optional()


class LimitsPart(Message):
    """What the server takes and keeps."""

    text_chars: int = Field(description="longest `text` of an `input.text`")
    frame_bytes: int = Field(description="longest frame")
    resume_s: float = Field(description="how long a dropped session waits for its visitor")
    resume_frames: int = Field(description="how many missed frames are kept")
