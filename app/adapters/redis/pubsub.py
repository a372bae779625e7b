"""Words between nodes over Redis publish/subscribe: fast, lossy, and honest about what it may have lost."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn

from app.adapters.redis.connection import PREFIX, close, open_redis, redis_errors

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

_log = logging.getLogger(__name__)

AGAIN_AFTER_S = 1.0
"""The pause after the server could not be reached."""

QUIET_S = 10.0
"""After so long without a word the server is asked for one; after twice that the connection counts as dead."""

QUEUE_WORDS = 10_000
"""Words that wait to be sent; when the server is gone for long, the oldest are given up."""

_AT_ONCE = 500
"""Words that go in one round trip."""

_SILENT = "Redis has been silent for too long."


class RedisBus:
    """One channel a site. Whoever publishes writes its own name first, and does not hear itself.

    Publish/subscribe loses what is said while a connection is remade; a subscription that begins says so (`missed`),
    and everybody who waits looks at the truth once.
    """

    def __init__(self, url: str, *, site: str) -> None:
        """`site` keeps those apart that share a server. Nothing is asked of the server yet."""
        self._url = url
        self._channel = f"{PREFIX}{site}:signals"
        self._name = secrets.token_hex(8)
        self._waiting: asyncio.Queue[str] = asyncio.Queue(QUEUE_WORDS)

    def send(self, word: str) -> None:
        """Queue it."""
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(word)

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Publish and subscribe, each over its own connection, each made again when it is lost."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._again_and_again(self._publish))
            both.create_task(self._again_and_again(lambda: self._subscribe(heard, missed)))
        raise AssertionError("neither ever ends")

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        told, gone = "", redis_errors()
        while True:
            try:
                await work()
            except gone as error:
                if str(error) != told:
                    _log.warning("signals.lost", extra={"reason": str(error)[:200]})
                told = str(error)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _publish(self) -> None:
        client = open_redis(self._url, patience_s=None)  # `_within` is patient instead
        try:
            while True:
                words = [await self._waiting.get()]
                while len(words) < _AT_ONCE and not self._waiting.empty():
                    words.append(self._waiting.get_nowait())
                pipeline = client.pipeline(transaction=False)
                for word in words:
                    pipeline.publish(self._channel, f"{self._name} {word}")
                async with _within(QUIET_S):
                    await pipeline.execute()
        finally:
            await close(client)

    async def _subscribe(self, heard: Callable[[str], object], missed: Callable[[], None]) -> None:
        client = open_redis(self._url, patience_s=None)
        subscription = client.pubsub()
        try:
            async with _within(QUIET_S):
                await subscription.subscribe(self._channel)
            while True:
                message = await self._next(subscription)
                if message is None:
                    missed()  # subscribed: now, or again after the library has made the connection anew
                else:
                    name, _, word = message.partition(" ")
                    if name != self._name:
                        heard(word)
        finally:
            await close(subscription)
            await close(client)

    async def _next(self, subscription: "PubSub") -> str | None:
        """The next message; None when a subscription begins."""
        quiet = 0
        while True:
            async with _within(2 * QUIET_S):  # the library may connect again in here, without a limit
                said = await subscription.get_message(timeout=QUIET_S)
            quiet = 0 if said else quiet + 1
            if said and said["type"] == "subscribe":
                return None
            if said and said["type"] == "message":
                return str(said["data"])
            if quiet > 1:
                raise ConnectionError(_SILENT)
            if quiet:
                async with _within(QUIET_S):
                    await subscription.ping()


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """A limit that loses no cancellation.

    The library's own (`socket_timeout`) is `asyncio.wait_for`, which before Python 3.12 swallows a cancellation that
    comes as the answer does: whoever listens would then never end.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise ConnectionError(_SILENT) from error
