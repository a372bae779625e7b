"""Tables of traces: who asked for which film, which films are to be gone, which sessions are erased."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.adapters.sql.columns import UtcTime


class FilmDemandRow(SQLModel, table=True):
    """Film that a session asked for, by the recipe key of its video or speech; `session` is a pseudonym."""

    __tablename__ = "film_demands"
    __table_args__ = (Index("ix_film_demands_session", "session"), Index("ix_film_demands_at", "at"))

    key: str = Field(primary_key=True, max_length=64)
    session: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(sa_type=UtcTime)


class GoneFilmRow(SQLModel, table=True):
    """Film that is to be gone: one that a render stores later is deleted at once."""

    __tablename__ = "gone_films"

    key: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(sa_type=UtcTime)


class ErasedSessionRow(SQLModel, table=True):
    """Erased session, by its pseudonym: nothing is written about it any more."""

    __tablename__ = "erased_sessions"

    session: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(sa_type=UtcTime)
