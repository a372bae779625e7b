"""Messages from client to server, and the reader of their frames."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from app.conversation.protocol.page_messages import CallResult, FirstValues, HandoverRequest, InputForm, SessionContext
from app.conversation.protocol.parts import Id, Message, Name, trimmed
from app.errors import MessageUnknownError, ProtocolError

MAX_TEXT_CHARS = 2000
"""Longest question: a minute and a half of fast speech."""

Text = Annotated[
    str,
    BeforeValidator(trimmed),
    StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS),
]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Resume(Message):
    """The session to resume, and the `seq` of the last frame that the client has handled."""

    session: Name
    resume_token: Name
    last_seq: int = Field(ge=0)


class SessionStart(Message):
    """The first frame, due within 5 s; with `resume`, its token identifies the visitor, not `token`."""

    type: Literal["session.start"]
    id: Id
    token: Annotated[str, StringConstraints(max_length=1024)] = ""
    locale: Annotated[str, StringConstraints(max_length=35)] | None = None
    resume: Resume | None = None
    context: FirstValues | None = None


class SessionUpdate(Message):
    """Go on in another locale; the conversation stays."""

    type: Literal["session.update"]
    id: Id
    locale: Annotated[str, StringConstraints(min_length=1, max_length=35)]


class InputText(Message):
    """A question; it replaces the one before it."""

    type: Literal["input.text"]
    id: Id
    text: Text


class InputChoice(Message):
    """A chip; it leads straight to the intent's clip."""

    type: Literal["input.choice"]
    id: Id
    intent: Name


class ResponseCancel(Message):
    """Stop: ends the speech of this turn and all work for it."""

    type: Literal["response.cancel"]
    turn: Name


class Playback(Message):
    """Report of the player; `ended` brings the state back to `listening`."""

    type: Literal["playback"]
    turn: Name
    clip: Annotated[str, StringConstraints(max_length=128)]
    event: Literal["started", "ended", "stalled", "failed"]
    at_s: Seconds = 0.0


class Feedback(Message):
    """A visitor's rating of a finished turn."""

    type: Literal["feedback"]
    turn: Name
    score: Literal["up", "down"]
    comment: Annotated[str, BeforeValidator(trimmed), StringConstraints(max_length=MAX_TEXT_CHARS)] | None = None


class Ack(Message):
    """The client has handled frames up to `seq`; the server may forget them."""

    type: Literal["ack"]
    seq: int = Field(ge=0)


class Ping(Message):
    """Sent every `heartbeat_s` at least; answered by `pong`."""

    type: Literal["ping"]


class SessionEnd(Message):
    """Goodbye: the session cannot be resumed."""

    type: Literal["session.end"]


ClientMessage = (
    SessionStart
    | SessionUpdate
    | InputText
    | InputChoice
    | ResponseCancel
    | Playback
    | Feedback
    | SessionContext
    | CallResult
    | InputForm
    | HandoverRequest
    | Ack
    | Ping
    | SessionEnd
)

QUIET = (Ping, Ack, Playback, SessionContext)
"""Messages that a page sends without its visitor."""

_READER: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


def read_message(frame: str) -> ClientMessage:
    """Read the message in a text frame.

    Raises:
        MessageUnknownError: its `type` is unknown (a newer client may know more types than this server).
        ProtocolError: it is not a JSON object, or a field is missing or wrong.
    """
    try:
        return _READER.validate_json(frame)
    except ValidationError as error:
        raise _explained(error.errors(include_url=False, include_context=True)[0]) from error


def _explained(detail: ErrorDetails) -> ProtocolError:
    if detail["type"] == "union_tag_invalid" and isinstance(detail["input"].get("type"), str):
        return MessageUnknownError(f"No message has the type {str(detail['ctx']['tag'])[:60]!r}; it was ignored.")
    where = ".".join(str(step) for step in detail["loc"][1:]) or "frame"
    return ProtocolError(f"Expected one JSON object with a known `type`; `{where}`: {detail['msg']}.")


def message_id(frame: str) -> str | None:
    """Return the `id` in a frame, as far as the frame can be read at all: errors name it as their `ref`."""
    try:
        document: Any = from_json(frame)
    except ValueError:
        return None
    found = document.get("id") if isinstance(document, dict) else None
    return found[:64] if isinstance(found, str) else None
