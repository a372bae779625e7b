"""Trusted proxies: whose `X-Forwarded-For` is believed, by network or by the number of proxies in a row."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_HOPS = 5


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Trusted proxies in front of a site; none: the peer of the connection is the visitor.

    With networks the visitor is the last address of `X-Forwarded-For` that is no proxy's; whatever a client wrote
    before it is not believed. With `hops` it is the address that the outermost of so many proxies has seen.
    """

    networks: tuple[Network, ...] = ()
    hops: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `10.0.0.0/8, 2001:db8::7`, or a number of proxies.

        Raises:
            ValueError: it is neither.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if len(parts) == 1 and parts[0].isascii() and parts[0].isdecimal():
            hops = int(parts[0])
            if not 1 <= hops <= MOST_HOPS:
                raise ValueError(f"Expected 1 to {MOST_HOPS} proxies in a row, got {hops}.")
            return cls(hops=hops)
        try:
            return cls(tuple(_network(part) for part in parts))
        except ValueError as error:
            raise ValueError(
                f"Expected networks with commas between them, such as `172.16.0.0/12, 127.0.0.1`, or a number of "
                f"proxies; {error}."
            ) from None

    def __bool__(self) -> bool:
        """Return whether any proxy is trusted."""
        return bool(self.networks or self.hops)

    def visitor(self, peer: Address | None, forwarded: Sequence[str]) -> Address | None:
        """Return the visitor's address; None if a proxy did not say it.

        `peer` is the other end of the connection, `forwarded` the values of all `X-Forwarded-For` in their order.
        """
        if not self.is_proxy(peer):
            return peer
        chain = [address_in(part) for value in forwarded for part in value.split(",")]
        if self.hops:
            return chain[-self.hops] if len(chain) >= self.hops else None
        for address in reversed(chain):
            if not self.is_proxy(address):
                return address  # None, too: what cannot be read ends the chain of those who are believed
        return chain[0] if chain else None

    def is_proxy(self, address: Address | None) -> bool:
        """Return whether an address is one of the proxies; with `hops` every peer is."""
        if self.hops:
            return True
        return address is not None and any(address in network for network in self.networks)


def _network(text: str) -> Network:
    """Read a network; one of IPv4 inside IPv6 is that of IPv4, as its addresses are."""
    found = ipaddress.ip_network(text, strict=False)
    mapped = found.network_address.ipv4_mapped if isinstance(found, ipaddress.IPv6Network) else None
    return ipaddress.ip_network(f"{mapped}/{found.prefixlen - 96}", strict=False) if mapped else found


def address_in(text: str) -> Address | None:
    """Return the address in a part of the header, with or without a port; None if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
