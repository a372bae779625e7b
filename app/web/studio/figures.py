"""Figures of the Studio's pages that take long to count, each remembered for a while."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.learning.turn_log import TurnRecord
from app.runtime.commands.agreed_warm import plan_folder
from app.runtime.serving.container import Container
from app.web.author_api import clip_states
from app.web.studio.remembered import Remembered

NEWEST = 2000
"""Turns that the figures look at."""

DAYS = 14
"""Days of the chart."""

KINDS = ("answered", "asked back", "other words", "nothing", "failed")
"""Kinds of outcome, best first."""

_KIND_OF = {
    "answered": "answered",
    "clarify": "asked back",
    "generated": "other words",
    "missed": "nothing",
    "blocked": "nothing",
    "failed": "failed",
    "cancelled": "answered",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of the last days: by day and kind, by topic and kind, and the ratings of each topic."""

    days: tuple[tuple[date, Mapping[str, int]], ...]
    topics: tuple[tuple[str, int, int, int], ...]
    """Topic, questions that it answered, thumbs up, thumbs down; most asked first."""

    def total(self, *kinds: str) -> int:
        """Count the questions of these kinds; of all if none is named."""
        return sum(counts.get(kind, 0) for _, counts in self.days for kind in kinds or KINDS)


class Figures:
    """Figures of one node."""

    def __init__(self, container: Container) -> None:
        monotonic = container.clock.monotonic
        self._container = container
        self.clips = Remembered(lambda: clip_states(container), monotonic, fresh_s=20.0)
        self.asked = Remembered(self._asked, monotonic, fresh_s=30.0)
        self.plan = Remembered(lambda: plan_folder(container.site), monotonic, fresh_s=5.0)

    def changed(self) -> None:
        """Have counted again what depends on the catalog's files."""
        self.plan.forget()
        self.clips.forget()

    async def _asked(self) -> Asked:
        turns = await self._container.services.turn_log.newest(limit=NEWEST)
        topics = {intent.id: intent.topic for intent in self._container.catalog.intents}
        today = self._container.clock.now().date()
        days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        counted = {day: Counter[str]() for day in days}
        for turn in turns:
            if (day := turn.asked_at.date()) in counted:
                counted[day][_KIND_OF[turn.outcome]] += 1
        return Asked(tuple(counted.items()), _by_topic(turns, topics))


def _by_topic(turns: tuple[TurnRecord, ...], topics: Mapping[str, str]) -> tuple[tuple[str, int, int, int], ...]:
    asked, up, down = Counter[str](), Counter[str](), Counter[str]()
    for turn in turns:
        topic = topics.get(turn.intent or "")
        if topic is not None:
            asked[topic] += 1
            up[topic] += turn.score == "up"
            down[topic] += turn.score == "down"
    return tuple((topic, number, up[topic], down[topic]) for topic, number in asked.most_common())
