"""Ending of a run: the cause that needs a person most, for exit statuses and reports."""

from collections.abc import Iterable
from enum import StrEnum

from app.errors import GreenroomError


class Cause(StrEnum):
    """Cause of an end that is no success; of several, the one that stands first here is reported."""

    CANCELLED = "cancelled"
    """Somebody stopped it."""
    PARKED = "parked"
    """An order is, or may be, paid, and only a person can settle it."""
    ACCOUNT = "account"
    """A provider refuses the account: the key is missing or wrong, or there is no money on it."""
    STORAGE = "storage"
    """The store or the database cannot be used, or is full."""
    FAILED = "failed"
    """A clip, the catalog or a setting must be corrected."""
    BUDGET = "budget"
    """More would cost more than is allowed."""
    PROVIDER = "provider"
    """A provider is down or busy; a later run may succeed."""


_CAUSES = {
    "outcome_unknown": Cause.PARKED,
    "charged_without_clip": Cause.PARKED,
    "store_failed": Cause.STORAGE,
    "store_full": Cause.STORAGE,
    "state_unavailable": Cause.STORAGE,
    "state_full": Cause.STORAGE,
    "budget_exceeded": Cause.BUDGET,
    "provider_unavailable": Cause.PROVIDER,
    "provider_busy": Cause.PROVIDER,
}

_ACCOUNT = {"auth", "payment"}


def cause_of(error: GreenroomError) -> Cause:
    """Return the cause that an error is."""
    return Cause.ACCOUNT if getattr(error, "reason", "") in _ACCOUNT else _CAUSES.get(error.code, Cause.FAILED)


def most_urgent(causes: Iterable[Cause]) -> Cause | None:
    """Return the cause that needs a person most; None if there is none."""
    order = list(Cause)
    return min(causes, key=order.index, default=None)
