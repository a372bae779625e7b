"""Notification bus over Redis publish/subscribe: fast and lossy.

It reports that notifications may be lost.
"""

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
"""Pause in seconds after a failed connection."""

QUIET_S = 10.0
"""Time in seconds without a message after which the server is pinged.

After twice that the connection counts as dead.
"""

QUEUE_LENGTH = 10_000
"""Notifications that wait to be sent; when the server is gone for long, the oldest are dropped."""

_AT_ONCE = 500
"""Notifications in one round trip."""

_SILENT = "Redis has been silent for too long."


class RedisBus:
    """Bus with one channel a site. A publisher writes its own name first, and ignores its own notifications.

    Publish/subscribe loses notifications while a connection is reopened. A subscription that begins reports
    that (`missed`), and each waiter then looks at the truth once.
    """

    def __init__(self, url: str, *, site: str) -> None:
        """Open the bus; `site` separates sites that share a server. No request is sent yet."""
        self._url = url
        self._channel = f"{PREFIX}{site}:signals"
        self._name = secrets.token_hex(8)
        self._waiting: asyncio.Queue[str] = asyncio.Queue(QUEUE_LENGTH)

    def send(self, word: str) -> None:
        """Queue a notification."""
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(word)

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Publish and subscribe, each over its own connection, each reopened when it is lost."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reconnecting(self._publish))
            group.create_task(self._reconnecting(lambda: self._subscribe(heard, missed)))
        raise AssertionError("neither ever ends")

    async def _reconnecting(self, work: Callable[[], Awaitable[None]]) -> None:
        last_error, gone = "", redis_errors()
        while True:
            try:
                await work()
            except gone as error:
                if str(error) != last_error:
                    _log.warning("signals.lost", extra={"reason": str(error)[:200]})
                last_error = str(error)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _publish(self) -> None:
        client = open_redis(self._url, patience_s=None)  # `_within` sets the time limit instead
        try:
            while True:
                batch = [await self._waiting.get()]
                while len(batch) < _AT_ONCE and not self._waiting.empty():
                    batch.append(self._waiting.get_nowait())
                pipeline = client.pipeline(transaction=False)
                for word in batch:
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
                    missed()  # subscribed: now, or again after the library has reconnected
                else:
                    name, _, word = message.partition(" ")
                    if name != self._name:
                        heard(word)
        finally:
            await close(subscription)
            await close(client)

    async def _next(self, subscription: "PubSub") -> str | None:
        """Return the next message; None when a subscription begins."""
        quiet = 0
        while True:
            async with _within(2 * QUIET_S):  # the library may reconnect in here, without a limit
                received = await subscription.get_message(timeout=QUIET_S)
            quiet = 0 if received else quiet + 1
            if received and received["type"] == "subscribe":
                return None
            if received and received["type"] == "message":
                return str(received["data"])
            if quiet > 1:
                raise ConnectionError(_SILENT)
            if quiet:
                async with _within(QUIET_S):
                    await subscription.ping()


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Limit the time of a block without losing a cancellation.

    The library's own limit (`socket_timeout`) is `asyncio.wait_for`, which before Python 3.12 swallows a
    cancellation that arrives together with the answer: a listener would then never end.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise ConnectionError(_SILENT) from error
