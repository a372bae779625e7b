"""Snapshot of a session, from which another node resumes it."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from app.conversation.protocol.server_messages import Mood
from app.conversation.turn import StoredHistory, Turn


class Snapshot(BaseModel):
    """State of a session without its frames; times are seconds before the moment of writing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    locale: str
    mood: Mood
    playing: tuple[str, str] | None
    speech_s: float
    """Time that the present clip may still play."""
    spoken_s: float = 0.0
    """Time that it has played."""
    turn: Turn | None
    """The current turn; `asked_s` and `answered_s` count back from the writing."""
    refs: dict[str, str]
    visit: StoredHistory

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a snapshot from stored JSON."""
        return cls.model_validate_json(text)
