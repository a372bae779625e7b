"""Tables as SQLModel classes. Rows are built and read in this package only, and never take outside input."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_args

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, Index, Text, text
from sqlmodel import Field, SQLModel

from app.adapters.sql.columns import IS_SLIP, IS_TOLD, UtcTime, one_of
from app.learning.turn_log import TurnOutcome
from app.rendering.ledger.calls import CallState
from app.rendering.ledger.states import OPEN, RenderState
from app.rendering.tariffs import CallKind

METADATA = SQLModel.metadata
METADATA.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(states: frozenset[RenderState] | type[StrEnum]) -> list[str]:
    return [str(state.value) for state in states]


_IS_RATED = text("score IS NOT NULL")
_IS_OPEN = text(one_of("state", _values(OPEN)))


class RenderRow(SQLModel, table=True):
    """Render: one paid attempt. Amounts are millionths of the currency's unit."""

    __tablename__ = "renders"
    __table_args__ = (
        Index("uq_renders_open_recipe", "recipe_key", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_renders_state_lease_until", "state", "lease_until"),
        Index("ix_renders_recipe_key_created_at", "recipe_key", "created_at"),
        Index("ix_renders_created_at", "created_at"),
        Index("ix_renders_provider_state", "provider", "state"),
        Index("ix_renders_provider_provider_request_id", "provider", "provider_request_id"),
        CheckConstraint(one_of("state", _values(RenderState)), name="state"),
        CheckConstraint("reserved_micros >= 0 AND spent_micros >= 0", name="money"),
        CheckConstraint("fence >= 0 AND attempts >= 0", name="counters"),
    )

    id: str = Field(primary_key=True, max_length=32)
    recipe_key: str = Field(max_length=64)
    provider: str = Field(max_length=100)
    model: str = Field(max_length=200)
    state: str = Field(max_length=16)
    fence: int = Field(sa_type=BigInteger)
    worker: str | None = Field(max_length=200)
    lease_until: datetime | None = Field(sa_type=UtcTime)
    run_after: datetime | None = Field(sa_type=UtcTime)
    attempts: int
    token: str | None = Field(max_length=64, unique=True)
    request_id: str | None = Field(max_length=500)
    provider_request_id: str | None = Field(max_length=500)
    reserved_micros: int = Field(sa_type=BigInteger)
    spent_micros: int = Field(sa_type=BigInteger)
    paid_tries: int
    granted_tries: int
    currency: str = Field(max_length=3)
    scopes: list[str] = Field(sa_type=JSON)
    error_code: str | None = Field(max_length=64)
    error: str | None = Field(sa_type=Text)
    retryable: bool
    labels: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)
    begun_at: datetime | None = Field(sa_type=UtcTime)


class RecordRow(SQLModel, table=True):
    """Record of one step of one render, append-only. Amounts are changes, in millionths."""

    __tablename__ = "render_records"
    __table_args__ = (
        Index("ix_render_records_render_id", "render_id"),
        Index("ix_render_records_provider_at", "provider", "at"),
        Index("ix_render_records_token", "token"),
        Index("ix_render_records_day", "day"),
        Index("ix_render_records_told", "day", sqlite_where=IS_TOLD, postgresql_where=IS_TOLD),
        Index("ix_render_records_slips", "event", "provider", sqlite_where=IS_SLIP, postgresql_where=IS_SLIP),
    )

    id: int | None = Field(default=None, primary_key=True)
    render_id: str = Field(max_length=32, foreign_key="renders.id")
    at: datetime = Field(sa_type=UtcTime)
    event: str = Field(max_length=32)
    state: str = Field(max_length=16)
    provider: str = Field(max_length=100)
    day: date
    intent: str = Field(max_length=200)
    currency: str = Field(max_length=3)
    token: str | None = Field(max_length=64)
    request_id: str | None = Field(max_length=500)
    code: str | None = Field(max_length=64)
    verdict: str | None = Field(max_length=8)
    reserved_micros: int = Field(sa_type=BigInteger)
    spent_micros: int = Field(sa_type=BigInteger)
    seconds: float | None = Field(sa_type=Float)
    run: str | None = Field(max_length=64)
    release: int | None
    provider_charged_micros: int | None = Field(sa_type=BigInteger)
    provider_seconds: float | None = Field(sa_type=Float)
    note: str | None = Field(max_length=500)
    actor: str | None = Field(max_length=200)


