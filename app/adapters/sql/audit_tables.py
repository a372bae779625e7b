"""The row of the audit log; triggers refuse to change or delete one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from app.adapters.sql.tables import UtcTime


class AuditLogRow(SQLModel, table=True):
    """One deed; numbers have no gaps, and `digest` is over the row and the digest before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_action_subject", "action", "subject"), Index("ix_audit_at", "at"))

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcTime)
    actor: str = Field(max_length=200)
    action: str = Field(max_length=64)
    subject: str = Field(max_length=200)
    details: dict[str, Any] = Field(sa_type=JSON)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64)
