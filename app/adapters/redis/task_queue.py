"""Queue of render tasks over taskiq.

Redis Streams between machines, its in-memory broker inside one process.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.adapters.redis.connection import ANSWER_FOR_S, PREFIX, redis_errors
from app.errors import RenderingError, SessionNotFoundError, SettingsError
from app.rendering.work.remote import RemoteJob

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from taskiq import AckableMessage, AsyncBroker
    from taskiq_redis import RedisStreamBroker

_log = logging.getLogger(__name__)

KEPT_JOBS = 10_000
"""Length to which the stream is trimmed: older tasks have been requested again."""

CANCEL_AGAIN_S = 1.0
"""Time in seconds after which a receiver that has not ended is cancelled again."""

Work = Callable[[RemoteJob], Awaitable[object]]


def jobs_stream(url: str, *, site: str) -> "AsyncBroker":
    """Return the broker of a site's tasks; no request is sent yet.

    Each message is acknowledged when it is received: a task lost with a dead worker is requested again by the
    node that wants it. So nothing depends on claiming messages of the dead, which this broker does only when
    new ones arrive.

    Raises:
        SettingsError: the libraries are not installed, or of a release that cannot be made to delete tasks.
    """
    try:
        from taskiq_redis import RedisStreamBroker  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            "Cannot run `greenroom worker`: package `taskiq-redis` is missing. Run `pip install 'greenroom[redis]'`."
        ) from error
    if not hasattr(RedisStreamBroker, "_ack_generator"):  # private there: without it words would stay in Redis
        raise SettingsError(
            "Cannot delete received tasks from Redis: this release of `taskiq-redis` is another one than Greenroom "
            "knows. Run `pip install 'taskiq-redis==1.2.4'`."
        )
    return _forgetting(RedisStreamBroker)(
        url,
        queue_name=f"{PREFIX}{site}:films",
        consumer_group_name="workers",
        consumer_id="0",
        maxlen=KEPT_JOBS,
        xread_count=1,  # a worker takes what it can work on and leaves the rest
        unacknowledged_lock_timeout=30.0,
        socket_connect_timeout=ANSWER_FOR_S,
    )


def _forgetting(streams: "type[RedisStreamBroker]") -> "type[RedisStreamBroker]":
    from redis.asyncio import Redis  # noqa: PLC0415 - an optional part

    class ForgettingBroker(streams):  # type: ignore[valid-type, misc]
        """Broker whose stream has no task that a worker has received: a task has the words of an answer."""

        async def startup(self) -> None:
            """Delete, in a worker, what was acknowledged by releases that left it in the stream."""
            await super().startup()
            if self.is_worker_process:
                async with Redis(connection_pool=self.connection_pool) as redis:
                    await _trim(redis, self.queue_name, self.consumer_group_name)

        def _ack_generator(self, id: str, queue_name: str) -> Callable[[], Awaitable[None]]:  # noqa: A002 - the library's
            acknowledge = super()._ack_generator(id=id, queue_name=queue_name)

            async def acknowledge_and_delete() -> None:
                await acknowledge()
                async with Redis(connection_pool=self.connection_pool) as redis:
                    await redis.xdel(queue_name, id)

            return acknowledge_and_delete

    return ForgettingBroker


async def _trim(redis: "Redis", stream: str, group: str) -> None:
    """Delete the entries before the oldest one that is not acknowledged."""
    groups = {_text(one["name"]): _number(one["last-delivered-id"]) for one in await redis.xinfo_groups(stream)}
    delivered_ms, number = groups.get(group, (0, 0))
    oldest = (delivered_ms, number + 1)
    pending = await redis.xpending(stream, group)  # asked second: what is delivered in between is newer than `oldest`
    if pending["pending"]:
        oldest = min(oldest, _number(pending["min"]))
    await redis.xtrim(stream, minid=f"{oldest[0]}-{oldest[1]}", approximate=False)


def _number(entry: bytes | str) -> tuple[int, int]:
    """Return the two numbers of an entry's id, by which entries are in order."""
    at_ms, _, number = _text(entry).partition("-")
    return int(at_ms), int(number)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class TaskiqRenderQueue:
    """Render queue over any broker of taskiq."""

    def __init__(self, broker: "AsyncBroker") -> None:
        self._broker = broker
        self._started = False
        self._film = broker.register_task(_placeholder, task_name="film")

    async def ask(self, job: RemoteJob) -> None:
        """Send a message; a broker that is gone is logged, and tried again next time."""
        gone = _broker_errors()
        try:
            async with asyncio.timeout(2 * ANSWER_FOR_S):
                if not self._started:
                    await self._broker.startup()
                    self._started = True
                await self._film.kiq(job.document())
        except gone as error:
            self._started = False
            _log.warning("jobs.not_sent", extra={"reason": str(error)[:200]})

    async def aclose(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*_broker_errors()):
            await self._broker.shutdown()


