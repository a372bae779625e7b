"""Loops of a presenter who does not speak: she idles, listens to who asks, and thinks of the answer.

The first idle loop is short and loads first; its recipe names no motion. The others are filmed beside it where the
avatar's `loops` and its renderers allow it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.catalog.model import Avatar
from app.rendering.plan.providers import AvatarProviders


class Motion(StrEnum):
    """Motion of a silent loop."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class Loop:
    """Silent loop: its motion, its number among those of this motion, its length in seconds."""

    motion: Motion
    take: int
    length_s: float

    def __str__(self) -> str:
        """Return its motion and number, for people."""
        return f"{self.motion} {self.take}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of its recipe; another take is another film of the same motion."""
        return {"motion": self.motion.value, "take": self.take}


LOOPS = (
    Loop(Motion.LISTENING, 1, 8.0),
    Loop(Motion.THINKING, 1, 6.0),
    Loop(Motion.IDLE, 1, 9.0),
    Loop(Motion.IDLE, 2, 9.0),
    Loop(Motion.IDLE, 3, 9.0),
)
"""Loops beside the first one, in the order of their variants, which begin with 1.

One round of all idle loops lasts 32 s with the first one's 5 s: nothing is seen twice within 30 s.
"""


def films_loops(avatar: Avatar, providers: AvatarProviders) -> bool:
    """Return whether a renderer films each of these loops for this avatar, and may."""
    return all(loop_chain(avatar, providers, loop) for loop in LOOPS)


def loop_chain(avatar: Avatar, providers: AvatarProviders, loop: Loop) -> tuple[AvatarProviders, ...]:
    """Return the renderers of the avatar's chain that film this loop, the first choice first; none if none may.

    Unless the avatar says otherwise, a renderer may that takes no money for it.
    """
    return tuple(one for one in providers.chain if _films(avatar, one, loop))


def _films(avatar: Avatar, providers: AvatarProviders, loop: Loop) -> bool:
    facts = providers.limits
    if avatar.loops == "none" or loop.motion not in facts.motions:
        return False
    return avatar.loops == "all" or not facts.price(providers.model)
