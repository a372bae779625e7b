"""Column types and conditions that tables and queries share."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, TypeDecorator, text

from app.rendering.ledger.records import FENCED, TAKEN_OVER


class UtcTime(TypeDecorator[datetime]):
    """Time in UTC, with its zone on the way in and out, also where the database stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert any zone to UTC; a time without a zone is a defect of ours."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"Expected a time with a zone, got {value!r}.")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark the stored time as UTC."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, values: list[str]) -> str:
    """Return the SQL condition that the column holds one of the values (ours, never a user's)."""
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return f"{column} IN ({listed})"


IS_SLIP = text(one_of("event", [FENCED, TAKEN_OVER]))
"""Condition in the exact text of the index: with bound values SQLite would read every record instead."""

IS_TOLD = text("(provider_charged_micros IS NOT NULL OR provider_seconds IS NOT NULL)")
"""Condition in the exact text of the index of what providers say of their bills."""
