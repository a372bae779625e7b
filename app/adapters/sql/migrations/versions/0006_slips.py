"""An index of the few records of leases taken over and steps refused, which `/metrics` counts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_SLIP = sa.text("event IN ('Fenced', 'TakenOver')")


def upgrade() -> None:
    op.create_index(
        "ix_render_records_slips",
        "render_records",
        ["event", "provider"],
        sqlite_where=_IS_SLIP,
        postgresql_where=_IS_SLIP,
    )


def downgrade() -> None:
    op.drop_index("ix_render_records_slips", "render_records")
