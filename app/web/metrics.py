"""Metrics of conversations and webhooks for Prometheus, in the container's registry."""

from collections.abc import Callable, Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.conversation.ports import Step
from app.learning.turn_log import TurnOutcome
from app.rendering.work.webhooks import Received

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_ANSWER = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.3, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0, 90.0, 180.0)
"""Buckets with the bounds of the objectives: 0.3 s for stored clips, 90 s for new ones."""
_SLOW = (1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)


class PrometheusMeter:
    """Meter of conversations."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics; a registry takes them once."""
        self._sessions = Gauge("greenroom_sessions", "Live sessions.", registry=registry)
        self._turns = Counter("greenroom_questions", "Questions by outcome.", ["outcome"], registry=registry)
        self._answers = Histogram(
            "greenroom_answer_seconds",
            "Question to first answer frame, or to giving up.",
            ["outcome"],
            registry=registry,
            buckets=_ANSWER,
        )
        for outcome in get_args(TurnOutcome):  # a rate needs a zero to begin from
            self._turns.labels(outcome)
            self._answers.labels(outcome)
        self._steps = {
            "match": Histogram("greenroom_match_seconds", "Matching a question.", registry=registry, buckets=_FAST),
            "film": Histogram("greenroom_film_seconds", "Filming a new answer.", registry=registry, buckets=_SLOW),
        }

    def session_opened(self) -> None:
        """Count a new session."""
        self._sessions.inc()

    def session_closed(self) -> None:
        """Count an ended session."""
        self._sessions.dec()

    def turn_done(self, outcome: TurnOutcome, *, after_s: float) -> None:
        """Count a turn by its outcome, and its time."""
        self._turns.labels(outcome).inc()
        self._answers.labels(outcome).observe(after_s)

    def took(self, step: Step, seconds: float) -> None:
        """Record the time of a step."""
        self._steps[step].observe(seconds)


def show_waiting(registry: CollectorRegistry, oldest_s: Callable[[], float]) -> None:
    """Register the age of the oldest waiting visitor, computed at each scrape."""
    gauge = Gauge("greenroom_waiter_age_seconds", "How long the oldest waiting visitor waits.", registry=registry)
    gauge.set_function(oldest_s)


def count_refused_keys(registry: CollectorRegistry) -> Counter:
    """Return the counter of requests to protected routes without a known key."""
    return Counter("greenroom_refused_keys", "Requests to protected routes without a known key.", registry=registry)


def count_webhooks(registry: CollectorRegistry, senders: Iterable[str] = ()) -> Counter:
    """Count webhooks by provider and result: kept, repeated, astray, orphan (alarm at one), refused.

    The series of the known `senders` exist from the start: the first refusal must be an increase.
    """
    counter = Counter("greenroom_webhooks", "Webhooks by outcome.", ["provider", "result"], registry=registry)
    for provider in senders:
        for result in (*get_args(Received), "refused"):
            counter.labels(provider, result)
    return counter
