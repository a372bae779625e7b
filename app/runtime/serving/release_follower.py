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
"""Topic of the notification that another release is current."""

LOOK_EVERY_S = 2.0
"""Interval at which a node looks without a notification."""

AGAIN_AFTER_LOOKS = 15
"""Number of looks after which a release that could not be loaded is tried again."""


@dataclass(kw_only=True)
class ReleaseFollower:
    """Follower of the current release: when it changes, the new one is loaded and served.

    `switch` loads a release completely and only then serves it. While that fails the one before stays, and
    `report` gets the reason at once; it gets an empty text when the release is served.
    """

    releases: Releases
    step: int
    switch: Callable[[CurrentRelease], Awaitable[None]]
    pause: Callable[[], Awaitable[None]]
    report: Callable[[str], None] = lambda _failure: None
    failure: str = ""
    _failed: tuple[int, int] = field(default=(0, 0), init=False)
    """Step that could not be served, and the number of looks to leave it alone."""

    async def run(self) -> NoReturn:
        """Look until cancelled."""
        while True:
            await self.pause()
            await self.look()

    async def look(self) -> None:
        """Look once."""
        try:
            current = await self.releases.current()
        except (SQLAlchemyError, OSError) as error:
            log.warning("release.unknown", error=str(error).splitlines()[0][:200])
            return
        if current is None or current.step == self.step:
            return
        step, looks = self._failed
        if step == current.step and looks > 0:
            self._failed = step, looks - 1
            return
        await self._serve(current)

    async def _serve(self, current: CurrentRelease) -> None:
        try:
            await self.switch(current)
        except (GreenroomError, SQLAlchemyError, OSError) as error:
            self._failed = current.step, AGAIN_AFTER_LOOKS
            self.failure = f"Release {current.release.number} cannot be served here: {error}"
            log.warning("release.not_served", release=current.release.number, error=str(error)[:500])
            self.report(self.failure)
            return
        self.step, self.failure = current.step, ""
        self.report("")
        log.info("release.served", release=current.release.number, by=current.by)
