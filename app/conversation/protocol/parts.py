"""Parts of the messages of `greenroom.v1`; JSON is flat, unknown fields are ignored."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.catalog.card import CardKind, FieldKind

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def trimmed(text: object) -> object:
    """Return a text without control characters and outer spaces."""
    return _CONTROL.sub(" ", text).strip() if isinstance(text, str) else text


Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Id of a message, unique in its session: a resend of the client under the same id is not asked twice."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


def is_none(value: object) -> bool:
    """Return whether an optional field is left out of the JSON."""
    return value is None


def optional(description: str = "") -> Any:  # the type is the field's own: pydantic's `Field` is typed so, too
    """Return a field that is left out of the JSON if it is None."""
    return Field(None, exclude_if=is_none, description=description)


class Message(BaseModel):
    """Base of all messages and their parts."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CaptionPart(Message):
    """One caption and its times, in seconds from the start of its clip."""

    start_s: float
    end_s: float
    text: str


class RenditionPart(Message):
    """Rendition of a clip in another size: same length, words and captions."""

    url: str
    width: int
    height: int
    size_bytes: int
    digest: str


class FacePart(Message):
    """Face in the picture of a clip, from forehead to chin; shares of its size, from the top left."""

    x: float
    y: float
    width: float
    height: float


class ClipPart(Message):
    """A playable video: addresses are absolute, or start with `/` on the server's own origin."""

    url: str
    media_type: str
    duration_s: float
    poster: str | None
    digest: str
    captions: tuple[CaptionPart, ...] = ()
    size_bytes: int | None = optional("of the video")
    alternatives: tuple[RenditionPart, ...] | None = optional("smaller ones, for slow lines and small stages")
    face: FacePart | None = optional("to be kept in view; missing where it was not found, or not looked for yet")


class SpokenClipPart(ClipPart):
    """A clip and the words that are spoken in it."""

    text: str


class LoopsPart(Message):
    """Silent loops beside the avatar's first idle one; each begins and ends in the pose of every clip."""

    idle: tuple[ClipPart, ...] = ()
    listening: tuple[ClipPart, ...] = ()
    thinking: tuple[ClipPart, ...] = ()


class AvatarPart(Message):
    """The avatar that speaks. `disclosure` must be shown before the first clip plays."""

    name: str
    disclosure: str
    idle: ClipPart | None
    poster: str | None
    loops: LoopsPart | None = optional(
        "further loops, by what she does: nothing, listen, think; absent: there are none"
    )


class ChoicePart(Message):
    """A chip: its title, and the intent that `input.choice` names."""

    intent: str
    title: str


class FormFieldPart(Message):
    """A field of a form."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    options: tuple[str, ...] | None = optional("what a `choice` may be")


class CardPart(Message):
    """A card to read, or to fill in, beside a clip."""

    kind: CardKind | None = optional("how to show it; absent: title, plain `body` and link")
    title: str
    body: str | None = optional()
    url: str | None = optional()
    image: str | None = optional("address of a picture")
    alt: str | None = optional("what the picture shows")
    items: tuple[str, ...] | None = optional()
    address: str | None = optional()
    price: str | None = optional()
    form: tuple[FormFieldPart, ...] | None = optional()
    submit: str | None = optional("words on the form's button")
    function: str | None = optional("function of the page that gets the form's answers")


class LimitsPart(Message):
    """Limits of the server."""

    text_chars: int = Field(description="longest `text` of an `input.text`")
    frame_bytes: int = Field(description="longest frame")
    resume_s: float = Field(description="how long a dropped session waits for its visitor")
    resume_frames: int = Field(description="how many missed frames can be sent again")
    speech_s: float = Field(0.0, description="longest sound that `POST /v1/listen` hears; 0: it hears none")
