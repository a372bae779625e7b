"""The steps of a database's schema, so that an older version knows whether it may run on a newer one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
compatible_from = "0008"


def upgrade() -> None:
    op.create_table(
        "schema_steps",
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("compatible_from", sa.String(32), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_schema_steps"),
    )


def downgrade() -> None:
    op.drop_table("schema_steps")
