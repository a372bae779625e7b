"""Bucket.

One prefix on S3 through obstore, with conditional writes, ranges, signed addresses and our errors.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from obstore import ObjectMeta, PutMode
    from obstore.store import S3Config, S3Store


Headers = Mapping[str, str]
"""Headers that an object is served with: `Content-Type`, `Cache-Control`."""

PIECE_BYTES = 1 << 18
"""Size of a streamed piece."""

ONE_REQUEST_BYTES = 32 << 20
"""Largest object sent in one request.

A larger one goes in parts, so that a failure does not repeat all of it.
"""

_CONNECT_FOR, _ANSWER_FOR = timedelta(seconds=5), timedelta(seconds=60)
_TRIES, _RETRY_FOR = 5, timedelta(seconds=30)
"""Retries of reads; the library does not repeat writes."""

_NOTHING = "v1/nothing"
"""Prefix below which no object is ever stored."""

_PUT_PAUSES_S = (0.2, 0.8)
"""Pauses before a write is repeated. A repeated write is safe: it finds its own bytes under the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAccess:
    """Access to a bucket; obstore looks up empty fields like AWS tools (environment, instance role)."""

    endpoint: str = ""
    """Scheme and host of an S3-compatible server; empty for AWS."""
    region: str = ""
    key_id: str = ""
    key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Object in the server's listing; `tag` changes with its bytes."""

    name: str
    size_bytes: int
    stored_at: datetime
    tag: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects under one prefix, by names relative to it.

    Raises, from every method:
        StoreError: the server cannot be reached, or refuses.
    """

    store: "S3Store"
    signer: Callable[[str, timedelta], Awaitable[str]]
    """Signer: returns an address that is valid for a given time."""
    taken: tuple[type[Exception], ...]
    """Errors that obstore raises when a name is taken or its object has changed."""
    address: str
    """Address as people write it."""

    async def create(self, name: str, data: bytes | Path, headers: Headers) -> bool:
        """Write an object unless the name is taken (`If-None-Match: *`); return False when it is."""
        return await self._put(name, data, "create", headers)

    async def replace(self, name: str, data: bytes | Path, headers: Headers, *, tag: str | None = None) -> bool:
        """Overwrite an object; with `tag`, only that version, and return False when it has changed."""
        return await self._put(name, data, "overwrite" if tag is None else {"e_tag": tag}, headers)

    async def ping(self) -> None:
        """List nothing.

        A look at one object does not tell a missing bucket from a missing object.
        """
        try:
            async for _ in self.scan(_NOTHING):
                return
        except FileNotFoundError as error:
            raise StoreError(f"Cannot find the bucket of `{self.address}`; make it, or correct its name.") from error

    async def head(self, name: str) -> StoredObject | None:
        """Return facts without reading; None when there is no such object."""
        try:
            with self._translated_errors(f"look at {name}"):
                return _stored_object(await self.store.head_async(name))
        except FileNotFoundError:
            return None

    async def read(self, name: str, *, limit_bytes: int | None = None) -> tuple[bytes, StoredObject] | None:
        """Return the whole object and its version; an object above the limit is returned without bytes."""
        try:
            with self._translated_errors(f"read {name}"):
                found = await self.store.get_async(name)
                stored_object = _stored_object(found.meta)
                wanted = limit_bytes is None or stored_object.size_bytes <= limit_bytes
                return bytes(await found.bytes_async()) if wanted else b"", stored_object
        except FileNotFoundError:
            return None

    async def stream(self, stored_object: StoredObject, *, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield bytes of exactly this version from `start` up to but not including `end`.

        The range must not be empty.
        """
        with self._translated_errors(f"read {stored_object.name}"):
            found = await self.store.get_async(
                stored_object.name, options={"range": (start, end), "if_match": stored_object.tag or None}
            )
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    async def delete(self, name: str) -> None:
        """Delete an object; a missing one is ignored."""
        try:
            with self._translated_errors(f"delete {name}"):
                await self.store.delete_async(name)
        except FileNotFoundError:
            return

    async def move(self, name: str, target: str) -> None:
        """Copy, then delete; a crash in between leaves both."""
        try:
            with self._translated_errors(f"set {name} aside"):
                await self.store.copy_async(name, target)
                await self.store.delete_async(name)
        except FileNotFoundError:
            return

    async def scan(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield every object below a prefix."""
        with self._translated_errors(f"list {prefix}"):
            async for page in self.store.list(prefix, chunk_size=1000):
                for found in page:
                    yield _stored_object(found)

    async def sign(self, name: str, *, expires_s: float) -> str:
        """Return an address at which anybody can read the object for a while; no request is sent."""
        with self._translated_errors(f"sign {name}"):
            return await self.signer(name, timedelta(seconds=expires_s))

    async def _put(self, name: str, data: bytes | Path, mode: "PutMode", headers: Headers) -> bool:
        """Write, and repeat when the answer is lost.

        The library repeats reads only; here repeating is safe, too.
        """
        for pause_s in _PUT_PAUSES_S:
            with contextlib.suppress(StoreError):
                return await self._put_once(name, data, mode, headers)
            await asyncio.sleep(pause_s)
        return await self._put_once(name, data, mode, headers)

    async def _put_once(self, name: str, data: bytes | Path, mode: "PutMode", headers: Headers) -> bool:
        try:
            with self._translated_errors(f"write {name}"):
                await self.store.put_async(
                    name, data, mode=mode, attributes=dict(headers), chunk_size=ONE_REQUEST_BYTES
                )
        except (_TakenError, FileNotFoundError):  # not found: the version to be replaced
            return False
        return True

    @contextmanager
    def _translated_errors(self, action: str) -> Iterator[None]:
        """Translate the library's errors into ours: without the server's XML, and with advice."""
        try:
            yield
        except FileNotFoundError:
            raise
        except self.taken as error:
            raise _TakenError from error
        except Exception as error:  # obstore raises what its backends raise
            cause = " ".join(str(error).split("Debug source:")[0].split())[:240]
            raise StoreError(
                f"Cannot {action} in `{self.address}`: {cause}. Look at the bucket, its keys and its endpoint."
            ) from error


class _TakenError(Exception):
    """The name is taken, or its object has changed."""


def open_bucket(address: str, access: BucketAccess) -> Bucket:
    """Return the bucket and prefix of an address such as `s3://clips/museum`; no request is sent yet.

    Raises:
        SettingsError: the address names no bucket, or the library is not installed.
    """
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"Expected a bucket such as s3://clips/museum, got {address!r}; correct GREENROOM_CACHE.")
    try:
        from obstore import exceptions, sign_async, store  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            "Cannot open a store on S3 without the package `obstore`; install it with `pip install 'greenroom[s3]'`."
        ) from error
    bucket = store.S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=_config(access),
        client_options={
            "connect_timeout": _CONNECT_FOR,
            "timeout": _ANSWER_FOR,
            "allow_http": access.endpoint.startswith("http://"),
        },
        retry_config={"max_retries": _TRIES, "retry_timeout": _RETRY_FOR},
    )

    async def sign(name: str, lasts: timedelta) -> str:
        return await sign_async(bucket, "GET", name, lasts)

    taken = (exceptions.AlreadyExistsError, exceptions.PreconditionError)
    return Bucket(bucket, sign, taken, address.rstrip("/"))


def _config(access: BucketAccess) -> "S3Config":
    config: S3Config = {}
    if access.region:
        config["region"] = access.region
    if access.endpoint:
        config["endpoint"] = access.endpoint
    if access.key_id:
        config["access_key_id"] = access.key_id
        config["secret_access_key"] = access.key
    if access.session_token:
        config["session_token"] = access.session_token
    return config


def _stored_object(found: "ObjectMeta") -> StoredObject:
    return StoredObject(found["path"], found["size"], found["last_modified"], found["e_tag"] or "")
