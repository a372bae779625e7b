"""Tables of questions: their groups, the states that authors give them, and the columns that are counted."""

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from app.adapters.sql.columns import UtcTime


class AskedQuestionRow(SQLModel, table=True):
    """Question by its masked words, with its group and its vector; counts are those of the last grouping."""

    __tablename__ = "asked_questions"
    __table_args__ = (
        Index("ix_asked_questions_group_id_id", "group_id", "id"),
        Index("ix_asked_questions_grouped_at", "grouped_at"),
    )

    id: str = Field(primary_key=True, max_length=16)
    locale: str = Field(max_length=35)
    question: str = Field(sa_type=Text)
    group_id: str = Field(max_length=16)
    asked: int
    visitors: int
    encoder: str = Field(max_length=200)
    vector: bytes = Field(sa_type=LargeBinary)
    grouped_at: datetime = Field(sa_type=UtcTime)


class QuestionStateRow(SQLModel, table=True):
    """State that an author gave to a question; it outlives any grouping, and holds no words of a visitor's."""

    __tablename__ = "question_states"

    question_id: str = Field(primary_key=True, max_length=16)
    state: str = Field(max_length=16)
    by: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcTime)
    note: str = Field(max_length=500)


class TurnSegmentRow(SQLModel, table=True):
    """Segment: the turns asked before `until` and not before the segment ahead of it, as columns that are counted.

    A turn that changes empties its segment, and whoever counts next fills it again. `version` grows with each change.
    """

    __tablename__ = "turn_segments"

    until: datetime = Field(primary_key=True, sa_type=UtcTime)
    version: int
    turns: bytes | None = Field(default=None, sa_type=LargeBinary)
    names: list[str] = Field(sa_type=JSON)


class GroupingRow(SQLModel, table=True):
    """Version of the grouping, in one row: it grows whenever a question gets another group, or goes."""

    __tablename__ = "question_grouping"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int
