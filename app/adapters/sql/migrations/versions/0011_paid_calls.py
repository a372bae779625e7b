"""Paid calls that are no films: voices, chat, moderation, transcriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
compatible_from = "0008"

_KINDS = "kind IN ('chat', 'moderation', 'speech', 'transcription')"
_STATES = "state IN ('released', 'reserved', 'settled', 'unknown')"


def upgrade() -> None:
    op.create_table(
        "paid_calls",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("intent", sa.String(200), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("most_in", "most_out", "units_in", "units_out")
        ),
        sa.Column("estimated_micros", sa.BigInteger(), nullable=False),
        sa.Column("charged_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("request_id", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paid_calls")),
        sa.CheckConstraint(_KINDS, name=op.f("ck_paid_calls_kind")),
        sa.CheckConstraint(_STATES, name=op.f("ck_paid_calls_state")),
        sa.CheckConstraint("estimated_micros >= 0 AND charged_micros >= 0", name=op.f("ck_paid_calls_money")),
    )
    op.create_index("ix_paid_calls_day", "paid_calls", ["day"])
    op.create_index("ix_paid_calls_state_at", "paid_calls", ["state", "at"])


def downgrade() -> None:
    op.drop_table("paid_calls")
