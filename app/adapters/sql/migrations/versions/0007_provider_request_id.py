"""The provider's own request id in a column of its own, filled in for old renders from what `submit` had returned."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PAGE = 500
_RENDERS = sa.table("renders", sa.column("id"), sa.column("request_id"), sa.column("provider_request_id"))
_R = _RENDERS.c


def upgrade() -> None:
    op.add_column("renders", sa.Column("provider_request_id", sa.String(500), nullable=True))
    op.execute(sa.update(_RENDERS).values(provider_request_id=_R.request_id))
    for render_id, request_id in _documents():
        own = _own(request_id)
        op.execute(sa.update(_RENDERS).where(_R.id == render_id).values(provider_request_id=own))
    op.create_index("ix_renders_provider_provider_request_id", "renders", ["provider", "provider_request_id"])


def downgrade() -> None:
    op.drop_index("ix_renders_provider_provider_request_id", "renders")
    op.drop_column("renders", "provider_request_id")


def _documents() -> Iterator[tuple[str, str]]:
    """Ids that look like a document around the provider's own one, a page at a time."""
    last = ""
    while True:
        page = sa.select(_R.id, _R.request_id).where(_R.id > last, _R.request_id.like("{%")).order_by(_R.id)
        rows = op.get_bind().execute(page.limit(_PAGE)).all()
        if not rows:
            return
        for row in rows:
            yield row.id, row.request_id
        last = rows[-1].id


def _own(request_id: str) -> str:
    try:
        return str(json.loads(request_id)["id"])
    except (ValueError, KeyError):  # it only looked like one
        return request_id
