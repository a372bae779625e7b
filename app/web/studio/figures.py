"""Figures of the Studio's pages that take long to count, each remembered for a while."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from markupsafe import Markup

from app.catalog.model import Catalog, Intent
from app.errors import CatalogError
from app.learning.tallies import Tally
from app.rendering.ledger.operator import SpendReport
from app.rendering.plan.planner import PlanAction, PlanItem
from app.runtime.commands.agreed_warm import files_now, plan_folder
from app.runtime.serving.container import Container
from app.text import fold
from app.web.author_api import clip_states
from app.web.studio.remembered import Remembered

DAYS = 14
"""Days of the chart."""

OLD_DAY_S = 600.0
"""Time for which a day that is over is not counted again."""

KINDS = ("answered", "asked back", "other words", "nothing", "failed")
"""Kinds of outcome, best first."""

IntentState = Literal["new", "changed"]

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


@dataclass(frozen=True, slots=True)
class PlannedLines:
    """Lines of a plan by intent; counted once for each plan. `clips` has the stored and the wanted clips of each."""

    items: tuple[PlanItem, ...] = ()
    by_intent: Mapping[str, tuple[PlanItem, ...]] = field(default_factory=dict)
    clips: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: tuple[PlanItem, ...]) -> "PlannedLines":
        """Sort the items of a plan."""
        ready, wanted = Counter[str](), Counter[str]()
        found: dict[str, dict[int, PlanItem]] = {}
        for at, item in enumerate(items):
            for line in item.wanted.lines:
                if not line.part:
                    found.setdefault(line.intent, {})[at] = item
                    wanted[line.intent] += 1
                    ready[line.intent] += item.action is PlanAction.UNCHANGED
        by_intent = {intent: tuple(some.values()) for intent, some in found.items()}
        return cls(items, by_intent, {intent: (ready[intent], number) for intent, number in wanted.items()})


@dataclass(frozen=True, slots=True)
class Folder:
    """Catalog of the folder as authors see it, beside the one that visitors get.

    `clips` has the stored and the wanted clips of each intent; None while they are counted. `problem` says why the
    folder cannot be read: then the served catalog stands in for it.
    """

    catalog: Catalog
    clips: Mapping[str, tuple[int, int]] | None
    lines: PlannedLines = field(default_factory=PlannedLines)
    states: Mapping[str, IntentState] = field(default_factory=dict)
    """Intents that visitors do not get like this."""
    problem: str = ""

    def state(self, intent: Intent) -> IntentState | None:
        """Return how an intent differs from what visitors get; None if it does not."""
        return self.states.get(intent.id)


class Figures:
    """Figures of one node."""

    def __init__(self, container: Container) -> None:
        monotonic = container.clock.monotonic
        self._container = container
        self.clips = Remembered(lambda: clip_states(container), monotonic, fresh_s=20.0)
        self.asked = Remembered(self._asked, monotonic, fresh_s=30.0)
        self.plan = Remembered(lambda: plan_folder(container.site), monotonic, fresh_s=20.0)
        self.spend = Remembered(self._spend, monotonic, fresh_s=60.0)
        self._days: dict[date, tuple[tuple[Tally, ...], float]] = {}
        self._lines = PlannedLines()
        self._options: dict[tuple[str, int], Markup] = {}
        self._files: tuple[int, int] | None = None
        self._said: dict[str, Mapping[str, str]] = {}
        self._compared: tuple[tuple[str, str], Mapping[str, IntentState]] = (("", ""), {})

    async def folder(self) -> Folder:
        """Return the catalog that authors work on; the served one while the folder is read for the first time."""
        served = self._container.catalog
        try:
            made = await self.plan.read()
        except CatalogError as error:
            return Folder(served, await self.clips.read(), problem=str(error))
        if made is None:
            return Folder(served, await self.clips.read())
        catalog = served if made.is_served else made.site.catalog
        if self._lines.items is not made.plan.items:
            self._lines = PlannedLines.of(made.plan.items)
        return Folder(catalog, self._lines.clips, self._lines, self._states(served, catalog))

    async def look_at_files(self) -> None:
        """Have the plan counted again if a file of the folder, or the store on this disk, has changed since."""
        settings = self._container.site.settings
        found = await asyncio.to_thread(files_now, settings)
        if found != self._files:
            self._files = found
            self.plan.forget()

    def _states(self, served: Catalog, catalog: Catalog) -> Mapping[str, IntentState]:
        """Compare two catalogs; done once for each two."""
        compared = served.digest, catalog.digest
        if self._compared[0] != compared:
            before = {intent.id: intent for intent in served.intents}
            found: dict[str, IntentState] = {
                one.id: "changed" if one.id in before else "new" for one in catalog.intents if before.get(one.id) != one
            }
            self._compared = compared, found
        return self._compared[1]

    async def said(self, catalog: Catalog) -> Mapping[str, str]:
        """Return all that each intent says, folded for a search; made once for each catalog."""
        if catalog.digest not in self._said:
            self._said = {catalog.digest: await asyncio.to_thread(_said, catalog)}
        return self._said[catalog.digest]

    def options(self, intents: Sequence[Intent]) -> Markup:
        """Return the intents as options of a list; made once for each catalog, as a large one has many."""
        key = self._container.catalog.digest, hash(tuple(one.id for one in intents))
        if key not in self._options:
            if any(digest != key[0] for digest, _ in self._options):
                self._options.clear()
            options = (Markup('<option value="{}">{}</option>').format(one.id, one.title) for one in intents)
            self._options[key] = Markup("").join(options)
        return self._options[key]

    async def _spend(self) -> SpendReport:
        first = self._container.clock.now().date().replace(day=1)
        return await self._container.render_admin().spend(since=first)

    def changed(self) -> None:
        """Have counted again what depends on the catalog's files."""
        self.plan.forget()
        self.clips.forget()

    async def _asked(self) -> Asked:
        today = self._container.clock.now().date()
        days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        counted = {day: await self._tallies_of(day, today) for day in days}
        topics = {intent.id: intent.topic for intent in self._container.catalog.intents}
        return Asked(
            tuple((day, _by_kind(found)) for day, found in counted.items()),
            _by_topic([one for found in counted.values() for one in found], topics),
        )

    async def _tallies_of(self, day: date, today: date) -> tuple[Tally, ...]:
        """Count a day; what was counted of a day that is over is used for a while, though ratings still come."""
        now = self._container.clock.monotonic()
        found, at = self._days.get(day, ((), float("-inf")))
        if day == today or now - at > OLD_DAY_S:
            found = await self._container.tallies.of_day(day)
            self._days[day] = found, now
            self._days.pop(today - timedelta(days=DAYS), None)
        return found


def _said(catalog: Catalog) -> Mapping[str, str]:
    found = {}
    for one in catalog.intents:
        texts = [text for part in (one.phrases, one.answer) for some in part.values() for text in some]
        found[one.id] = fold(" ".join([one.id, one.title, *texts]))
    return found


def _by_kind(tallies: tuple[Tally, ...]) -> Mapping[str, int]:
    counted = Counter[str]()
    for one in tallies:
        counted[_KIND_OF[one.outcome]] += one.turns
    return counted


def _by_topic(tallies: Iterable[Tally], topics: Mapping[str, str]) -> tuple[tuple[str, int, int, int], ...]:
    asked, up, down = Counter[str](), Counter[str](), Counter[str]()
    for one in tallies:
        topic = topics.get(one.intent or "")
        if topic is not None:
            asked[topic] += one.turns
            up[topic] += one.turns if one.score == "up" else 0
            down[topic] += one.turns if one.score == "down" else 0
    return tuple((topic, number, up[topic], down[topic]) for topic, number in asked.most_common())
