"""Tables of releases and drafts, and of the whole schema: whoever imports `METADATA` from here has every table."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, MetaData, Text
from sqlmodel import Field, SQLModel

from app.adapters.sql import question_tables, tables
from app.adapters.sql.columns import UtcTime
from app.adapters.sql.deliveries import tables as delivery_tables
from app.adapters.sql.erasing import tables as erasing_tables

OTHERS = (tables, question_tables, delivery_tables, erasing_tables)
"""Modules with the other tables: importing them is what makes `METADATA` whole."""

METADATA: MetaData = tables.METADATA


class ReleaseRow(SQLModel, table=True):
    """Published catalog with the bytes of its folder."""

    __tablename__ = "releases"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    catalog: str = Field(max_length=64)
    name: str = Field(max_length=200)
    intents: int
    note: str = Field(max_length=500)
    published_at: datetime = Field(sa_type=UtcTime)
    published_by: str = Field(max_length=200)
    keys: list[str] = Field(sa_type=JSON)
    pack: bytes = Field(sa_type=LargeBinary)


class ReleaseStepRow(SQLModel, table=True):
    """Change of the current release; its key makes two changes at the same time impossible."""

    __tablename__ = "release_steps"

    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(foreign_key="releases.number")
    deed: str = Field(max_length=16)
    at: datetime = Field(sa_type=UtcTime)
    by: str = Field(max_length=200)


class DraftRow(SQLModel, table=True):
    """Catalog that waits to be published, with the bytes of its folder."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index("ix_drafts_state_publish_at", "state", "publish_at"),
        CheckConstraint("state IN ('open', 'published')", name="state"),
    )

    name: str = Field(primary_key=True, max_length=64)
    revision: int
    catalog: str = Field(max_length=64)
    title: str = Field(max_length=200)
    intents: int
    message: str = Field(max_length=500)
    base: int
    made_by: str = Field(max_length=200)
    made_at: datetime = Field(sa_type=UtcTime)
    missing: int
    allow_missing: bool
    approved_by: str | None = Field(max_length=200)
    approved_at: datetime | None = Field(sa_type=UtcTime)
    publish_at: datetime | None = Field(sa_type=UtcTime)
    scheduled_by: str | None = Field(max_length=200)
    state: str = Field(max_length=16)
    release: int | None
    failure: str = Field(sa_type=Text)
    keys: list[str] = Field(sa_type=JSON)
    pack: bytes = Field(sa_type=LargeBinary)
