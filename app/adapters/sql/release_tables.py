"""The rows of releases, and of which one was current when: both are only ever added."""

from datetime import datetime

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field, SQLModel

from app.adapters.sql.tables import UtcTime


class ReleaseRow(SQLModel, table=True):
    """A published catalog with the bytes of its folder."""

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
    """One change of what is current; its key makes two changes at the same time impossible."""

    __tablename__ = "release_steps"

    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(foreign_key="releases.number")
    deed: str = Field(max_length=16)
    at: datetime = Field(sa_type=UtcTime)
    by: str = Field(max_length=200)
