"""HTTP client for other companies' servers.

Requests sent once, requests that may be repeated, guarded fetches.

A submit is sent once and on a connection of its own: no retry, no redirect, no connection that the other side
may be closing at that moment. Nor is it sent after its time: a worker that slept through its lease is stopped
right before the first byte. Requests that may be repeated (status, upload, fetch) are, after answers that ask
for it.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import httpx2 as httpx
import stamina

from app.adapters.http.certificates import trusted_certificates
from app.adapters.http.endpoint import Endpoint
from app.adapters.http.public_addresses import public_address
from app.adapters.http.response import (
    GoneError,
    MaySend,
    RefusedResponseError,
    Response,
    Timeouts,
    TooLateError,
    pause_s,
    watched,
)
from app.errors import MediaError, OutcomeUnknownError, ProviderUnavailableError

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_PORTS = frozenset({80, 443})
_CHUNK_BYTES = 1 << 18
_LONGEST_ANSWER_BYTES = 32 << 20
_TRIES = 4
_PATIENCE_S = 90.0
_LONGEST_WAIT_S = 15.0
"""Longest pause that is waited here; a longer one is left to the caller."""
_SHOWN_CHARS = 300
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)

_T = TypeVar("_T")


class ProviderHttp:
    """HTTP client for one provider.

    `headers` carry the key: they go to the provider's site and nowhere else.
    """

    def __init__(
        self,
        site: Endpoint,
        headers: Mapping[str, str],
        *,
        secrets: tuple[str, ...] = (),
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
    ) -> None:
        self.site = site
        self._headers = dict(headers)
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeouts = timeouts
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def submit(
        self,
        url: str,
        body: Any,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        may_send: MaySend = lambda: True,
    ) -> Response:
        """POST a job once. `may_send` is called right before the first byte is sent, and before the body is.

        Raises:
            ProviderUnavailableError: nothing was sent.
            OutcomeUnknownError: something was, and no whole answer came.
        """
        sent = {**self._headers, **(headers or {})}
        content = {"json": body, "params": params, "headers": sent, "extensions": watched(self._in_time(may_send))}
        try:
            return await self._exchange("once", "POST", self.site.at(url), **content)
        except TooLateError as error:
            raise ProviderUnavailableError(
                f"Cannot send the job to {self._name}: its time has run out. Try again."
            ) from error
        except _NOT_SENT as error:
            raise ProviderUnavailableError(f"Cannot reach {self._name} ({_kind(error)}); try again.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknownError(
                f"{self._name} did not answer after a job was sent ({_kind(error)}): it may have accepted it."
            ) from error

    async def ask(
        self,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        final: Callable[[Response], bool] = lambda _: False,
        **content: Any,
    ) -> Response:
        """Send a request that costs nothing and may be repeated; refusals are returned for the caller to read.

        `final` is a predicate for responses not to be retried despite a retryable status; `content` is
        `params`, `json`, `content` or `files` as the HTTP library takes them.

        Raises:
            ProviderUnavailableError: no answer, or only ones that ask to try again.
        """
        address, sent = self.site.at(url), {**self._headers, **(headers or {})}

        async def once() -> Response:
            answer = await self._exchange_or_unavailable("pooled", method, address, headers=sent, **content)
            if answer.status in _TRY_AGAIN and not final(answer):
                raise self.unavailable(answer)
            return answer

        return await _retry(once)

    async def hand_over(self, url: str, content: bytes, *, headers: Mapping[str, str], method: str = "PUT") -> None:
        """Upload bytes to an address that the provider gave us, without the key.

        Raises:
            ProviderUnavailableError: the upload was not accepted.
            MediaError: the address is neither public nor the provider's own.
        """

        async def once() -> None:
            request = await self._guarded(url, method=method, headers=headers, content=content)
            answer = await self._exchange_or_unavailable("bare", request)
            if not answer.ok:
                raise self.unavailable(answer)

        await _retry(once)

    async def fetch_to(self, url: str, path: Path, *, max_bytes: int, total_s: float = 600.0) -> None:
        """Download a result to `path`, whole or not at all.

        Raises:
            MediaError: it is not at a public address, too large, empty, a web page, or not there.
            ProviderUnavailableError: it did not come through; try again.
        """
        try:
            await _retry(lambda: self._fetch(url, path, max_bytes=max_bytes, total_s=total_s))
        except BaseException:  # also when stopped: no half file stays
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise

    async def lines(self, url: str, body: Mapping[str, Any], *, total_s: float) -> AsyncIterator[str]:
        """Yield the lines of a POST's answer as they arrive, of an event stream for instance.

        Leaving the loop closes the connection.

        Raises:
            RefusedResponseError: another status than 200; it carries the answer.
            ProviderUnavailableError: it was not reached. OutcomeUnknownError: it broke off or took too long.
        """
        latest = time.monotonic() + total_s
        try:
            async with self._sent(
                "pooled", "POST", self.site.at(url), json=dict(body), headers=self._headers
            ) as response:
                if response.status_code != 200:
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    raise RefusedResponseError(Response(response.status_code, headers, (await response.aread())[:4096]))
                lines = response.aiter_lines()
                while True:
                    async with asyncio.timeout(latest - time.monotonic()):
                        line = await anext(lines, None)
                    if line is None:
                        return
                    yield line
        except _NOT_SENT as error:
            raise ProviderUnavailableError(f"Cannot reach {self._name} ({_kind(error)}); try again.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknownError(f"{self._name} did not finish ({_kind(error)}).") from error

    def unavailable(self, answer: Response) -> ProviderUnavailableError:
        """Return the error for an answer that asks for a retry."""
        message = f"{self._name} answered {answer.status} ({self.shown(answer)}); try again."
        return ProviderUnavailableError(message, retry_after_s=answer.retry_after_s)

    def shown(self, answer: Response) -> str:
        """Return the beginning of a body, fit for a message: one line, no key, no signed address."""
        return self.clean(answer.body[: 4 * _SHOWN_CHARS].decode("utf-8", "replace"))

    def clean(self, text: str) -> str:
        """Return a text of the provider's without our key and without the query strings of addresses."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return re.sub(r"(https?://[^\s\"'?]+)\?[^\s\"']+", r"\1?***", " ".join(text.split()))[:_SHOWN_CHARS]

    async def aclose(self) -> None:
        """Close every connection."""
        while self._clients:
            await self._clients.popitem()[1].aclose()

    def _in_time(self, may_send: MaySend) -> MaySend:
        """Narrow `may_send`: not long after the call either, because the wall clock may have stood still meanwhile."""
        latest = time.monotonic() + 2 * self._timeouts.connect_s
        return lambda: time.monotonic() < latest and may_send()

    @property
    def _name(self) -> str:
        return self.site.host

    def _client(self, kind: str) -> httpx.AsyncClient:
        """Return the client of a kind.

        `once`: no connection is used twice. `bare`: for foreign addresses, without proxies and cookies.
        """
        if kind not in self._clients:
            times, trust_env = self._timeouts, kind != "bare" and not self.site.local
            self._clients[kind] = httpx.AsyncClient(
                verify=trusted_certificates(trust_env=trust_env),
                timeout=httpx.Timeout(times.silence_s, connect=times.connect_s),
                limits=httpx.Limits(max_keepalive_connections=0 if kind == "once" else 8, max_connections=64),
                trust_env=trust_env,
                follow_redirects=False,
            )
        return self._clients[kind]

    async def _exchange(self, kind: str, *request: Any, **content: Any) -> Response:
        async with asyncio.timeout(self._timeouts.total_s), self._sent(kind, *request, **content) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LONGEST_ANSWER_BYTES:
                    raise httpx.DecodingError("the answer is too long")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status_code, headers, bytes(body))

    async def _exchange_or_unavailable(self, kind: str, *request: Any, **content: Any) -> Response:
        try:
            return await self._exchange(kind, *request, **content)
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderUnavailableError(f"{self._name} did not answer ({_kind(error)}); try again.") from error

    @asynccontextmanager
    async def _sent(self, kind: str, *request: Any, **content: Any) -> AsyncIterator[httpx.Response]:
        client = self._client(kind)
        ready = request[0] if isinstance(request[0], httpx.Request) else client.build_request(*request, **content)
        response = await client.send(ready, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _guarded(self, address: str, *, method: str = "GET", **content: Any) -> httpx.Request:
        """Build a request to a foreign address, bound to the one public address that its name has now."""
        try:
            url = httpx.URL(self.site.followed(address))
        except (httpx.InvalidURL, ValueError) as error:
            raise MediaError(f"Expected the address of a result, got {address[:200]!r} ({error}).") from error
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
            raise MediaError(f"Expected an http(s) address without a user name, got {self.clean(address)!r}.")
        client = self._client("bare")
        if url.host in self.site.trusted_hosts:
            return client.build_request(method, url, **content)
        port = url.port or (443 if url.scheme == "https" else 80)
        if port not in _PORTS:
            raise MediaError(f"Expected port 80 or 443, got {port} in {self.clean(address)!r}; it is not fetched.")
        bound = url.copy_with(host=await public_address(url.host, port))
        headers = {**content.pop("headers", {}), "Host": url.netloc.decode()}
        named = {"sni_hostname": url.raw_host.decode()}
        return client.build_request(method, bound, headers=headers, extensions=named, **content)

    async def _fetch(self, url: str, path: Path, *, max_bytes: int, total_s: float) -> None:
        try:
            async with asyncio.timeout(total_s):
                for _ in range(_MAX_REDIRECTS + 1):
                    redirected_to = await self._fetch_here(url, path, max_bytes=max_bytes)
                    if redirected_to is None:
                        return
                    url = redirected_to
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderUnavailableError(f"Cannot fetch the result ({_kind(error)}); try again.") from error
        raise MediaError(f"Expected at most {_MAX_REDIRECTS} redirects, got more from {self.clean(url)!r}.")

    async def _fetch_here(self, url: str, path: Path, *, max_bytes: int) -> str | None:
        """Save the content of this address; return its new address after a redirect, else None."""
        request = await self._guarded(url, headers={"Accept-Encoding": "identity"})
        async with self._sent("bare", request) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return str(httpx.URL(url).join(response.headers["location"]))
            _check_result(response, max_bytes)
            with path.open("wb") as out:
                if await _write_limited(response, out.write, max_bytes) == 0:
                    raise MediaError("Expected a video, got an empty file.")
        return None


def _check_result(response: httpx.Response, max_bytes: int) -> None:
    status = response.status_code
    if status in _TRY_AGAIN:
        after = pause_s(response.headers.get("retry-after"))
        raise ProviderUnavailableError(f"Cannot fetch the result: status {status}; try again.", retry_after_s=after)
    if status != 200:
        raise GoneError(f"Cannot fetch the result: status {status}, it is gone or locked.")
    if "html" in response.headers.get("content-type", ""):
        raise MediaError("Expected a video, got a web page in its place.")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise MediaError("Expected the result uncompressed, got a content encoding.")
    length = response.headers.get("content-length", "0")
    if length.isdigit() and int(length) > max_bytes:
        raise MediaError(f"Expected at most {max_bytes} bytes, got {length}; it is not fetched.")


async def _write_limited(response: httpx.Response, write: Callable[[bytes], object], max_bytes: int) -> int:
    total = 0
    async for chunk in response.aiter_raw(_CHUNK_BYTES):
        total += len(chunk)
        if total > max_bytes:
            raise MediaError(f"Expected at most {max_bytes} bytes, got more; the rest is not fetched.")
        await asyncio.to_thread(write, chunk)
    return total


async def _retry(once: Callable[[], Awaitable[_T]]) -> _T:
    """Try a few times, with the pauses that the other side asks for."""
    async for attempt in stamina.retry_context(
        on=_should_retry, attempts=_TRIES, timeout=_PATIENCE_S, wait_max=_LONGEST_WAIT_S
    ):
        with attempt:
            return await once()
    raise ProviderUnavailableError("Cannot get an answer; try again.")


def _should_retry(error: Exception) -> bool | float:
    """Return whether to try again, or the pause in seconds before that."""
    if not isinstance(error, ProviderUnavailableError):
        return False
    pause = error.retry_after_s
    return True if pause is None else pause if pause <= _LONGEST_WAIT_S else False


def _kind(error: Exception) -> str:
    return type(error).__name__
