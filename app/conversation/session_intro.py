"""Introduction of a session: the fields of `session.created` and `session.resumed`."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.catalog.model import Role
from app.catalog.page_variables import has_variables
from app.conversation.actions import FindClip, Work
from app.conversation.page.context import fill_words
from app.conversation.ports import Clips, PlayableClip
from app.conversation.protocol.parts import AvatarPart, LoopsPart
from app.conversation.protocol.rules import LIMITS
from app.conversation.protocol.server_messages import ResponseChoices, SessionGreeting, SessionUpdated
from app.conversation.replies import clip_part, spoken_part
from app.conversation.script import Script
from app.conversation.session_limits import SessionConfig
from app.conversation.turn import Turn
from app.rendering.plan.loops import LOOPS, Motion

Loops = tuple[tuple[Motion, PlayableClip], ...]
"""Stored silent loops, each with its motion."""


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


def greeting_in(script: Script, locale: str) -> FindClip | None:
    """Return the search for the greeting in a locale; None if there is no greeting."""
    intent = script.first(Role.GREETING)
    return FindClip("", Work.GREETING, intent, locale, 0) if intent else None


def greeting_told(
    script: Script, locale: str, page: Mapping[str, str], clip: PlayableClip | None
) -> SessionGreeting | None:
    """Return the message with the greeting in a locale: its clip, or else its words; None if it says nothing."""
    words = script.words(script.first(Role.GREETING) or "", locale=locale, variant=0)
    clip = None if has_variables(words) else clip
    text = clip.text if clip else fill_words(words, page)
    return SessionGreeting(locale=locale, text=text, clip=clip_part(clip) if clip else None) if text else None


async def stored_loops(clips: Clips, intent: str, *, locale: str, first: PlayableClip) -> Loops:
    """Return the stored loops beside the first idle one: the further variants of the idle intent; nobody misses one."""
    variants = range(1, len(LOOPS) + 1)
    found = await asyncio.gather(*(clips.if_stored(intent, locale=locale, variant=variant) for variant in variants))
    named = zip(LOOPS, found, strict=True)  # without loops every variant is the first one
    return tuple((loop.motion, clip) for loop, clip in named if clip and clip.digest != first.digest)


@dataclass(frozen=True, slots=True)
class SessionIntro:
    """Idle and greeting clips of a session, and its further loops."""

    idle: PlayableClip | None
    greeting: PlayableClip | None
    loops: Loops = ()

    def fields(
        self, script: Script, *, session: str, locale: str, config: SessionConfig, page: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the fields of `session.created` and `session.resumed`, but for the token."""
        avatar = AvatarPart(
            name=script.catalog.avatar.name,
            disclosure=script.disclosure(locale),
            idle=clip_part(self.idle) if self.idle else None,
            poster=self.idle.poster if self.idle else None,
            loops=self._loops(),
        )
        words = script.words(script.first(Role.GREETING) or "", locale=locale, variant=0)
        greeting = None if has_variables(words) else self.greeting
        return {
            "session": session,
            "avatar": avatar,
            "greeting": spoken_part(greeting) if greeting else None,
            "greeting_text": None if greeting else fill_words(words, page) or None,
            "choices": script.opening_choices(locale),
            "locales": script.locales,
            "locale": locale,
            "heartbeat_s": config.heartbeat_s,
            "limits": LIMITS.model_copy(update={"speech_s": config.speech_s}),
        }

    def _loops(self) -> LoopsPart | None:
        of = {motion.value: tuple(clip_part(clip) for own, clip in self.loops if own is motion) for motion in Motion}
        return LoopsPart(**of) if self.loops else None
