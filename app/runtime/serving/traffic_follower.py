"""Traffic follower: moves the limits of the served matcher to what visitors ask, and says so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

import structlog
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.sql.engine import Database
from app.audit import AuditLog
from app.errors import GreenroomError
from app.matching.matcher import Matcher
from app.matching.mix.refit import MixReport, follow, told
from app.matching.mix.trials import ENOUGH_QUESTIONS, MixTrials
from app.runtime.serving.served_release import LoadedRelease
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import mix_trials
from app.runtime.wiring.traffic import read_traffic, record_followed

log = structlog.get_logger()

EVERY_S = 600.0


class MixMetrics:
    """Metrics of the mix of questions: what is answerable, what an answer needs, what may be wrong."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics; a registry takes them once."""

        def gauge(name: str, what: str) -> Gauge:
            return Gauge(f"greenroom_{name}", what, registry=registry)

        self._answerable = gauge("traffic_answerable", "Estimated share of questions in the catalog; 0: unknown.")
        self._threshold = gauge("answer_threshold", "Probability that an answer by meaning needs; 0: unknown.")
        self._wrong = gauge("expected_wrong", "Expected share of wrong clips with that threshold; 0: unknown.")
        self._labels = gauge("labels", "Likely plays that an author has judged.")
        self._alarm = gauge("traffic_alarm", "1 while the estimate of the traffic cannot be trusted.")

    def show(self, report: MixReport) -> None:
        """Show a report."""
        self._answerable.set(report.answerable.value if report.answerable else 0)
        self._threshold.set(report.threshold)
        self._wrong.set(report.expected_wrong)
        self._labels.set(report.labels)
        self._alarm.set(bool(report.alarm))


@dataclass(kw_only=True)
class TrafficFollower:
    """Follower of the traffic on one node; each node comes to the same limits from the same database."""

    settings: Settings
    database: Database
    audit: AuditLog
    metrics: MixMetrics
    _fitted: Matcher | None = field(default=None, init=False)
    """The served matcher as it was fitted to its phrases."""
    _trials: MixTrials | None = field(default=None, init=False)

    async def keep(
        self,
        loaded: Callable[[], LoadedRelease],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> NoReturn:
        """Follow regularly until cancelled; while the database is away the limits stay as they are."""
        while True:
            try:
                await self.follow(loaded(), now())
            except (GreenroomError, SQLAlchemyError, OSError) as error:
                log.warning("traffic.unreachable", error=str(error).splitlines()[0][:200])
            await sleep(EVERY_S)

    async def follow(self, loaded: LoadedRelease, now: datetime) -> MixReport | None:
        """Follow once; None while the matcher is loading or the catalog has no phrases."""
        matcher = loaded.decider.matcher
        if matcher is None:
            return None
        if self._fitted is None or self._fitted.release != matcher.release:
            self._fitted, self._trials = matcher, None
        if matcher.prepared.material is None:
            return None
        traffic = await read_traffic(self.database, encoder=matcher.prepared.encoder, now=now)
        # The trials cost as much as a fit: a quiet site does without them.
        if self._trials is None and len(traffic.pair.first) >= ENOUGH_QUESTIONS:
            self._trials = await asyncio.to_thread(
                mix_trials, self.settings, loaded.catalog, loaded.encoder, self._fitted
            )
        followed = await asyncio.to_thread(follow, self._fitted.fitted, self._trials, traffic, loaded.catalog.matching)
        loaded.decider.use(replace(matcher, fitted=followed.fitted))
        self.metrics.show(followed.report)
        if await record_followed(self.audit, loaded.name, followed.report, now=now):
            level = log.warning if followed.report.alarm else log.info
            level("traffic.followed", says="; ".join(told(followed.report)), alarm=followed.report.alarm)
        return followed.report
