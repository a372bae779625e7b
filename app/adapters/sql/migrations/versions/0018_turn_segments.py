"""Turns as columns that are counted, the version of the grouping, and narrower indexes in place of wide ones."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
compatible_from = "0008"

_COUNTED = ["question_id", "asked_at", "outcome", "answered_by", "chosen", "session", "intent", "nearest", "score"]


def upgrade() -> None:
    op.create_table(
        "turn_segments",
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("turns", sa.LargeBinary(), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("until", name="pk_turn_segments"),
    )
    grouping = op.create_table(
        "question_grouping",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_question_grouping"),
    )
    op.bulk_insert(grouping, [{"id": 1, "version": 1}])
    op.create_index("ix_asked_questions_grouped_at", "asked_questions", ["grouped_at"])
    op.create_index("ix_asked_questions_group_id_id", "asked_questions", ["group_id", "id"])
    op.drop_index("ix_asked_questions_group_id", "asked_questions")
    op.create_index("ix_turns_question_id", "turns", ["question_id"])
    op.drop_index("ix_turns_counted", "turns")


def downgrade() -> None:
    op.create_index("ix_turns_counted", "turns", _COUNTED)
    op.drop_index("ix_turns_question_id", "turns")
    op.create_index("ix_asked_questions_group_id", "asked_questions", ["group_id"])
    op.drop_index("ix_asked_questions_group_id_id", "asked_questions")
    op.drop_index("ix_asked_questions_grouped_at", "asked_questions")
    op.drop_table("question_grouping")
    op.drop_table("turn_segments")
