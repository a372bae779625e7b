"""Statement: a line for each paid job and each correction, as an accountant compares them with a bill."""

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from app.rendering.ports import MICRO

LineKind = Literal["film", "speech", "chat", "moderation", "transcription", "correction"]

LineStatus = Literal["billed", "reserved", "refused", "released", "booked"]
"""`billed`: is, or may be, billed; `refused`: billed, and refused by the quality gate; `reserved`: not settled yet;
`released`: not billed; `booked`: a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One order of a paid job, one paid call, or one correction. Fields that do not apply, or are not known, are empty.

    `day` is the UTC day of the order, or on which a correction was booked. `id` is ours, `job` the provider's own.
    `amount` is what is booked, `reserved` what is set aside; `provider_charged` and `provider_seconds` are the
    provider's own figures, where its answers have them.
    """

    day: date
    kind: LineKind
    id: str
    job: str
    provider: str
    model: str
    intent: str
    locale: str
    seconds: float | None
    characters: int | None
    tokens_in: int | None = None
    tokens_out: int | None = None
    amount: Decimal
    reserved: Decimal
    currency: str
    provider_charged: Decimal | None
    provider_seconds: float | None
    run: str
    release: int | None
    status: LineStatus
    note: str


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """Sums of a statement in one currency."""

    currency: str
    lines: int
    amount: Decimal
    reserved: Decimal


@dataclass(slots=True)
class StatementSums:
    """Sums of the lines that have gone by, by currency."""

    _by_currency: dict[str, StatementTotal] = field(default_factory=dict)

    def add(self, line: StatementLine) -> None:
        """Count a line."""
        was = self._by_currency.get(line.currency, StatementTotal(line.currency, 0, Decimal(0), Decimal(0)))
        self._by_currency[line.currency] = StatementTotal(
            line.currency, was.lines + 1, was.amount + line.amount, was.reserved + line.reserved
        )

    @property
    def totals(self) -> tuple[StatementTotal, ...]:
        """The sums, one per currency."""
        return tuple(total for _, total in sorted(self._by_currency.items()))


@dataclass(frozen=True, slots=True)
class ChargeDifference:
    """Job whose provider says another charge than is booked; where it says seconds only, at the booked price."""

    id: str
    job: str
    provider: str
    day: date
    currency: str
    booked: Decimal
    charged: Decimal

    @property
    def difference(self) -> Decimal:
        """Charge beyond what is booked."""
        return self.charged - self.booked


SLACK_S = 1.0
"""Seconds by which a video may be longer or shorter than ordered: providers pad, and round."""


def charge_difference(line: StatementLine, share: Decimal) -> ChargeDifference | None:
    """Return by how much a provider's own figures differ from what is booked; None up to this share of it."""
    booked, told = line.amount + line.reserved, _told_charge(line)
    if told is None or abs(told - booked) <= share * booked:
        return None
    return ChargeDifference(line.id, line.job, line.provider, line.day, line.currency, booked, told)


def _told_charge(line: StatementLine) -> Decimal | None:
    if line.provider_charged is not None:
        return line.provider_charged
    if not line.seconds or line.provider_seconds is None or abs(line.provider_seconds - line.seconds) <= SLACK_S:
        return None
    times = Decimal(str(line.provider_seconds)) / Decimal(str(line.seconds))
    return ((line.amount + line.reserved) * times).quantize(MICRO)


def provider_job(request_id: str | None) -> str:
    """Return a provider's own id in what its submit returned: the text itself, or the id in a document around it."""
    if request_id and request_id.startswith("{"):
        try:
            return str(json.loads(request_id)["id"])
        except (ValueError, KeyError):  # it only looked like one
            return request_id
    return request_id or ""


def line_status(*, amount: Decimal, reserved: Decimal, refused: bool) -> LineStatus:
    """Return the status of an order by its money."""
    if reserved:
        return "reserved"
    if amount:
        return "refused" if refused else "billed"
    return "released"
