"""A session's memory as a value: what another node needs to go on with it."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from app.conversation.protocol.server_messages import Mood
from app.conversation.turn import StoredHistory, Turn


class Snapshot(BaseModel):
    """Everything but the frames; times are seconds before the moment of writing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    locale: str
    mood: Mood
    playing: tuple[str, str] | None
    speech_s: float
    """How long the present clip may still play."""
    turn: Turn | None
    """The current turn; `asked_s` and `answered_s` count back from the writing."""
    refs: dict[str, str]
    visit: StoredHistory

    @classmethod
    def read(cls, text: str) -> Self:
        """The snapshot in a stored text."""
        return cls.model_validate_json(text)
