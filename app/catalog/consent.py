"""Consent record of an avatar."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from app.catalog.field_types import STRICT, Locale


class Consent(BaseModel):
    """Consent record: the owner of face and voice, and what may be done with them.

    `synthetic`: nobody's. `person`: a living person's, with an evidence file and a scope.
    """

    model_config = STRICT

    subject: str = Field(min_length=1, max_length=200)
    kind: Literal["synthetic", "person"]
    evidence: str | None = None
    scope: str | None = None
    locales: tuple[Locale, ...] = ()
    until: date | None = None
