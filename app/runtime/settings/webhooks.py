"""Webhooks of the settings: address and secret are judged at the start, not at the first visitor."""

import base64
from urllib.parse import urlsplit

_PREFIX = "whsec_"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def check_webhook(address: str, secret: str, *, kind: str) -> None:
    """Check address and secret of `GREENROOM_KIND_WEBHOOK`; both may be empty.

    Raises:
        ValueError: one of them cannot be used; the message names the setting and not its value.
    """
    if address:
        _check_address(address, f"GREENROOM_{kind}_WEBHOOK")
    if secret.startswith(_PREFIX) and not _is_key(secret.removeprefix(_PREFIX)):
        raise ValueError(f"GREENROOM_{kind}_SECRET must have base64 after `whsec_`; copy it again.")


def _check_address(address: str, name: str) -> None:
    try:
        found = urlsplit(address)
        host, _ = found.hostname, found.port  # a port that is no number is an error of its own
    except ValueError:
        raise ValueError(f"{name} must be empty, or an address with https://.") from None
    if not host or not (found.scheme == "https" or (found.scheme == "http" and host in _HERE)):
        raise ValueError(f"{name} must be empty, or an address with https:// (http:// for this computer alone).")
    if "@" in found.netloc:
        raise ValueError(f"{name} must be an address without a user name; deliveries are signed instead.")


def _is_key(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
