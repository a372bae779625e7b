"""Acknowledged orphans: when, by whom, and with which note."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
compatible_from = "0008"


def upgrade() -> None:
    op.add_column("hooks", sa.Column("acknowledged_at", sa.DateTime(timezone=True)))
    op.add_column("hooks", sa.Column("acknowledged_by", sa.String(200)))
    op.add_column("hooks", sa.Column("note", sa.String(500)))


def downgrade() -> None:
    for name in ("note", "acknowledged_by", "acknowledged_at"):
        op.drop_column("hooks", name)
