"""Messages from server to client, numbered by `seq`."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field
from pydantic_core import to_json

from app.conversation.protocol.parts import (
    AvatarPart,
    CardPart,
    ChoicePart,
    ClipPart,
    LimitsPart,
    Message,
    SpokenClipPart,
    optional,
)
from app.learning.turn_log import TurnOutcome

Mood = Literal["listening", "thinking", "speaking"]
Source = Literal["cache", "generated"]


class ClipRole(StrEnum):
    """Role of a clip in the conversation; a client plays a role that it does not know like an answer."""

    ANSWER = "answer"
    HOLDING = "holding"
    CLARIFY = "clarify"
    APOLOGY = "apology"
    HANDOVER = "handover"
    GREETING = "greeting"
    FAREWELL = "farewell"
    URGENT = "urgent"


class Numbered(Message):
    """A server message; `seq` counts 1, 2, 3... within a session."""

    seq: int = 0

    @cached_property
    def frame(self) -> str:
        """The message as a JSON frame; made once, for the connection and for the outbox."""
        return self.model_dump_json()

    @cached_property
    def _tail(self) -> str:
        """Frame after its number: the same in every copy of a message, so it is encoded once."""
        return self.model_dump_json().removeprefix(f'{{"seq":{self.seq}')

    @property
    def size(self) -> int:
        """Bytes of the frame after its number."""
        return len(self._tail.encode())

    def numbered(self, seq: int) -> Self:
        """Return the message with this number; a message that is prepared is not encoded again."""
        return _copied(self, {"seq": seq, "frame": f'{{"seq":{seq}{self._tail}'})


_Prepared = TypeVar("_Prepared", bound=Numbered)


def for_turn(prepared: _Prepared, turn: str) -> _Prepared:
    """Return a prepared message for this turn: `type` and `turn` are the first fields, the rest is encoded already.

    A session makes the same few messages for every visitor; pydantic would validate and encode each anew.
    """
    rest = prepared.__dict__.get("_rest")
    if rest is None:
        head = f',"type":{to_json(prepared.type).decode()},"turn":{to_json(prepared.turn).decode()}'  # type: ignore[attr-defined]
        rest = prepared.__dict__["_rest"] = head.partition(',"turn":')[0], prepared._tail.removeprefix(head)  # noqa: SLF001
    return _copied(prepared, {"turn": turn, "_tail": f'{rest[0]},"turn":{to_json(turn).decode()}{rest[1]}'})


def _copied(message: _Prepared, changed: dict[str, Any]) -> _Prepared:
    """Return a copy as pydantic's own `model_copy` makes it, without its checks for what no message has."""
    copy = object.__new__(type(message))
    fields = {**message.__dict__, **changed}
    if "frame" not in changed:
        fields.pop("frame", None)
    object.__setattr__(copy, "__dict__", fields)
    object.__setattr__(copy, "__pydantic_fields_set__", message.__pydantic_fields_set__)
    object.__setattr__(copy, "__pydantic_extra__", None)
    object.__setattr__(copy, "__pydantic_private__", None)
    return copy


class _Session(Numbered):
    session: str
    resume_token: str = Field(description="changes each time; opens the session once more after a lost connection")
    avatar: AvatarPart
    greeting: SpokenClipPart | None = optional()
    greeting_text: str | None = optional("the words of a greeting that has no clip")
    choices: tuple[ChoicePart, ...] = ()
    locale: str
    locales: tuple[str, ...] = Field((), description="locales to choose from, the catalog's default one first")
    heartbeat_s: float = Field(description="send something (`ping`) at least this often")
    limits: LimitsPart


class SessionCreated(_Session):
    """The session is open."""

    type: Literal["session.created"] = "session.created"


class SessionResumed(_Session):
    """The session continues: `seq` repeats the client's `last_seq`; missed frames follow with their `seq`."""

    type: Literal["session.resumed"] = "session.resumed"


class SessionUpdated(Numbered):
    """The session goes on in another locale: what is asked from now on is answered in it."""

    type: Literal["session.updated"] = "session.updated"
    ref: str
    locale: str = Field(description="the catalog's locale nearest to the wanted one")
    disclosure: str
    choices: tuple[ChoicePart, ...] = Field((), description="the chips of the start in this locale")


