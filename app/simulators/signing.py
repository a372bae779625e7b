"""Webhook signatures of the providers, and their keys.

Each scheme is a function from a delivery to headers. A forged delivery is signed with random keys.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(slots=True)
class Keys:
    """Signing keys of a provider: an Ed25519 pair if it publishes a key set, and a shared secret."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    key_id: str = field(default_factory=lambda: secrets.token_hex(8))
    secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(24)}")

    def rotate(self) -> None:
        """Sign with new keys from now on; the old ones are gone from the key set."""
        fresh = Keys()
        self.private, self.key_id, self.secret = fresh.private, fresh.key_id, fresh.secret

    def key_set(self) -> dict[str, list[dict[str, str]]]:
        """The JWKS document."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.key_id, "use": "sig", "alg": "EdDSA", "x": x}]}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivery to sign: raw body, event's id, time in unix seconds, and the customer's own secret if any."""

    body: bytes
    event_id: str
    at: int
    own_secret: str | None = None
    event: str = ""


Scheme = Callable[[Delivery, Keys], Mapping[str, str]]


def unsigned(_: Delivery, __: Keys) -> Mapping[str, str]:
    """Return no headers (D-ID): nothing proves the sender."""
    return {}


def fal(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Sign with Ed25519, in hex, over lines of request id, user id, time and the body's SHA-256."""
    user = "simulated-user"
    digest = hashlib.sha256(delivery.body).hexdigest()
    message = "\n".join([delivery.event_id, user, str(delivery.at), digest])
    return {
        "X-Fal-Webhook-Request-Id": delivery.event_id,
        "X-Fal-Webhook-User-Id": user,
        "X-Fal-Webhook-Timestamp": str(delivery.at),
        "X-Fal-Webhook-Signature": keys.private.sign(message.encode()).hex(),
    }


def wavespeed(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Sign with HMAC over id, time and body; the secret without its prefix is the key, as plain text."""
    message = f"{delivery.event_id}.{delivery.at}.".encode() + delivery.body
    return {
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(delivery.at),
        "webhook-signature": f"v3,{_hmac(keys.secret.removeprefix('whsec_'), message)}",
    }


def eachlabs(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Send the customer's secret as it was given; forged deliveries carry another one."""
    if delivery.own_secret is None:
        return {}
    return {"X-Webhook-Secret": delivery.own_secret if keys.key_id else secrets.token_hex(12)}


def atlascloud(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Sign with Ed25519, in base64url, over time and body; add the older hex HMAC."""
    message = f"{delivery.at}.".encode() + delivery.body
    prefix = "X-AtlasCloud-Webhook-"
    return {
        f"{prefix}Id": delivery.event_id,
        f"{prefix}Event": delivery.event,
        f"{prefix}Timestamp": str(delivery.at),
        f"{prefix}Key-Id": keys.key_id,
        f"{prefix}Signature-Ed25519": base64.urlsafe_b64encode(keys.private.sign(message)).rstrip(b"=").decode(),
        f"{prefix}Signature": _hmac(keys.secret, message),
    }


def heygen(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Sign with HMAC over the body alone; the time is sent but not signed.

    Without an endpoint's secret: no signature.
    """
    headers = {"Heygen-Event-Id": delivery.event_id, "Heygen-Timestamp": str(delivery.at)}
    if delivery.own_secret is None:
        return headers
    secret = delivery.own_secret if keys.key_id else keys.secret
    return {**headers, "Heygen-Signature": _hmac(secret, delivery.body)}


def sync(delivery: Delivery, keys: Keys) -> Mapping[str, str]:
    """Sign with HMAC over time and body; time and digest are in one header."""
    message = f"{delivery.at}.".encode() + delivery.body
    return {"Sync-Signature": f"t={delivery.at},v1={_hmac(keys.secret, message)}"}


def forger() -> Keys:
    """Make keys of nobody; the empty id makes the schemes with a shared secret invent one."""
    return Keys(key_id="")


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
