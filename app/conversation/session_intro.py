"""Introduction of a session: the fields of `session.created` and `session.resumed`."""

from dataclasses import dataclass
from typing import Any

from app.conversation.ports import PlayableClip
from app.conversation.protocol.parts import AvatarPart
from app.conversation.protocol.rules import LIMITS
from app.conversation.replies import clip_part, spoken_part
from app.conversation.script import Script


@dataclass(frozen=True, slots=True)
class SessionIntro:
    """Idle and greeting clips of a session."""

    idle: PlayableClip | None
    greeting: PlayableClip | None

    def fields(self, script: Script, *, session: str, locale: str, heartbeat_s: float) -> dict[str, Any]:
        """Return the fields of `session.created` and `session.resumed`, but for the token."""
        avatar = AvatarPart(
            name=script.catalog.avatar.name,
            disclosure=script.disclosure(locale),
            idle=clip_part(self.idle) if self.idle else None,
            poster=self.idle.poster if self.idle else None,
        )
        return {
            "session": session,
            "avatar": avatar,
            "greeting": spoken_part(self.greeting) if self.greeting else None,
            "choices": script.opening_choices(),
            "locale": locale,
            "heartbeat_s": heartbeat_s,
            "limits": LIMITS,
        }
