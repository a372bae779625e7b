"""The first tables: renders, budgets, turns."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("state IN ('fetched', 'leased', 'parked', 'submitted', 'submitting', 'unknown', 'wanted')")

_IS_STATE = (
    "state IN ('cancelled', 'failed', 'fetched', 'leased', 'parked', 'ready', 'submitted', 'submitting', 'unknown', "
    "'wanted')"
)


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reserved_micros >= 0 AND spent_micros >= 0", name=op.f("ck_budgets_money")),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_budgets")),
    )
    op.create_table(
        "renders",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("recipe_key", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("request_id", sa.String(500), nullable=True),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            _IS_STATE,
            name=op.f("ck_renders_state"),
        ),
        sa.CheckConstraint("fence >= 0 AND attempts >= 0", name=op.f("ck_renders_counters")),
        sa.CheckConstraint("reserved_micros >= 0 AND spent_micros >= 0", name=op.f("ck_renders_money")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renders")),
        sa.UniqueConstraint("token", name=op.f("uq_renders_token")),
    )
    with op.batch_alter_table("renders", schema=None) as batch_op:
        batch_op.create_index("ix_renders_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_renders_recipe_key_created_at", ["recipe_key", "created_at"], unique=False)
        batch_op.create_index("ix_renders_state_lease_until", ["state", "lease_until"], unique=False)
        batch_op.create_index(
            "uq_renders_open_recipe", ["recipe_key"], unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        )

    op.create_table(
        "turns",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("intent", sa.String(64), nullable=True),
        sa.Column("clip", sa.String(64), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=False),
        sa.Column("score", sa.String(4), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'blocked', 'cancelled', 'clarify', 'failed', 'generated', 'missed')",
            name=op.f("ck_turns_outcome"),
        ),
        sa.CheckConstraint("score IS NULL OR score IN ('up', 'down')", name=op.f("ck_turns_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
    )
    with op.batch_alter_table("turns", schema=None) as batch_op:
        batch_op.create_index("ix_turns_asked_at", ["asked_at"], unique=False)
        batch_op.create_index("ix_turns_outcome_question_key", ["outcome", "question_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("turns", schema=None) as batch_op:
        batch_op.drop_index("ix_turns_outcome_question_key")
        batch_op.drop_index("ix_turns_asked_at")

    op.drop_table("turns")
    with op.batch_alter_table("renders", schema=None) as batch_op:
        batch_op.drop_index("uq_renders_open_recipe")
        batch_op.drop_index("ix_renders_state_lease_until")
        batch_op.drop_index("ix_renders_recipe_key_created_at")
        batch_op.drop_index("ix_renders_created_at")

    op.drop_table("renders")
    op.drop_table("budgets")