class SessionGreeting(Numbered):
    """The greeting in the locale that was chosen before anything was asked; it replaces the one before."""

    type: Literal["session.greeting"] = "session.greeting"
    locale: str
    text: str
    clip: ClipPart | None = optional()


class InputAccepted(Numbered):
    """The question `ref` is now `turn`; a resend gets the same answer."""

    type: Literal["input.accepted"] = "input.accepted"
    ref: str
    turn: str
    repeats: int | None = optional("how often this visitor asked the same before")


class State(Numbered):
    """State of the avatar: listening, thinking or speaking."""

    type: Literal["state"] = "state"
    value: Mood


class ClipPrefetch(Numbered):
    """Clips that are likely next, most likely first: fetch them within the client's byte budget."""

    type: Literal["clip.prefetch"] = "clip.prefetch"
    clips: tuple[ClipPart, ...]


class ResponseClip(Numbered):
    """A clip to play now."""

    type: Literal["response.clip"] = "response.clip"
    turn: str
    role: ClipRole
    source: Source
    intent: str | None = optional()
    text: str
    clip: ClipPart
    interruptible: bool = True
    card: CardPart | None = optional()


class ResponseTextDelta(Numbered):
    """A piece of an answer in words."""

    type: Literal["response.text.delta"] = "response.text.delta"
    turn: str
    delta: str


class ResponseTextDone(Numbered):
    """The whole answer in words; replaces the deltas."""

    type: Literal["response.text.done"] = "response.text.done"
    turn: str
    text: str
    role: ClipRole | None = optional("`urgent` if somebody is in need and the answer has no clip")
    card: CardPart | None = optional("the card of an answer without a clip")


class ResponseChoices(Numbered):
    """Chips to offer."""

    type: Literal["response.choices"] = "response.choices"
    turn: str
    choices: tuple[ChoicePart, ...]


class ResponseHandover(Numbered):
    """Several questions in a row went unanswered: the avatar has said how to reach a person; a page may offer one."""

    type: Literal["response.handover"] = "response.handover"
    turn: str
    card: CardPart | None = optional("how to reach a person")


class ResponseCall(Numbered):
    """Call this function of the page, if it is registered and the visitor agrees; answer with `call.result`."""

    type: Literal["response.call"] = "response.call"
    turn: str
    call: str
    function: str
    arguments: dict[str, str]
    ask: str = Field(description="what the visitor is asked first; may be empty")
    timeout_s: float


class RequestAccepted(Numbered):
    """A form, or the wish for a person, has been taken; it is kept until the site has it."""

    type: Literal["request.accepted"] = "request.accepted"
    ref: str


class ResponseDone(Numbered):
    """End of a turn: nothing more comes for it. Sent exactly once a turn."""

    type: Literal["response.done"] = "response.done"
    turn: str
    outcome: TurnOutcome


class SessionEnding(Numbered):
    """The server will close the connection in `after_s`; the close code says what to do then."""

    type: Literal["session.ending"] = "session.ending"
    reason: Literal["restart", "idle"]
    after_s: float


class ErrorMessage(Numbered):
    """A request that failed; the connection stays open. `code` is stable, `message` is for people."""

    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool = False
    retry_after_s: float | None = optional()
    ref: str | None = optional("the client's `id` of the message this is about")
    fields: tuple[str, ...] | None = optional("fields of a form that want another answer")


class Pong(Numbered):
    """The answer to `ping`."""

    type: Literal["pong"] = "pong"


ServerMessage = (
    SessionCreated
    | SessionResumed
    | SessionUpdated
    | SessionGreeting
    | InputAccepted
    | State
    | ClipPrefetch
    | ResponseClip
    | ResponseTextDelta
    | ResponseTextDone
    | ResponseChoices
    | ResponseHandover
    | ResponseCall
    | RequestAccepted
    | ResponseDone
    | SessionEnding
    | ErrorMessage
    | Pong
)

AnyServerMessage = Annotated[ServerMessage, Field(discriminator="type")]
