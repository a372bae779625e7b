"""Surroundings of a node: what it cannot serve without, asked within a budget of time and once a second at most."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.errors import GreenroomError

log = structlog.get_logger()

KEPT_S = 1.0
"""Time for which an answer counts: however many probes come, each part is asked once a second."""


class Surroundings:
    """Parts outside the process, by name, each with a question that raises where it does not work.

    A reason names the part only: what the server or library said may hold addresses and goes to the log.
    """

    def __init__(
        self,
        parts: Mapping[str, Callable[[], Awaitable[object]]],
        *,
        budget_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        """Take `budget_s`, the time that each part has for its answer; they are asked side by side."""
        self._parts = parts
        self._budget_s = budget_s
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._kept_until = float("-inf")
        self._failures: dict[str, str] = {}

    async def failures(self) -> Mapping[str, str]:
        """Return a sentence for each part that does not work; empty if all do."""
        async with self._asking:
            if self._monotonic() >= self._kept_until:
                found = await asyncio.gather(*(self._ask(name, ask) for name, ask in self._parts.items()))
                self._failures = {name: reason for name, reason in zip(self._parts, found, strict=True) if reason}
                self._kept_until = self._monotonic() + KEPT_S
        return self._failures

    async def _ask(self, name: str, ask: Callable[[], Awaitable[object]]) -> str:
        try:
            async with asyncio.timeout(self._budget_s):
                await ask()
        except TimeoutError:
            return self._failed(name, f"The {name} did not answer within {self._budget_s:g} s.", "")
        except (GreenroomError, SQLAlchemyError, OSError) as error:
            return self._failed(name, f"The {name} cannot be used; the log says why.", str(error).splitlines()[0][:300])
        if name in self._failures:
            log.warning("part.back", part=name)
        return ""

    def _failed(self, name: str, reason: str, why: str) -> str:
        if name not in self._failures:
            log.warning("part.failed", part=name, reason=reason, error=why)
        return reason
