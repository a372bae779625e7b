"""Webhook signatures, verified on the raw bytes.

Ed25519 against a published key set, HMAC, shared secrets.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.adapters.http.client import ProviderHttp
from app.errors import AccessError, GreenroomError, ProviderUnavailableError
from app.rendering.ports import HookEvent, JobState

WINDOW_S = 300
"""Largest difference in seconds between a delivery's signed time and ours."""
_TIME_DIGITS = 12
"""Digits of the latest time: longer numbers are none that Python reads, or can subtract."""
_ID_CHARS = 300
"""Longest id of a job or an event: both are stored and logged before anybody knows the job."""
_KEPT = timedelta(hours=24)
_ASKED_AGAIN = timedelta(minutes=1)
"""Shortest interval between requests for keys after a signature by an unknown one."""


class KeySet:
    """Ed25519 keys that a provider publishes.

    They are used for a day, requested again after an unknown signature, and used on while the provider is
    down.
    """

    def __init__(self, wire: ProviderHttp, url: str) -> None:
        self._wire = wire
        self._url = url
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def check(self, signature: bytes, message: bytes, *, now: datetime) -> None:
        """Pass when one of the keys made the signature.

        Raises:
            AccessError: none of them did.
            ProviderUnavailableError: no keys are known and none are available.
        """
        async with self._lock:
            if self._read_at is None or now - self._read_at > _KEPT:
                await self._refresh(now)
            if self._signed(signature, message):
                return
            if self._asked_at is None or now - self._asked_at > _ASKED_AGAIN:
                await self._refresh(now)
        if not self._signed(signature, message):
            raise AccessError("Expected a webhook signed by the provider, got a signature by another key.")

    async def _refresh(self, now: datetime) -> None:
        self._asked_at = now
        try:
            document = (await self._wire.ask("GET", self._url)).document or {}
            keys = tuple(_ed25519(key) for key in document.get("keys", ()) if _is_ed25519(key))
        except (GreenroomError, ValueError):
            keys = ()
        if keys:
            self._keys, self._read_at = keys, now
        elif not self._keys:
            raise ProviderUnavailableError("Cannot get the keys that sign webhooks; poll instead.")

    def _signed(self, signature: bytes, message: bytes) -> bool:
        return any(_made_by(key, signature, message) for key in self._keys)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Delivery as it was read; `checked` makes it an event, named by job and state unless it has an id."""

    request_id: str | None
    state: JobState
    event_id: str | None = None

    def checked(self) -> HookEvent:
        """Return the event.

        Raises:
            AccessError: it names no job, or an id holds controls or is too long.
        """
        if self.request_id is None:
            raise AccessError("Expected a webhook that names a job, got one without an id.")
        event_id = self.event_id or f"{self.request_id}:{self.state}"
        if not all(text.isprintable() and len(text) <= _ID_CHARS for text in (self.request_id, event_id)):
            raise AccessError(f"Expected ids of at most {_ID_CHARS} printable characters on a webhook, got others.")
        return HookEvent(self.request_id, self.state, event_id)


def header(headers: Mapping[str, str], name: str) -> str:
    """Return one header, whatever the case of its name.

    Raises:
        AccessError: it is missing.
    """
    for key, value in headers.items():
        if key.lower() == name.lower():
            return value
    raise AccessError(f"Expected the header {name!r} on a webhook, got none.")


def check_time(stamp: str, *, now: datetime) -> None:
    """Refuse a delivery signed too long ago, or ahead of time; `stamp` is unix seconds.

    Raises:
        AccessError: it is, or `stamp` is no time.
    """
    is_number = len(stamp) <= _TIME_DIGITS and stamp.isascii() and stamp.isdigit()
    if not is_number or abs(now.timestamp() - int(stamp)) > WINDOW_S:
        raise AccessError(f"Expected a webhook signed within {WINDOW_S} s of now, got time {stamp[:32]!r}.")


def check_hmac(signature: str, message: bytes, *, secret: str | None, prefix: str = "") -> None:
    """Compare a hex HMAC-SHA256 in constant time; of several secrets, separated by commas, any may match.

    `prefix` stands before a secret and is no part of the key.

    Raises:
        AccessError: it is another one, or there is no secret to check with.
    """
    if not secret:
        raise AccessError("Expected a webhook secret for this provider, got none; set it, or rely on polling.")
    keys = [one.removeprefix(prefix).encode() for one in _split(secret)]
    shown = signature.strip().lower().encode()
    expected = [hmac.new(key, message, hashlib.sha256).hexdigest().encode() for key in keys]
    if not any(hmac.compare_digest(one, shown) for one in expected):
        raise AccessError("Expected a webhook signed with the provider's secret, got another signature.")


def check_secret(shown: str, secret: str | None) -> None:
    """Compare a secret that is sent as plain text; it may be any of several separated by commas.

    Raises:
        AccessError: it is another one, or none is set up.
    """
    if not any(hmac.compare_digest(one.encode(), shown.encode()) for one in _split(secret or "")):
        raise AccessError("Expected a webhook with the provider's secret, got another one.")


def read_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a delivery.

    Raises:
        AccessError: it is none.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AccessError("Expected JSON in a webhook, got something else.") from error
    if not isinstance(document, dict):
        raise AccessError("Expected a JSON object in a webhook, got something else.")
    return document


def fal_message(headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the message that fal signs."""
    names = ("X-Fal-Webhook-Request-Id", "X-Fal-Webhook-User-Id", "X-Fal-Webhook-Timestamp")
    return "\n".join([*(header(headers, name) for name in names), hashlib.sha256(body).hexdigest()]).encode()


def base64url(text: str) -> bytes:
    """Decode base64url with or without its padding.

    Raises:
        ValueError: it is not.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _split(secrets: str) -> list[str]:
    """Return the secrets in a setting: the old one still counts while its successor is being introduced."""
    return [one.strip() for one in secrets.split(",") if one.strip()]


def _is_ed25519(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == "OKP"
        and key.get("crv") == "Ed25519"
        and isinstance(key.get("x"), str)
    )


def _ed25519(key: Mapping[str, str]) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64url(key["x"]))


def _made_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
