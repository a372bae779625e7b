"""Which pages may talk to this server: their own origin, and those on the list."""

from collections.abc import Mapping

from app.errors import OriginError
from app.runtime.web_settings import WebSettings


def allowed_origin(headers: Mapping[str, str], settings: WebSettings) -> str | None:
    """The page's origin if it may talk to us; None when no page is behind the call (programs send no `Origin`).

    Raises:
        OriginError: the page is not on the list.
    """
    origin = headers.get("origin")
    if origin is None or _is_own(origin, headers, settings) or origin in settings.allowed_origins:
        return origin
    if "*" in settings.allowed_origins and settings.environment == "development":
        return origin
    raise OriginError(f"Pages of {origin[:100]!r} may not talk to this server; add it to `GREENROOM_ALLOWED_ORIGINS`.")


def _is_own(origin: str, headers: Mapping[str, str], settings: WebSettings) -> bool:
    scheme, _, host = origin.partition("://")
    same_host = scheme in {"http", "https"} and host.lower() == headers.get("host", "").lower()
    return same_host or origin == settings.public_url.rstrip("/")
