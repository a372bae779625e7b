"""The history of every step, webhooks, and when a submit began."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(500), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("provider", "token", "request_id", "state", name=op.f("pk_hooks")),
    )
    op.create_index("ix_hooks_token", "hooks", ["token"])
    op.create_table(
        "render_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("render_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("intent", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("request_id", sa.String(500), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("verdict", sa.String(8), nullable=True),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["render_id"], ["renders.id"], name=op.f("fk_render_records_render_id_renders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_render_records")),
    )
    for column in ("render_id", "token", "day"):
        op.create_index(f"ix_render_records_{column}", "render_records", [column])
    op.create_index("ix_render_records_provider_at", "render_records", ["provider", "at"])
    with op.batch_alter_table("renders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_renders_provider_state", ["provider", "state"])


def downgrade() -> None:
    op.drop_table("render_records")
    op.drop_table("hooks")
    with op.batch_alter_table("renders", schema=None) as batch_op:
        batch_op.drop_index("ix_renders_provider_state")
        batch_op.drop_column("begun_at")
