"""Table of deliveries."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from app.adapters.sql.columns import UtcTime


class DeliveryRow(SQLModel, table=True):
    """Delivery to the site's webhook; it is deleted when it was taken, or given up."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due_at", "due_at"), Index("ix_deliveries_session", "session"))

    id: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=40)
    session: str = Field(max_length=128)
    body: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    tries: int
    trouble: str = Field(max_length=200)
