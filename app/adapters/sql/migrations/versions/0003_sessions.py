"""Sessions that any node can go on with; counts that nodes share; turns found by their session."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("spare", sa.String(64), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waiting", sa.String(64), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("left", sa.String(64), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_node", "sessions", ["node"])
    op.create_index("ix_sessions_left_moved_at", "sessions", ["left", "moved_at"])
    op.create_index("ix_sessions_alive_at", "sessions", ["alive_at"])
    op.create_table(
        "session_frames",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session", "last", name=op.f("pk_session_frames")),
    )
    op.create_table(
        "tallies",
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_tallies")),
    )
    op.create_index("ix_tallies_day", "tallies", ["day"])
    op.create_index("ix_turns_session", "turns", ["session"])


def downgrade() -> None:
    op.drop_index("ix_turns_session", "turns")
    op.drop_table("tallies")
    op.drop_table("session_frames")
    op.drop_table("sessions")
