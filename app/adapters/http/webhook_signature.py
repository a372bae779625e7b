"""Signature of a webhook that we send, as *Standard Webhooks* has it: any of its libraries verifies it."""

import base64
import hashlib
import hmac
from datetime import datetime

from app.errors import SettingsError

_PREFIX = "whsec_"


def delivery_headers(content: bytes, *, delivery: str, at: datetime, secret: str) -> dict[str, str]:
    """Return the headers of one try of a delivery.

    `at` is the time of the try: receivers refuse one that is minutes old. `delivery` is the same in every try, so that
    a receiver knows a repeated one. Without a secret it is not signed. `secret` is `whsec_` and base64, or any other
    text.

    Raises:
        SettingsError: what follows `whsec_` is no base64, or nothing.
    """
    stamp = str(int(at.timestamp()))
    named = {"webhook-id": delivery, "webhook-timestamp": stamp}
    if not secret:
        return named
    signed = hmac.digest(_key(secret), f"{delivery}.{stamp}.".encode() + content, hashlib.sha256)
    return named | {"webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError as error:  # `binascii.Error` is one, and so is what letters beyond ASCII raise
        raise SettingsError("Expected base64 after `whsec_` in GREENROOM_REPORT_SECRET; copy it again.") from error
    if not key:
        raise SettingsError("Expected a key after `whsec_` in GREENROOM_REPORT_SECRET, got none; copy it again.")
    return key
