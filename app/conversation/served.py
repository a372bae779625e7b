"""A release as conversations meet it."""

from collections.abc import Callable
from dataclasses import dataclass

from app.conversation.ports import Cast
from app.conversation.script import Script


@dataclass(frozen=True, slots=True)
class Served:
    """What is played and by whom: all of one release, so that no question meets parts of two."""

    script: Callable[[], Script]
    cast: Cast
