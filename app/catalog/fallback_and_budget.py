"""Fallback and budget: who answers what no intent answers, and what rendering may cost."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from app.catalog.field_types import STRICT, Slugs, Texts, VariableNames


class Fallback(BaseModel):
    """Settings for a question that no intent answers."""

    model_config = STRICT

    responder: Literal["knowledge", "chat", "none"] = "knowledge"
    generate: bool = True
    max_generated_s: float = Field(20.0, gt=0, le=180)
    context: VariableNames = ()
    """Values of the page that a chat model is told with a question, by name."""
    calls: Slugs = ()
    """Intents with a function of the page that a chat model may answer with."""
    examples: Texts = ()
    """Questions without an intent that the demo page offers, to show what happens then."""


class Budget(BaseModel):
    """Limits of what rendering may cost; amounts are in `currency`."""

    model_config = STRICT

    currency: Literal["USD"] = "USD"
    per_day: Decimal | None = Field(None, ge=0)
    per_run: Decimal | None = Field(None, ge=0)
    per_session: Decimal | None = Field(None, ge=0)
    per_clip_attempts: int = Field(2, ge=1, le=20)
