"""Films by the sessions that asked for them, films that are to be gone, and erased sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
compatible_from = "0008"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "film_demands",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", "session", name="pk_film_demands"),
    )
    op.create_index("ix_film_demands_session", "film_demands", ["session"])
    op.create_index("ix_film_demands_at", "film_demands", ["at"])
    for name, key in (("gone_films", "key"), ("erased_sessions", "session")):
        op.create_table(
            name,
            sa.Column(key, sa.String(64), nullable=False),
            sa.Column("at", _TIME, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        )


def downgrade() -> None:
    op.drop_table("erased_sessions")
    op.drop_table("gone_films")
    op.drop_index("ix_film_demands_at", "film_demands")
    op.drop_index("ix_film_demands_session", "film_demands")
    op.drop_table("film_demands")
