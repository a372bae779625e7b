"""HTTP client of the simulators: fetches customers' files and delivers their webhooks."""

import base64
import binascii
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes, urlsplit

import httpx2 as httpx

from app.adapters.http.certificates import trusted_certificates
from app.simulators.error_replies import MediaRefusedError, Problem

_DOWNLOAD_S = 20.0
_MOST_BYTES = 300 * 1024 * 1024


class Outbound:
    """HTTP client, made at first use and closed with the server."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, field: str) -> bytes:
        """Fetch a customer's file.

        Raises:
            MediaRefusedError: it cannot be fetched, or it is over 300 MB.
        """
        try:
            answer = await self._open().get(url, follow_redirects=True, timeout=_DOWNLOAD_S)
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"Failed to download the file at {url!r}: {error}"
            raise MediaRefusedError(Problem.UNREACHABLE, field, message) from error
        if len(answer.content) > _MOST_BYTES:
            raise MediaRefusedError(Problem.TOO_LARGE, field, "The file is larger than 300 MB.")
        return answer.content

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> int | None:
        """Deliver a webhook; return the status, or None without an answer."""
        try:
            answer = await self._open().post(url, content=body, headers=dict(headers), timeout=timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return answer.status_code

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        self._client = self._client or httpx.AsyncClient(verify=trusted_certificates())
        return self._client


def data_uri(url: str, field: str) -> bytes:
    """Read the bytes of a `data:` address.

    Raises:
        MediaRefusedError: they cannot be read.
    """
    head, comma, tail = url.partition(",")
    if not comma:
        raise MediaRefusedError(Problem.WRONG_FORMAT, field, "The data URI has no comma.")
    try:
        return base64.b64decode(tail, validate=True) if head.endswith(";base64") else unquote_to_bytes(tail)
    except (binascii.Error, ValueError) as error:
        raise MediaRefusedError(Problem.WRONG_FORMAT, field, f"The data URI cannot be read: {error}.") from error


def is_private(url: str) -> bool:
    """Return whether a provider cannot reach a host: loopback, private, link-local, CGNAT, or no name."""
    host = urlsplit(url).hostname
    if not host:
        return True
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _packed(host)
    return not address.is_global


def _packed(host: str) -> bool:
    """Read an address in a form that only resolvers accept: 127.1, 0x7f000001, 2130706433."""
    try:
        return not ipaddress.ip_address(socket.inet_aton(host)).is_global
    except OSError:
        return False
