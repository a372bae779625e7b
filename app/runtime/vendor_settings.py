"""Keys and addresses of other people's services, under the names that their own tools use."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.adapters.addresses import points_inside
from app.adapters.sites import Access

KEY_NAMES: Final = {
    "fal": "FAL_KEY",
    "wavespeed": "WAVESPEED_API_KEY",
    "eachlabs": "EACHLABS_API_KEY",
    "atlascloud": "ATLASCLOUD_API_KEY",
    "heygen": "HEYGEN_API_KEY",
    "did": "DID_API_KEY",
    "sync": "SYNC_API_KEY",
    "elevenlabs": "ELEVENLABS_API_KEY",
    "openai": "OPENAI_API_KEY",
}
"""The environment variable of each vendor's key; `<NAME>_BASE_URL` and `<NAME>_WEBHOOK_SECRET` stand beside it."""


class VendorSettings(BaseSettings):
    """Read from the environment or `.env`; a vendor without a key can be planned with, not rendered with."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    fal_key: SecretStr = SecretStr("")
    fal_base_url: str = ""
    wavespeed_api_key: SecretStr = SecretStr("")
    wavespeed_base_url: str = ""
    wavespeed_webhook_secret: SecretStr = SecretStr("")
    eachlabs_api_key: SecretStr = SecretStr("")
    eachlabs_base_url: str = ""
    eachlabs_webhook_secret: SecretStr = SecretStr("")
    atlascloud_api_key: SecretStr = SecretStr("")
    atlascloud_base_url: str = ""
    heygen_api_key: SecretStr = SecretStr("")
    heygen_base_url: str = ""
    heygen_webhook_secret: SecretStr = SecretStr("")
    did_api_key: SecretStr = SecretStr("")
    did_base_url: str = ""
    sync_api_key: SecretStr = SecretStr("")
    sync_base_url: str = ""
    sync_webhook_secret: SecretStr = SecretStr("")
    elevenlabs_api_key: SecretStr = SecretStr("")
    elevenlabs_base_url: str = ""
    elevenlabs_model: str = ""
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    openai_speech_model: str = ""

    def access(self, vendor: str, *, public_url: str = "") -> Access:
        """How a vendor is reached; webhooks are asked for where the vendor can reach us, or is a stand-in here."""
        base_url = str(getattr(self, f"{vendor}_base_url")) or None
        secret: SecretStr | None = getattr(self, f"{vendor}_webhook_secret", None)
        stand_in = base_url is not None and points_inside(base_url)
        reachable = bool(public_url) and (stand_in or _is_reachable(public_url))
        return Access(
            key=getattr(self, KEY_NAMES[vendor].lower()).get_secret_value(),
            base_url=base_url,
            webhook_base=public_url.rstrip("/") if reachable else None,
            webhook_secret=secret.get_secret_value() or None if secret else None,
        )


def _is_reachable(url: str) -> bool:
    """Whether a vendor out in the world may call this address: they all want https."""
    return urlsplit(url).scheme == "https" and not points_inside(url)
