"""The rows of sessions that any node can go on with, and of what is counted across nodes."""

from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from app.adapters.sql.tables import UtcTime


class SessionRow(SQLModel, table=True):
    """A session and which node has it. `waiting`, where it is set, is the turn whose result the visitor waits for."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_node", "node"),
        Index("ix_sessions_left_moved_at", "left", "moved_at"),
        Index("ix_sessions_alive_at", "alive_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    node: str = Field(max_length=64)
    fence: int
    token: str = Field(max_length=64)
    spare: str | None = Field(max_length=64)
    seq: int
    state: str = Field(sa_type=Text)
    waiting: str | None = Field(max_length=64)
    over: bool
    left: str | None = Field(max_length=64)
    """The node that had it before."""
    moved_at: datetime | None = Field(sa_type=UtcTime)
    alive_at: datetime = Field(sa_type=UtcTime)


class SessionFramesRow(SQLModel, table=True):
    """Frames of a session, several a row, as one JSON list."""

    __tablename__ = "session_frames"

    session: str = Field(primary_key=True, max_length=64)
    last: int = Field(primary_key=True)
    first: int
    frames: str = Field(sa_type=Text)


class TallyRow(SQLModel, table=True):
    """How often something was done in a scope, such as a day."""

    __tablename__ = "tallies"
    __table_args__ = (Index("ix_tallies_day", "day"),)

    scope: str = Field(primary_key=True, max_length=200)
    used: int
    day: date
