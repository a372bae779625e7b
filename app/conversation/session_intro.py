"""Introduction of a session: the fields of `session.created` and `session.resumed`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.catalog.model import Role
from app.conversation.ports import PlayableClip
from app.conversation.protocol.parts import AvatarPart
from app.conversation.protocol.rules import LIMITS
from app.conversation.protocol.server_messages import ResponseChoices, SessionUpdated
from app.conversation.replies import clip_part, spoken_part
from app.conversation.script import Script
from app.conversation.session_limits import SessionConfig
from app.conversation.turn import Turn


def in_locale(fields: dict[str, Any], script: Script, locale: str) -> dict[str, Any]:
    """Return an introduction's fields in another locale; its greeting was said already."""
    avatar: AvatarPart = fields["avatar"]
    told = avatar.model_copy(update={"disclosure": script.disclosure(locale)})
    said = {"greeting": None, "greeting_text": None}
    return {**fields, **said, "avatar": told, "choices": script.opening_choices(locale), "locale": locale}


def updated(
    fields: dict[str, Any], script: Script, *, ref: str, turn: Turn | None
) -> Iterator[SessionUpdated | ResponseChoices]:
    """Yield the messages that follow a change of locale: the words around the video, and the chips of the last turn."""
    locale, disclosure = fields["locale"], fields["avatar"].disclosure
    yield SessionUpdated(ref=ref, locale=locale, disclosure=disclosure, choices=fields["choices"])
    if turn and turn.offered:
        yield ResponseChoices(turn=turn.id, choices=script.choices(turn.offered, locale))


@dataclass(frozen=True, slots=True)
class SessionIntro:
    """Idle and greeting clips of a session."""

    idle: PlayableClip | None
    greeting: PlayableClip | None

    def fields(self, script: Script, *, session: str, locale: str, config: SessionConfig) -> dict[str, Any]:
        """Return the fields of `session.created` and `session.resumed`, but for the token."""
        avatar = AvatarPart(
            name=script.catalog.avatar.name,
            disclosure=script.disclosure(locale),
            idle=clip_part(self.idle) if self.idle else None,
            poster=self.idle.poster if self.idle else None,
        )
        words = script.words(script.first(Role.GREETING) or "", locale=locale, variant=0)
        return {
            "session": session,
            "avatar": avatar,
            "greeting": spoken_part(self.greeting) if self.greeting else None,
            "greeting_text": None if self.greeting else words or None,
            "choices": script.opening_choices(locale),
            "locales": script.locales,
            "locale": locale,
            "heartbeat_s": config.heartbeat_s,
            "limits": LIMITS.model_copy(update={"speech_s": config.speech_s}),
        }
