"""Endpoint of an outside service, and our account there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.adapters.http.public_addresses import points_inside
from app.errors import ProviderUnavailableError

MediaHost = Callable[[str, bytes, str], Awaitable[str]]
"""Host of media for providers without an upload: takes name, bytes and media type, returns a public address."""


@dataclass(frozen=True, slots=True)
class Access:
    """Account at one provider, and its addresses. Nothing of it may be logged.

    Args:
        base_url: takes the place of scheme and host of every call to the provider, path prefix included.
        webhook_base: our address for the provider, such as `https://example.org`; None: no webhooks are
            requested.
        webhook_secret: the key that signs deliveries, where the provider's scheme has one.
        key_name: the setting that holds the key, for messages.
        media_host: puts files where the provider can fetch them, where it has no upload of its own.
    """

    key: str = field(repr=False)
    base_url: str | None = None
    webhook_base: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    key_name: str = ""
    media_host: MediaHost | None = field(default=None, repr=False)


class Endpoint:
    """Address of a provider: its own hosts, or the one address given in their place."""

    def __init__(self, home: str, *, domains: tuple[str, ...], base_url: str | None = None) -> None:
        self.home = home.rstrip("/")
        self._domains = domains
        self._base = base_url.rstrip("/") if base_url else None

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """Host that results may be fetched from even inside our network: the one that the operator named."""
        return frozenset({urlsplit(self._base).hostname or ""} - {""}) if self._base else frozenset()

    @property
    def host(self) -> str:
        """Host that requests really go to, for messages; with the port where one is named."""
        return urlsplit(self._base or self.home).netloc.rpartition("@")[2] or self._base or self.home

    @property
    def local(self) -> bool:
        """Return whether the provider is a stand-in inside our own network."""
        return self._base is not None and points_inside(self._base)

    def followed(self, url: str) -> str:
        """Return an address from the provider, moved to `base_url` if it is one of the provider's own."""
        host = urlsplit(url).hostname or ""
        return self.at(url) if self._base is not None and self._owns(host) and host not in self.trusted_hosts else url

    def at(self, url: str) -> str:
        """Return one of the provider's own addresses, moved to `base_url` if set.

        A path is relative to its home.

        Raises:
            ProviderUnavailableError: it is somebody else's, and must not see the key.
        """
        parts = urlsplit(self.home + url if url.startswith("/") else url)
        host = parts.hostname or ""
        if self._base is None:
            if parts.scheme == "https" and self._owns(host):
                return parts.geturl()
        elif host in self.trusted_hosts:
            return parts.geturl()
        elif self._owns(host):
            return self._base + parts.path + (f"?{parts.query}" if parts.query else "")
        raise ProviderUnavailableError(f"Expected an address of {self.home!r}, got one at {host!r}; nothing was sent.")

    def _owns(self, host: str) -> bool:
        home = urlsplit(self.home).hostname
        return host == home or any(host == domain or host.endswith(f".{domain}") for domain in self._domains)
