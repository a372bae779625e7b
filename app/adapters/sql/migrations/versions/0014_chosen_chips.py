"""The question behind a chosen chip; turns of before keep it empty."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
compatible_from = "0008"


def upgrade() -> None:
    op.add_column("turns", sa.Column("chosen_for", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("turns", "chosen_for")
