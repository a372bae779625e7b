"""Provider settings: keys, addresses, and a site's own prices, limits and endpoints.

And access to buckets.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.adapters.http.endpoint import Access
from app.adapters.http.public_addresses import points_inside
from app.adapters.s3.bucket import BucketAccess
from app.adapters.vendors.call_prices import CallPrices, call_providers, load_call_prices
from app.adapters.vendors.facts import Overrides, load_facts
from app.errors import SettingsError
from app.runtime.settings.site import Settings, secrets_dir

_INVOICE = "invoice"
"""Table of `providers.toml` that is no provider's: the columns of their bills."""


def provider_overrides(settings: Settings) -> Overrides:
    """Read the site's own facts of renderers, by provider; none if no file is named and none is in the default place.

    Raises:
        SettingsError: the named file is missing, is not TOML, or has an impossible value.
    """
    overrides = {name: row for name, row in _overrides(settings).items() if name not in call_providers()}
    try:
        load_facts(overrides)
    except SettingsError as error:
        raise SettingsError(f"{settings.providers_file}: {error}") from error
    return overrides


def call_prices(settings: Settings) -> Mapping[str, CallPrices]:
    """Return the prices of voices, chat and moderation by provider, with the site's own.

    Raises:
        SettingsError: as `provider_overrides`.
    """
    overrides = _overrides(settings)
    try:
        return load_call_prices(overrides)
    except SettingsError as error:
        raise SettingsError(f"{settings.providers_file}: {error}") from error


def _overrides(settings: Settings) -> Overrides:
    return {name: row for name, row in _document(settings).items() if name != _INVOICE}


def _document(settings: Settings) -> Overrides:
    path = settings.providers_file
    if not path.exists() and "providers_file" not in settings.model_fields_set:
        return {}
    return _read(path)


class InvoiceColumns(BaseModel):
    """Columns of a provider's bill, `[invoice.<provider>]` in `providers.toml`: a CSV's header, or keys of JSON rows.

    A name with dots goes into objects.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: str
    amount: str
    seconds: str = ""
    currency: str = ""
    rows: str = ""
    """Place of the list of rows in a JSON document."""
    factor: Decimal = Decimal(1)
    """Price of one unit of `amount`, such as 0.01 where it is in cents."""
    decimal: Literal[".", ","] = "."


def invoice_columns(settings: Settings) -> dict[str, InvoiceColumns]:
    """Read which column of each provider's bill is what; none without the file.

    Raises:
        SettingsError: the named file is missing, is not TOML, or a table has an unknown or a missing key.
    """
    tables = _document(settings).get(_INVOICE, {})
    try:
        return TypeAdapter(dict[str, InvoiceColumns]).validate_python(tables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (_INVOICE, *first["loc"]))
        raise SettingsError(f"{settings.providers_file}: `{where}`: {first['msg']}; correct it.") from error


def _read(path: Path) -> Overrides:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"Expected the file that GREENROOM_PROVIDERS_FILE names, {path}: {error.strerror}."
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: Expected TOML, got: {error}.") from error
    for name, row in document.items():
        if not isinstance(row, dict):
            raise SettingsError(f"{path}: Expected a table [{name}] of a provider, got {row!r}.")
    return document


class StorageSettings(BaseSettings):
    """Access to object storage, from the environment or `.env`.

    Empty values are found as AWS tools find them.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, secrets_dir=secrets_dir())

    aws_endpoint_url: str = ""
    aws_region: str = ""
    aws_access_key_id: SecretStr = SecretStr("")
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")

    def access(self) -> BucketAccess:
        """Address and keys for buckets."""
        return BucketAccess(
            endpoint=self.aws_endpoint_url,
            region=self.aws_region,
            key_id=self.aws_access_key_id.get_secret_value(),
            key=self.aws_secret_access_key.get_secret_value(),
            session_token=self.aws_session_token.get_secret_value(),
        )


