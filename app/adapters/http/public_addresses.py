"""Public and inner network addresses: the guard against requests into somebody's own network."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from app.errors import MediaError, ProviderUnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.ip_network("::/96")
_INNER_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_public(address: Address) -> bool:
    """Return whether the address is on the public internet.

    An address wrapped in IPv6 counts as the inner one.
    """
    inner = _unwrapped(address)
    if inner is not address:
        return is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )


def points_inside(url: str) -> bool:
    """Return whether the address is unreachable from outside: loopback, private, an inner name, or no host.

    Names are judged by their form; nothing is looked up.
    """
    host = urlsplit(url).hostname
    if not host or host == "localhost" or host.rstrip(".").endswith((*_INNER_NAMES, "localhost")):
        return True
    literal = _literal(host)
    return "." not in host if literal is None else not is_public(literal)


async def public_address(host: str, port: int) -> str:
    """Look a name up once and return the address to connect to.

    Raises:
        MediaError: one of its addresses is not public.
        ProviderUnavailableError: it has no address now.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProviderUnavailableError(f"Cannot look up {host!r}: {error}; try again.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not is_public(address):
            raise MediaError(f"Expected {host!r} at a public address, got {str(address)!r}; it is not fetched.")
    return str(addresses[0])


def _unwrapped(address: Address) -> Address:
    """Return the address inside an IPv6 address: mapped, 6to4, Teredo, NAT64 or IPv4-compatible."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64_LOCAL:
        return ipaddress.IPv4Address("127.0.0.1")
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _literal(host: str) -> Address | None:
    """Return the address that a text is, in every form a resolver reads.

    `127.1`, `0x7f000001`, `2130706433`.
    """
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None