class HookRow(SQLModel, table=True):
    """Verified webhook, stored before it was answered; the primary key drops repeats."""

    __tablename__ = "hooks"
    __table_args__ = (Index("ix_hooks_token", "token"),)

    provider: str = Field(primary_key=True, max_length=100)
    token: str = Field(primary_key=True, max_length=64)
    request_id: str = Field(primary_key=True, max_length=500)
    state: str = Field(primary_key=True, max_length=16)
    received_at: datetime = Field(sa_type=UtcTime)
    body_digest: str = Field(max_length=64)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcTime)
    acknowledged_by: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=500)


class BudgetRow(SQLModel, table=True):
    """Amounts reserved and spent in one scope (a day, a run, a session), in millionths."""

    __tablename__ = "budgets"
    __table_args__ = (CheckConstraint("reserved_micros >= 0 AND spent_micros >= 0", name="money"),)

    scope: str = Field(primary_key=True, max_length=200)
    reserved_micros: int = Field(sa_type=BigInteger)
    spent_micros: int = Field(sa_type=BigInteger)


class PaidCallRow(SQLModel, table=True):
    """Paid call that is no film, such as a voice. Amounts are millionths; units are as `unit` says."""

    __tablename__ = "paid_calls"
    __table_args__ = (
        Index("ix_paid_calls_day", "day"),
        Index("ix_paid_calls_state_at", "state", "at"),
        CheckConstraint(one_of("kind", _values(CallKind)), name="kind"),
        CheckConstraint(one_of("state", _values(CallState)), name="state"),
        CheckConstraint("estimated_micros >= 0 AND charged_micros >= 0", name="money"),
    )

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=16)
    provider: str = Field(max_length=100)
    model: str = Field(max_length=200)
    intent: str = Field(max_length=200)
    unit: str = Field(max_length=16)
    most_in: int = Field(sa_type=BigInteger)
    most_out: int = Field(sa_type=BigInteger)
    units_in: int = Field(sa_type=BigInteger)
    units_out: int = Field(sa_type=BigInteger)
    estimated_micros: int = Field(sa_type=BigInteger)
    charged_micros: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    free: bool
    state: str = Field(max_length=16)
    scopes: list[str] = Field(sa_type=JSON)
    day: date
    at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)
    request_id: str = Field(max_length=500)


class TurnRow(SQLModel, table=True):
    """Turn: one question and its outcome; `question_key` is equal for equal questions."""

    __tablename__ = "turns"
    __table_args__ = (
        Index("ix_turns_asked_at", "asked_at"),
        Index("ix_turns_session", "session"),
        Index("ix_turns_outcome_asked_at", "outcome", "asked_at"),
        Index("ix_turns_intent_asked_at", "intent", "asked_at"),
        Index("ix_turns_topic_asked_at", "topic", "asked_at"),
        Index("ix_turns_locale_asked_at", "locale", "asked_at"),
        Index("ix_turns_release_asked_at", "release", "asked_at"),
        Index("ix_turns_question_id", "question_id"),
        Index("ix_turns_rated", "score", "asked_at", sqlite_where=_IS_RATED, postgresql_where=_IS_RATED),
        Index("ix_turns_outcome_question_key", "outcome", "question_key"),
        CheckConstraint(one_of("outcome", list(get_args(TurnOutcome))), name="outcome"),
        CheckConstraint("score IS NULL OR score IN ('up', 'down')", name="score"),
    )

    id: str = Field(primary_key=True, max_length=64)
    session: str = Field(max_length=64)
    asked_at: datetime = Field(sa_type=UtcTime)
    question: str = Field(sa_type=Text)
    question_key: str = Field(sa_type=Text)
    locale: str = Field(max_length=35)
    outcome: str = Field(max_length=16)
    intent: str | None = Field(max_length=64)
    clip: str | None = Field(max_length=64)
    receipt: dict[str, Any] = Field(sa_type=JSON)
    latency_ms: float
    score: str | None = Field(max_length=4)
    comment: str | None = Field(sa_type=Text)
    chosen_for: str | None = Field(sa_type=Text)
    question_id: str | None = Field(default=None, max_length=16)
    said: str | None = Field(default=None, sa_type=Text)
    answered_by: str | None = Field(default=None, max_length=16)
    document: str | None = Field(default=None, sa_type=Text)
    offered: list[str] | None = Field(default=None, sa_type=JSON)
    chosen: str | None = Field(default=None, max_length=64)
    stopped_after_s: float | None = Field(default=None)
    release: str | None = Field(default=None, max_length=64)
    topic: str | None = Field(default=None, max_length=64)
    nearest: str | None = Field(default=None, max_length=64)