KEY_NAMES: Final = {
    "fal": "FAL_KEY",
    "wavespeed": "WAVESPEED_API_KEY",
    "eachlabs": "EACHLABS_API_KEY",
    "atlascloud": "ATLASCLOUD_API_KEY",
    "heygen": "HEYGEN_API_KEY",
    "did": "DID_API_KEY",
    "sync": "SYNC_API_KEY",
    "http": "HTTP_RENDERER_KEY",
    "runware": "RUNWARE_API_KEY",
    "kling": "KLING_API_KEY",
    "creatify": "CREATIFY_API_KEY",
    "elevenlabs": "ELEVENLABS_API_KEY",
    "openai": "OPENAI_API_KEY",
}
"""Environment variable of each provider's key; `<NAME>_BASE_URL` and `<NAME>_WEBHOOK_SECRET` go with it."""

OWN_SERVERS: Final = {"http": "HTTP_RENDERER_URL"}
"""Environment variable of the address of each provider that is a server of one's own; it needs no key."""


def address_name(vendor: str) -> str:
    """Return the environment variable of the address that a provider's calls go to."""
    return OWN_SERVERS.get(vendor, f"{vendor.upper()}_BASE_URL")


MEDIA_BUCKETS: Final = {"creatify": "CREATIFY_MEDIA_URL"}
"""Environment variable of the bucket from which a provider without an upload fetches media."""


class VendorSettings(BaseSettings):
    """Access to providers, from the environment or `.env`.

    Without a key a provider can be priced, but not used.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, secrets_dir=secrets_dir())

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
    http_renderer_key: SecretStr = SecretStr("")
    http_renderer_url: str = ""
    runware_api_key: SecretStr = SecretStr("")
    runware_base_url: str = ""
    kling_api_key: SecretStr = SecretStr("")
    kling_access_key: SecretStr = SecretStr("")
    kling_secret_key: SecretStr = SecretStr("")
    kling_base_url: str = ""
    creatify_api_key: SecretStr = SecretStr("")
    creatify_base_url: str = ""
    creatify_media_url: str = ""
    elevenlabs_api_key: SecretStr = SecretStr("")
    elevenlabs_base_url: str = ""
    elevenlabs_model: str = ""
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    openai_speech_model: str = ""

    def missing(self, vendor: str) -> str:
        """Name the variable without which a provider accepts no work; empty if none is missing.

        A base URL does not replace the key, because no portrait leaves without a key. A server of one's own needs
        its address only: the renderer behind HTTP, and a voice that speaks as OpenAI's.
        """
        address = str(getattr(self, address_name(vendor).lower()))
        if vendor in OWN_SERVERS:
            return "" if address else OWN_SERVERS[vendor]
        if not (self._key(vendor) or (vendor == "openai" and address)):
            return KEY_NAMES[vendor]
        return "" if vendor not in MEDIA_BUCKETS or address or self.media_bucket(vendor) else MEDIA_BUCKETS[vendor]

    def media_bucket(self, vendor: str) -> str:
        """Address of the bucket for a provider's media; empty if none is set, or the provider has an upload."""
        return str(getattr(self, MEDIA_BUCKETS[vendor].lower())) if vendor in MEDIA_BUCKETS else ""

    def access(self, vendor: str, *, public_url: str = "") -> Access:
        """Address and key of a provider.

        With webhooks if it can reach this server, or is a simulator here.
        """
        base_url = str(getattr(self, address_name(vendor).lower())) or None
        secret: SecretStr | None = getattr(self, f"{vendor}_webhook_secret", None)
        simulator = base_url is not None and points_inside(base_url)
        reachable = bool(public_url) and (simulator or _is_reachable(public_url))
        return Access(
            key=self._key(vendor),
            base_url=base_url,
            webhook_base=public_url.rstrip("/") if reachable else None,
            webhook_secret=secret.get_secret_value() or None if secret else None,
            key_name=KEY_NAMES[vendor],
        )

    def _key(self, vendor: str) -> str:
        """Return a provider's key; of the two halves of an older key of Kling's, `access:secret`."""
        key: SecretStr = getattr(self, KEY_NAMES[vendor].lower())
        halves = (self.kling_access_key.get_secret_value(), self.kling_secret_key.get_secret_value())
        if vendor == "kling" and all(halves) and not key.get_secret_value():
            return ":".join(halves)
        return key.get_secret_value()


def _is_reachable(url: str) -> bool:
    """Return whether a provider on the internet can call this address: all of them require https."""
    return urlsplit(url).scheme == "https" and not points_inside(url)
