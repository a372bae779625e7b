"""Terms: the days on which an intent may be answered, and the consent under which an avatar may be shown."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from app.catalog.field_types import STRICT, Locale


class Validity(BaseModel):
    """Days, both included, on which an intent may be answered."""

    model_config = STRICT

    from_: date | None = Field(None, alias="from")
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the intent may be answered on this day."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


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
