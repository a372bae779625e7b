"""Release follower: looks which release is current, and serves it when it is another one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.catalog.releases import CurrentRelease, Releases
from app.errors import GreenroomError

log = structlog.get_logger()

RELEASE_TOPIC = "release"
"""What is called on every node when another release is current."""

LOOK_EVERY_S = 2.0
"""How often a node looks without being called."""

AGAIN_AFTER_LOOKS = 15
"""A release that could not be put together is tried again after so many looks."""


@dataclass(kw_only=True)
class ReleaseFollower:
    """Looks which release is current, and has it put on when it is another one.

    `switch` puts it together first and only then serves it; while that fails the one before goes on, and `tell` is told
    why at once; when it is served, nothing.
    """

    releases: Releases
    step: int
    switch: Callable[[CurrentRelease], Awaitable[None]]
    pause: Callable[[], Awaitable[None]]
    tell: Callable[[str], None] = lambda _failure: None
    failure: str = ""
    _failed: tuple[int, int] = field(default=(0, 0), init=False)
    """The step that could not be served, and how many looks to leave it alone."""

    async def run(self) -> NoReturn:
        """Look until cancelled."""
        while True:
            await self.pause()
            await self.look()

    async def look(self) -> None:
        """Look once."""
        try:
            standing = await self.releases.current()
        except (SQLAlchemyError, OSError) as error:
            log.warning("release.unknown", error=str(error).splitlines()[0][:200])
            return
        if standing is None or standing.step == self.step:
            return
        step, looks = self._failed
        if step == standing.step and looks > 0:
            self._failed = step, looks - 1
            return
        await self._serve(standing)

    async def _serve(self, standing: CurrentRelease) -> None:
        try:
            await self.switch(standing)
        except (GreenroomError, SQLAlchemyError, OSError) as error:
            self._failed = standing.step, AGAIN_AFTER_LOOKS
            self.failure = f"Release {standing.release.number} cannot be served here: {error}"
            log.warning("release.not_served", release=standing.release.number, error=str(error)[:500])
            self.tell(self.failure)
            return
        self.step, self.failure = standing.step, ""
        self.tell("")
        log.info("release.served", release=standing.release.number, by=standing.by)
