"""Session tokens: short-lived, single-use, bound to the page that asked for them."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.conversation.ports import Clock
from app.errors import AccessError

TOKEN_S = 60
"""Life of a token: long enough for a slow phone to open a socket, too short to be worth stealing."""


class Signer:
    """Signer of short texts for one purpose: what it signed for another one is not genuine."""

    def __init__(self, secret: str, *, purpose: str) -> None:
        """`secret` signs; whoever knows it can sign anything."""
        self._key = hashlib.sha256(f"greenroom {purpose}\0{secret}".encode()).digest()

    def sealed(self, text: str) -> str:
        """Return the text with its signature, in letters that a header or an address may hold."""
        body = _encode(text.encode())
        return f"{body}.{_encode(self._sign(body))}"

    def opened(self, sealed: str) -> str | None:
        """Return the text, or None if it was not signed here for this purpose.

        Raises:
            ValueError: it cannot be read.
        """
        body, _, signature = sealed.partition(".")
        genuine = hmac.compare_digest(self._sign(body), _decode(signature))
        return _decode(body).decode() if genuine else None

    def mark(self, text: str) -> str:
        """Return the signature alone."""
        return _encode(self._sign(text))

    def _sign(self, body: str) -> bytes:
        return hmac.digest(self._key, body.encode(), "sha256")


class Claims(BaseModel):
    """Claims of a token; `aud` separates it from tokens of other uses of the same secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    aud: Literal["greenroom-session"] = "greenroom-session"
    jti: str
    exp: float
    origin: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """Issued token, and for how long it is valid."""

    token: str
    expires_s: int


class Tokens:
    """Issuer of tokens that accepts each one once. This process remembers used ones until they expire."""

    def __init__(self, secret: str, clock: Clock) -> None:
        """`secret` signs; whoever knows it can open sessions."""
        self._signer = Signer(secret, purpose="session token")
        self._clock = clock
        self._used: dict[str, float] = {}

    def issue(self, *, origin: str | None, locale: str | None) -> Issued:
        """Issue a token for a page."""
        claims = Claims(jti=secrets.token_urlsafe(16), exp=self._now() + TOKEN_S, origin=origin, locale=locale)
        return Issued(self._signer.sealed(claims.model_dump_json()), TOKEN_S)

    def redeem(self, token: str, *, origin: str | None) -> Claims:
        """Use up a token and return its claims.

        Raises:
            AccessError: it is not ours, has expired, is used already, or belongs to another page.
        """
        claims = self._read(token)
        now = self._now()
        self._used = {jti: exp for jti, exp in self._used.items() if exp > now}
        if claims.exp <= now:
            raise AccessError("The session token has expired; get another from `POST /v1/sessions`.")
        if claims.jti in self._used:
            raise AccessError("The session token was used already; get another from `POST /v1/sessions`.")
        if claims.origin is not None and claims.origin != origin:
            raise AccessError("The session token was given to another page.")
        self._used[claims.jti] = claims.exp
        return claims

    def _read(self, token: str) -> Claims:
        try:
            text = self._signer.opened(token)
            claims = Claims.model_validate_json(text) if text is not None else None
        except (ValueError, ValidationError) as error:
            raise AccessError("The session token cannot be read.") from error
        if claims is None:
            raise AccessError("The session token is missing or not one of this server's.")
        return claims

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