@asynccontextmanager
async def worker(broker: "AsyncBroker", work: Work, *, at_once: int) -> AsyncIterator[None]:
    """Receive tasks, at most `at_once` at the same time, while the block runs.

    Wait for a broker that is gone.
    """
    broker.register_task(_render_task(work), task_name="film")
    read = _Read(broker.listen)
    broker.listen = read.listen  # type: ignore[method-assign]
    receiving = asyncio.create_task(_receive(broker, at_once), name="take jobs")
    try:
        yield
    finally:
        await _cancel(receiving, read)
        with contextlib.suppress(*_broker_errors()):
            await broker.shutdown()


class _Read:
    """Read of the next message, which can be cancelled more than once.

    The receiver awaits a read of its own task when it ends, and cancels that task once only.
    """

    def __init__(self, listen: "Callable[[], AsyncGenerator[bytes | AckableMessage, None]]") -> None:
        self._listen = listen
        self._task: asyncio.Task[Any] | None = None

    async def listen(self) -> "AsyncGenerator[bytes | AckableMessage, None]":
        """Yield the messages of the broker."""
        messages = self._listen()
        while True:
            self._task = asyncio.current_task()
            try:
                message = await anext(messages)
            except StopAsyncIteration:
                return
            yield message

    def cancel(self) -> None:
        """Cancel the read that is waiting, if any."""
        if self._task is not None:
            self._task.cancel()


async def _cancel(task: asyncio.Task[None], read: _Read) -> None:
    """Cancel a task until it has ended.

    Before Python 3.12 the library's time limits sometimes lose a cancellation.
    """
    task.cancel()
    while not (await asyncio.wait({task}, timeout=CANCEL_AGAIN_S))[0]:
        task.cancel()
        read.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _receive(broker: "AsyncBroker", at_once: int) -> None:
    """Receive for ever; after a restart of the server the consumer group is declared again."""
    from taskiq.acks import AcknowledgeType  # noqa: PLC0415 - an optional part
    from taskiq.receiver import Receiver  # noqa: PLC0415

    broker.is_worker_process = True
    gone: tuple[type[Exception], ...] = (*_broker_errors(), ExceptionGroup)
    while True:
        try:
            await broker.startup()
            receiver = Receiver(broker, max_async_tasks=at_once, ack_type=AcknowledgeType.WHEN_RECEIVED)
            await receiver.listen(asyncio.Event())
        except gone as error:
            _log.warning("jobs.lost", extra={"reason": str(error)[:200]})
        await asyncio.sleep(1)


def _render_task(work: Work) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def film(job: dict[str, Any]) -> None:
        try:
            outcome = await work(RemoteJob.from_document(job))
        except (RenderingError, SessionNotFoundError) as error:
            outcome = str(error)
        _log.info("job.done", extra={"outcome": outcome, "recipe": str(job.get("key"))[:16]})

    return film


async def _placeholder(job: dict[str, Any]) -> None:
    """Placeholder for the task in processes that only send tasks."""


def _broker_errors() -> tuple[type[Exception], ...]:
    from taskiq.exceptions import TaskiqError  # noqa: PLC0415 - an optional part

    return (*redis_errors(), TaskiqError)
