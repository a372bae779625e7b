"""How warm-ups ended, and since when clips have been missing."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
compatible_from = "0008"


def upgrade() -> None:
    op.create_table(
        "warm_ends",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("clips_wanted", sa.Integer(), nullable=False),
        sa.Column("clips_missing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_warm_ends"),
    )
    op.create_index("ix_warm_ends_ended_at", "warm_ends", ["ended_at"])
    op.create_table(
        "missing_clips",
        sa.Column("recipe_key", sa.String(64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipe_key", name="pk_missing_clips"),
    )


def downgrade() -> None:
    op.drop_table("missing_clips")
    op.drop_table("warm_ends")
