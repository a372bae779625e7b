"""The settings that HTTP needs, as plain values."""

from dataclasses import dataclass
from typing import Literal

from app.runtime.keys import ApiKey


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What the web layer is told."""

    secret: str
    """Signs session tokens; at least 32 characters outside development."""
    environment: Literal["development", "production"] = "development"
    public_url: str = ""
    """Scheme, host and port that visitors see, where a proxy hides them."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of pages that may embed the widget; `*` counts in development only."""
    keys: tuple[ApiKey, ...] = ()
    """Open what their roles allow; without any, those routes stay closed in production."""
    clips_origin: str = ""
    """Scheme and host that clips come from, where that is not this server."""
    version: str = "0"
