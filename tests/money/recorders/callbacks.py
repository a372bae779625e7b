"""Calls back: how each vendor signs one, by its documentation, and how it is sent when a job is over."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TRIES, PAUSE_S = 30, 1.0
"""Vendors repeat a call that is not taken; so patient is none of them, and none so quick."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """A body, and the headers that prove whose it is."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signer:
    """A vendor's keys: a pair that it publishes, and a secret that the account knows."""

    pair: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")

    def key_set(self) -> dict[str, Any]:
        """The JWKS document."""
        raw = self.pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "rec", "alg": "EdDSA", "use": "sig", "x": x}]}

    def mac(self, message: bytes, *, secret: str = "") -> str:
        """HMAC-SHA256 in hex."""
        return hmac.new((secret or self.secret).encode(), message, hashlib.sha256).hexdigest()

    def fal(self, job_id: str, body: bytes) -> Mapping[str, str]:
        """Four lines, signed with Ed25519 in hex (docs.fal.ai, webhooks)."""
        stamp = str(int(time.time()))
        lines = "\n".join([job_id, "rec-user", stamp, hashlib.sha256(body).hexdigest()])
        names = ("Request-Id", "User-Id", "Timestamp", "Signature")
        values = (job_id, "rec-user", stamp, self.pair.sign(lines.encode()).hex())
        return {f"X-Fal-Webhook-{name}": value for name, value in zip(names, values, strict=True)}

    def wavespeed(self, job_id: str, body: bytes) -> Mapping[str, str]:
        """Id, time and body; the key is the secret without its prefix, not decoded (wavespeed.ai, verify webhooks)."""
        stamp = str(int(time.time()))
        told = self.mac(f"{job_id}.{stamp}.".encode() + body, secret=self.secret.removeprefix("whsec_"))
        return {"webhook-id": job_id, "webhook-timestamp": stamp, "webhook-signature": f"v3,{told}"}

    def atlascloud(self, job_id: str, body: bytes) -> Mapping[str, str]:
        """Time and body, signed with Ed25519 in base64url, and the older HMAC (atlascloud.ai/docs, webhooks)."""
        stamp = str(int(time.time()))
        message = f"{stamp}.".encode() + body
        signed = base64.urlsafe_b64encode(self.pair.sign(message)).decode().rstrip("=")
        told = {"Id": job_id, "Event": "video.task.terminal", "Timestamp": stamp, "Key-Id": "rec"}
        told |= {"Signature-Ed25519": signed, "Signature": self.mac(message)}
        return {f"X-AtlasCloud-Webhook-{name}": value for name, value in told.items()}

    def sync(self, _job_id: str, body: bytes) -> Mapping[str, str]:
        """Time and body in one header (sync.so/docs, webhooks)."""
        stamp = str(int(time.time()))
        return {"Sync-Signature": f"t={stamp},v1={self.mac(f'{stamp}.'.encode() + body)}"}


def as_body(document: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(document).encode()


def send_later(url: str, wait_s: float, made: "CallBack") -> None:
    """Call when the job is over, again and again until it is taken; the process need not wait for it."""
    threading.Thread(target=_send, args=(url, wait_s, made), daemon=True).start()


def _send(url: str, wait_s: float, made: CallBack) -> None:
    time.sleep(wait_s)
    headers = {"Content-Type": "application/json", **made.headers}
    for _ in range(TRIES):
        try:
            if httpx.post(url, content=made.body, headers=headers, timeout=10.0).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(PAUSE_S)