class TurnLabelRow(SQLModel, table=True):
    """Author's verdict on the first candidate of a turn; it outlives the turn, and holds no words of a visitor's."""

    __tablename__ = "turn_labels"

    turn: str = Field(primary_key=True, max_length=64)
    intent: str = Field(max_length=64)
    right: bool
    first: float
    second: float
    encoder: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcTime)
    by: str = Field(max_length=200)


class AuditLogRow(SQLModel, table=True):
    """Audit log row; numbers have no gaps, and `digest` covers the row and the digest before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_action_subject", "action", "subject"), Index("ix_audit_at", "at"))

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcTime)
    actor: str = Field(max_length=200)
    action: str = Field(max_length=64)
    subject: str = Field(max_length=200)
    details: dict[str, Any] = Field(sa_type=JSON)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64)


class SessionRow(SQLModel, table=True):
    """Session and the node that holds it.

    `waiting`, where it is set, is the turn whose result the visitor waits for.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_node", "node"),
        Index("ix_sessions_left_moved_at", "left", "moved_at"),
        Index("ix_sessions_alive_at", "alive_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    node: str = Field(max_length=64)
    fence: int
    token: str = Field(max_length=64)
    spare: str | None = Field(max_length=64)
    seq: int
    state: str = Field(sa_type=Text)
    waiting: str | None = Field(max_length=64)
    over: bool
    left: str | None = Field(max_length=64)
    """Node that held it before."""
    moved_at: datetime | None = Field(sa_type=UtcTime)
    alive_at: datetime = Field(sa_type=UtcTime)


class SessionFramesRow(SQLModel, table=True):
    """Frames of a session, several a row, as one JSON list."""

    __tablename__ = "session_frames"

    session: str = Field(primary_key=True, max_length=64)
    last: int = Field(primary_key=True)
    first: int
    frames: str = Field(sa_type=Text)


class TallyRow(SQLModel, table=True):
    """Count of uses in a scope, such as a day."""

    __tablename__ = "tallies"
    __table_args__ = (Index("ix_tallies_day", "day"),)

    scope: str = Field(primary_key=True, max_length=200)
    used: int
    day: date


class WarmEndRow(SQLModel, table=True):
    """End of a warm-up of the whole catalog."""

    __tablename__ = "warm_ends"
    __table_args__ = (Index("ix_warm_ends_ended_at", "ended_at"),)

    run: str = Field(primary_key=True, max_length=64)
    ended_at: datetime = Field(sa_type=UtcTime)
    outcome: str = Field(max_length=32)
    clips_wanted: int
    clips_missing: int


class MissingClipRow(SQLModel, table=True):
    """Clip that the last warm-up left missing, and since when it has been."""

    __tablename__ = "missing_clips"

    recipe_key: str = Field(primary_key=True, max_length=64)
    since: datetime = Field(sa_type=UtcTime)


class SchemaStepRow(SQLModel, table=True):
    """Migration of this database to a revision, and who else may run on the outcome."""

    __tablename__ = "schema_steps"

    revision: str = Field(primary_key=True, max_length=32)
    compatible_from: str = Field(max_length=32)
    """Oldest revision whose code may run on this one."""
    version: str = Field(max_length=64)
    """Version of Greenroom that migrated."""
    at: datetime = Field(sa_type=UtcTime)
