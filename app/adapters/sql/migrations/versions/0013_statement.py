"""Facts of an order, figures of its provider, and corrections, in the records; old records keep empty values."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
compatible_from = "0008"

_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "seconds": sa.Float(),
    "run": sa.String(64),
    "release": sa.Integer(),
    "provider_charged_micros": sa.BigInteger(),
    "provider_seconds": sa.Float(),
    "note": sa.String(500),
    "actor": sa.String(200),
}
_IS_TOLD = sa.text("(provider_charged_micros IS NOT NULL OR provider_seconds IS NOT NULL)")


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("render_records", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_render_records_told", "render_records", ["day"], sqlite_where=_IS_TOLD, postgresql_where=_IS_TOLD
    )


def downgrade() -> None:
    op.drop_index("ix_render_records_told", "render_records")
    for name in reversed(_COLUMNS):
        op.drop_column("render_records", name)
