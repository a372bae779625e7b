"""Snapshot of a session, from which another node resumes it."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict

from app.conversation.player import Player
from app.conversation.protocol.server_messages import Mood
from app.conversation.session_limits import KEPT_IDS
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
    def of(
        cls,
        player: Player,
        turn: Turn | None,
        now: float,
        *,
        locale: str,
        refs: Mapping[str, str],
        visit: StoredHistory,
    ) -> Self:
        """Take it now."""
        return cls(
            locale=locale,
            mood=player.mood,
            playing=player.playing,
            speech_s=max(0.0, player.speech_ends - now),
            spoken_s=max(0.0, now - player.speech_began),
            turn=turn.moved_by(-now) if turn else None,
            refs=dict(list(refs.items())[-KEPT_IDS:]),
            visit=visit,
        )

    def restore(self, player: Player, now: float) -> None:
        """Let a player go on where it was."""
        player.mood, player.playing = self.mood, self.playing
        player.speech_ends, player.speech_began = now + self.speech_s, now - self.spoken_s

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a snapshot from stored JSON."""
        return cls.model_validate_json(text)


def page_values(state: str) -> dict[str, str]:
    """Return what the page has told, by the stored state of a session; an empty state has nothing."""
    return Snapshot.read(state).visit.values if state else {}
