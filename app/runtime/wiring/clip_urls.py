"""Addresses from which visitors fetch clips: this server, a CDN in front of it, or the bucket itself."""

from urllib.parse import urlsplit

from app.digest import digest_bytes
from app.runtime.settings.site import PRESIGNED, Settings
from app.runtime.wiring.store_and_encoder import OpenStore


def clips_base(settings: Settings) -> str:
    """Return the part before `/clips/...` in messages; empty for the address of the request."""
    elsewhere = settings.clips_url if settings.clips_url != PRESIGNED else ""
    return (elsewhere or settings.public_url).rstrip("/")


async def clips_origin(settings: Settings, store: OpenStore) -> str:
    """Return the origin that clips come from, for the policy of the pages; empty for this server."""
    signed = await store.blobs.address(digest_bytes(b""))
    address = urlsplit(signed or settings.clips_url)
    return f"{address.scheme}://{address.netloc}" if address.netloc else ""
