"""Warming again and again until nothing is left that passes by itself: what a job without a person wants."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from app.rendering.warm import Summary

AGAIN_AFTER_S = 30.0
"""Between two tries: a busy vendor, or one that is down, is not asked more often."""

Once = Callable[[Decimal | None], Awaitable[Summary]]
"""One warm-up of what is missing by then, within what is left of the budget."""


async def until_done(
    once: Once,
    *,
    wait_s: float,
    budget: Decimal | None,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> Summary:
    """Try again for `wait_s` what failed for a reason that passes; all tries share the budget. The last one's summary.

    A clip that would fail again for the same reason, a budget that is spent, and a run that was cancelled end it.
    """
    end = now() + wait_s
    while True:
        summary = await once(budget)
        if not _may_pass(summary) or now() + AGAIN_AFTER_S > end:
            return summary
        budget = None if budget is None else max(Decimal(0), budget - summary.spent)
        await sleep(AGAIN_AFTER_S)


def _may_pass(summary: Summary) -> bool:
    return summary.ended == "finished" and any(failure.retryable for failure in summary.failures)
