"""Visitors: the origins whose pages may connect, and the rate limits by hashed address."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from fastapi.requests import HTTPConnection

from app.conversation.ports import Clock
from app.conversation.rate_limits import Limits, Rate
from app.errors import OriginError, RateLimitedError
from app.runtime.settings.site import WebSettings


def allowed_origin(headers: Mapping[str, str], settings: WebSettings) -> str | None:
    """Return the origin of an allowed page; None if the call is not from a page (programs send no `Origin`).

    Raises:
        OriginError: the page is not on the list.
    """
    origin = headers.get("origin")
    if origin is None or _is_own(origin, headers, settings) or origin in settings.allowed_origins:
        return origin
    if "*" in settings.allowed_origins and settings.environment == "development":
        return origin
    raise OriginError(
        f"Pages of {origin[:100]!r} may not open a chat here; add the origin to `GREENROOM_ALLOWED_ORIGINS`."
    )


def _is_own(origin: str, headers: Mapping[str, str], settings: WebSettings) -> bool:
    scheme, _, host = origin.partition("://")
    same_host = scheme in {"http", "https"} and host.lower() == headers.get("host", "").lower()
    return same_host or origin == settings.public_url.rstrip("/")


Action = Literal["token", "connection", "question"]


RATES: Mapping[Action, Rate] = MappingProxyType(
    {"token": Rate(60, 1.0), "connection": Rate(120, 2.0), "question": Rate(300, 30.0)}
)
"""Rates of one address: enough for a school class behind one router, too low for a script."""


class Visitors:
    """Rate limits by hashed address. `secret` keys the hash; this computer's own addresses have no limit."""

    def __init__(self, secret: str, clock: Clock, limits: Limits) -> None:
        self._key = hashlib.sha256(b"greenroom visitor address\0" + secret.encode()).digest()
        self._clock = clock
        self._limits = limits

    def address_of(self, connection: HTTPConnection) -> str:
        """Return the hash of a connection's address; empty for this computer, or if it is not known."""
        host = connection.client.host if connection.client else ""
        try:
            found = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return ""
        if found.is_loopback:
            return ""
        if isinstance(found, ipaddress.IPv6Address):
            found = found.ipv4_mapped or ipaddress.IPv6Network((found, 64), strict=False).network_address
        day = f"{self._clock.now():%Y-%m-%d}"
        return hmac.digest(self._key, f"{day} {found}".encode(), "sha256").hex()[:24]

    async def admit(self, address: str, action: Action) -> None:
        """Count a request.

        Raises:
            RateLimitedError: too many from this address.
        """
        if not address:
            return
        wait_s = await self._limits.take(f"{action}:{address}", RATES[action])
        if wait_s:
            raise RateLimitedError(
                f"Too many {action}s from one address; wait a little.", retry_after_s=round(wait_s, 1)
            )
