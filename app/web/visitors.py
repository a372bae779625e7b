"""Visitors: the origins whose pages may connect, and the rate limits by hashed address."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from fastapi.requests import HTTPConnection

from app.conversation.ports import Clock
from app.conversation.rate_limits import Limits, MemoryLimits, Rate
from app.errors import OriginError, RateLimitedError
from app.runtime.settings.site import WebSettings
from app.runtime.settings.trusted_proxies import address_in


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
    """Return whether a page came from this site: its public address; without one, the host that was asked for.

    A name that somebody points here is "the host that was asked for", too: so production sites set their address.
    """
    if settings.public_url and settings.environment == "production":
        return origin == _origin_of(settings.public_url)
    scheme, _, host = origin.partition("://")
    same_host = scheme in {"http", "https"} and host.lower() == headers.get("host", "").lower()
    return same_host or origin == _origin_of(settings.public_url)


def _origin_of(address: str) -> str:
    """Return scheme, host and port of an address as browsers write them: the site may live under a path."""
    scheme, _, rest = address.lower().partition("://")
    host = rest.partition("/")[0]
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"


Action = Literal["token", "connection", "question", "erasing", "guess", "speech", "request"]


RATES: Mapping[Action, Rate] = MappingProxyType(
    {
        "token": Rate(60, 1.0),
        "connection": Rate(120, 2.0),
        "question": Rate(300, 30.0),
        "erasing": Rate(20, 0.2),
        "guess": Rate(20, 0.1),
        "speech": Rate(60, 2.0),
        "request": Rate(60, 0.1),
    }
)
"""Rates of one address: enough for a school class behind one router, too low for a script."""


_LINE_BITS = 56
_WIDE_BITS = 48
_WIDE_LINES = 8
"""Of IPv6 a visitor's line is a /56: providers give a household that, or a /60 or /64 inside it. Who owns a /48 has
256 of them, so all lines of a /48 together may do what eight lines may."""


@dataclass(frozen=True, slots=True)
class VisitorAddress:
    """Hashed address of a visitor; empty for this computer in development, which has no limits.

    `wide` is the /48 around an address of IPv6, else empty.
    """

    line: str = ""
    wide: str = ""


_PLURALS: Mapping[Action, str] = MappingProxyType(
    {
        "token": "tokens",
        "connection": "connections",
        "question": "questions",
        "erasing": "requests to erase",
        "guess": "keys that are not known",
        "speech": "spoken questions",
        "request": "forms",
    }
)


class Visitors:
    """Rate limits by hashed address. `secret` keys the hash.

    Whoever cannot be told apart shares one address: a proxy that does not name its visitors, or this computer in
    production, where only a proxy calls from it. `trusting`: in development this computer has no limits.
    """

    def __init__(self, secret: str, clock: Clock, limits: Limits, *, trusting: bool = True) -> None:
        self._key = hashlib.sha256(b"greenroom visitor address\0" + secret.encode()).digest()
        self._clock = clock
        self._limits = limits
        self._trusting = trusting

    def address_of(self, connection: HTTPConnection) -> VisitorAddress:
        """Return the hash of a connection's address, another one every day."""
        found = address_in(connection.client.host) if connection.client else None
        if found is None or found.is_loopback:
            return VisitorAddress() if self._trusting else VisitorAddress(self._hashed("unknown"))
        if isinstance(found, ipaddress.IPv4Address):
            return VisitorAddress(self._hashed(str(found)))
        line, wide = (ipaddress.IPv6Network((found, bits), strict=False) for bits in (_LINE_BITS, _WIDE_BITS))
        return VisitorAddress(self._hashed(str(line)), self._hashed(str(wide)))

    async def admit(self, address: VisitorAddress, action: Action) -> None:
        """Count a request.

        Raises:
            RateLimitedError: too many from this address.
        """
        if not address.line:
            return
        rate = RATES[action]
        wait_s = await self._limits.take(f"{action}:{address.line}", rate)
        if address.wide and not wait_s:
            wait_s = await self._limits.take(f"{action}:{address.wide}", _wide(rate))
        _refuse(action, wait_s)

    def admit_now(self, address: VisitorAddress, action: Action) -> bool:
        """Count a request without waiting; False if other nodes count along: then nothing is counted, ask `admit`.

        Raises:
            RateLimitedError: too many from this address.
        """
        if not address.line:
            return True
        if not isinstance(self._limits, MemoryLimits):
            return False
        rate = RATES[action]
        wait_s = self._limits.take_now(f"{action}:{address.line}", rate)
        if address.wide and not wait_s:
            wait_s = self._limits.take_now(f"{action}:{address.wide}", _wide(rate))
        _refuse(action, wait_s)
        return True

    async def take(self, scope: str, rate: Rate) -> float:
        """Count a request of a scope that is no address; return 0, or the seconds until there is room."""
        return await self._limits.take(scope, rate)

    def _hashed(self, address: str) -> str:
        day = f"{self._clock.now():%Y-%m-%d}"
        return hmac.digest(self._key, f"{day} {address}".encode(), "sha256").hex()[:24]


def _wide(rate: Rate) -> Rate:
    return Rate(rate.burst * _WIDE_LINES, rate.per_s * _WIDE_LINES)


def _refuse(action: Action, wait_s: float) -> None:
    if wait_s:
        raise RateLimitedError(
            f"Too many {_PLURALS[action]} from one address; wait a little.", retry_after_s=round(wait_s, 1)
        )
