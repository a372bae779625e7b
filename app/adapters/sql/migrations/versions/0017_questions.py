"""What was said, offered, chosen and stopped; questions with their groups, and authors' states."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
compatible_from = "0008"

_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "question_id": sa.String(16),
    "said": sa.Text(),
    "answered_by": sa.String(16),
    "document": sa.Text(),
    "offered": sa.JSON(),
    "chosen": sa.String(64),
    "stopped_after_s": sa.Float(),
    "release": sa.String(64),
    "topic": sa.String(64),
    "nearest": sa.String(64),
}
_INDEXED = ("outcome", "intent", "topic", "locale", "release")
_COUNTED = ["question_id", "asked_at", "outcome", "answered_by", "chosen", "session", "intent", "nearest", "score"]
_TURNS = sa.table(
    "turns",
    sa.column("receipt", sa.Text()),
    sa.column("outcome", sa.String()),
    sa.column("intent", sa.String()),
    sa.column("answered_by", sa.String()),
)
_RATED = sa.text("score IS NOT NULL")


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("turns", sa.Column(name, kind))
    for name in _INDEXED:
        op.create_index(f"ix_turns_{name}_asked_at", "turns", [name, "asked_at"])
    op.create_index("ix_turns_counted", "turns", _COUNTED)
    op.create_index("ix_turns_rated", "turns", ["score", "asked_at"], sqlite_where=_RATED, postgresql_where=_RATED)
    # what older versions stored: clicks on chips, and thanks, are no questions
    receipt = sa.cast(_TURNS.c.receipt, sa.Text())
    mine = sa.update(_TURNS)
    op.execute(mine.where(receipt.like('%"stage": "choice"%')).values(answered_by="choice"))
    thanks = sa.and_(_TURNS.c.outcome == "answered", _TURNS.c.intent.is_(None), receipt.like('%"reply": "%'))
    op.execute(mine.where(thanks).values(answered_by="reply"))
    op.create_table(
        "asked_questions",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("group_id", sa.String(16), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(200), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("grouped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_questions"),
    )
    op.create_index("ix_asked_questions_group_id", "asked_questions", ["group_id"])
    op.create_table(
        "question_states",
        sa.Column("question_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_question_states"),
    )


def downgrade() -> None:
    op.drop_table("question_states")
    op.drop_table("asked_questions")
    op.drop_index("ix_turns_rated", "turns")
    op.drop_index("ix_turns_counted", "turns")
    for name in _INDEXED:
        op.drop_index(f"ix_turns_{name}_asked_at", "turns")
    with op.batch_alter_table("turns") as turns:
        for name in _COLUMNS:
            turns.drop_column(name)
