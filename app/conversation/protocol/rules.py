"""Rules of `greenroom.v1` around its messages: subprotocol, path, limits, close codes."""

from dataclasses import dataclass
from enum import IntEnum

from app.conversation.protocol.client_messages import MAX_TEXT_CHARS
from app.conversation.protocol.parts import LimitsPart

SUBPROTOCOL = "greenroom.v1"

PATH = "/v1/chat"

EVENTS_PATH, MESSAGES_PATH = "/v1/chat/events", "/v1/chat/messages"
"""The same session where no WebSocket passes: answers as events, messages as posts."""

MAX_FRAME_BYTES = 16 * 1024
"""Longest frame from a client: 2000 characters, escaped, and a resume are under 13 KiB."""

START_WITHIN_S = 5.0
"""Time within which `session.start` is due."""

RESUME_S = 300.0
"""Time for which a session and its frames wait for a visitor whose connection broke."""

RING_FRAMES = 200
"""Number of frames that can be sent again after a lost connection."""

LIMITS = LimitsPart(
    text_chars=MAX_TEXT_CHARS, frame_bytes=MAX_FRAME_BYTES, resume_s=RESUME_S, resume_frames=RING_FRAMES
)


class CloseCode(IntEnum):
    """Close codes of the server."""

    ENDED = 1000
    GOING_AWAY = 1001
    RESTART = 1012
    LATER = 1013
    INTERNAL = 4000
    NOT_AUTHORISED = 4001
    EXPIRED = 4004
    TAKEN_OVER = 4005
    VERSION = 4006
    NO_HEARTBEAT = 4007
    RATE_LIMITED = 4008
    NOT_UNDERSTOOD = 4009


@dataclass(frozen=True, slots=True)
class CloseRule:
    """Meaning of a close code, and what the client does then."""

    meaning: str
    client: str


CLOSE_RULES: dict[CloseCode, CloseRule] = {
    CloseCode.ENDED: CloseRule("the visitor said goodbye", "nothing; a new question starts a new session"),
    CloseCode.GOING_AWAY: CloseRule("the server is restarting", "resume at once, with jitter"),
    CloseCode.RESTART: CloseRule("the server is restarting", "resume at once, with jitter"),
    CloseCode.LATER: CloseRule("too busy, or the client reads too slowly", "back off, then resume"),
    CloseCode.INTERNAL: CloseRule("something broke on the server", "back off, then resume"),
    CloseCode.NOT_AUTHORISED: CloseRule(
        "the token is missing, used or expired, or the origin is not allowed",
        "try once with a new token, then stop; tell the page",
    ),
    CloseCode.EXPIRED: CloseRule(
        "the session, or the frames that were missed, are gone", "start a new session; keep the transcript on screen"
    ),
    CloseCode.TAKEN_OVER: CloseRule("the session goes on in another tab", "stop; offer to use it here"),
    CloseCode.VERSION: CloseRule(f"the subprotocol is not `{SUBPROTOCOL}`", "stop; ask to reload the page"),
    CloseCode.NO_HEARTBEAT: CloseRule("no message came for two and a half heartbeats", "resume"),
    CloseCode.RATE_LIMITED: CloseRule("too many frames", "wait, then resume"),
    CloseCode.NOT_UNDERSTOOD: CloseRule(
        "a frame was too large, or several were not understood", "resume; do not send it again"
    ),
}
"""Every close code; the reference page and the AsyncAPI document are made from this table."""
