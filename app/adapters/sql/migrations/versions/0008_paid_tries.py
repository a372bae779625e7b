"""Paid tries of a render: its submits that are or may be billed, counted for old renders from their records."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_RENDERS = sa.table("renders", sa.column("id"), sa.column("reserved_micros"), sa.column("paid_tries"))
_RECORDS = sa.table("render_records", sa.column("render_id"), sa.column("spent_micros"))
_R = _RENDERS.c


def upgrade() -> None:
    for name in ("paid_tries", "granted_tries"):
        op.add_column("renders", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    charged = (_RECORDS.c.render_id == _R.id) & (_RECORDS.c.spent_micros > 0)
    billed = sa.select(sa.func.count()).select_from(_RECORDS).where(charged).scalar_subquery()
    unsettled = sa.case((_R.reserved_micros > 0, 1), else_=0)
    op.execute(sa.update(_RENDERS).values(paid_tries=billed + unsettled))


def downgrade() -> None:
    for name in ("granted_tries", "paid_tries"):
        op.drop_column("renders", name)
