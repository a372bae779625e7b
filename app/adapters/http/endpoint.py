"""Where somebody else's service is, and who we are there."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.adapters.http.public_addresses import points_inside
from app.errors import ProviderUnavailableError


@dataclass(frozen=True, slots=True)
class Access:
    """How one vendor's account is reached. Nothing of it may be logged.

    Args:
        base_url: takes the place of scheme and host of every call to the vendor, path prefix included.
        webhook_base: where the vendor reaches us, such as `https://example.org`; None: no webhooks are asked for.
        webhook_secret: what deliveries are signed with, where the vendor's scheme has one.
    """

    key: str = field(repr=False)
    base_url: str | None = None
    webhook_base: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)


class Endpoint:
    """Where a vendor is: its own hosts, or the one address given in their place."""

    def __init__(self, home: str, *, domains: tuple[str, ...], base_url: str | None = None) -> None:
        self.home = home.rstrip("/")
        self._domains = domains
        self._base = base_url.rstrip("/") if base_url else None

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """The host that results may be fetched from wherever it lies: the one the operator named."""
        return frozenset({urlsplit(self._base).hostname or ""} - {""}) if self._base else frozenset()

    @property
    def local(self) -> bool:
        """Whether the vendor is a stand-in inside our own network."""
        return self._base is not None and points_inside(self._base)

    def followed(self, url: str) -> str:
        """An address that the vendor gave out, moved if it is the vendor's own and the vendor is moved."""
        host = urlsplit(url).hostname or ""
        return self.at(url) if self._base is not None and self._owns(host) and host not in self.trusted_hosts else url

    def at(self, url: str) -> str:
        """One of the vendor's own addresses, moved if they are moved; a path is one of its home.

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
