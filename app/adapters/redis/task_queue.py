"""Jobs over taskiq: Redis Streams between machines, its in-memory broker inside one process."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.adapters.redis.connection import ANSWER_FOR_S, PREFIX, redis_errors
from app.errors import RenderingError, SettingsError
from app.rendering.work.remote import RemoteJob

if TYPE_CHECKING:
    from taskiq import AsyncBroker

_log = logging.getLogger(__name__)

KEPT_JOBS = 10_000
"""The stream is trimmed to about so many: older ones have been asked for again."""

CANCEL_AGAIN_S = 1.0
"""Whoever takes jobs and has not ended by then is told once more."""

Work = Callable[[RemoteJob], Awaitable[object]]


def jobs_stream(url: str, *, site: str) -> "AsyncBroker":
    """The broker of a site's jobs; nothing is asked of the server yet.

    Each message is acknowledged when it is taken: a job that a dead worker took with it is asked for again by the node
    that wants it. So nothing depends on claiming from the dead, which this broker does only when new messages come.

    Raises:
        SettingsError: the libraries are not installed.
    """
    try:
        from taskiq_redis import RedisStreamBroker  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            "`greenroom worker` needs the package `taskiq-redis`; install it with `pip install 'greenroom[redis]'`."
        ) from error
    return RedisStreamBroker(
        url,
        queue_name=f"{PREFIX}{site}:films",
        consumer_group_name="workers",
        consumer_id="0",
        maxlen=KEPT_JOBS,
        xread_count=1,  # a worker takes what it can work on, and leaves the rest to the others
        unacknowledged_lock_timeout=30.0,
        socket_connect_timeout=ANSWER_FOR_S,
    )


class TaskiqRenderQueue:
    """Gives jobs to whatever broker taskiq has."""

    def __init__(self, broker: "AsyncBroker") -> None:
        self._broker = broker
        self._started = False
        self._film = broker.register_task(_nobody, task_name="film")

    async def ask(self, job: RemoteJob) -> None:
        """Kick a message off; a broker that is gone is told in the log, and asked again next time."""
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
        """Give the connections back."""
        with contextlib.suppress(*_broker_errors()):
            await self._broker.shutdown()


@asynccontextmanager
async def worker(broker: "AsyncBroker", work: Work, *, at_once: int) -> AsyncIterator[None]:
    """Take jobs, so many at once, while the block runs; a broker that is gone is waited for."""
    broker.register_task(_taking(work), task_name="film")
    taking = asyncio.create_task(_take(broker, at_once), name="take jobs")
    try:
        yield
    finally:
        await _end(taking)
        with contextlib.suppress(*_broker_errors()):
            await broker.shutdown()


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel it until it has ended: before Python 3.12 the library's time limits lose a cancellation now and then."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(task, return_exceptions=True)


async def _take(broker: "AsyncBroker", at_once: int) -> None:
    """Receive for ever: after a restart of the server the group is declared again."""
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


def _taking(work: Work) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def film(job: dict[str, Any]) -> None:
        try:
            told = await work(RemoteJob.from_document(job))
        except RenderingError as error:
            told = str(error)
        _log.info("job.done", extra={"outcome": told, "recipe": str(job.get("key"))[:16]})

    return film


async def _nobody(job: dict[str, Any]) -> None:
    """Stands for the task where jobs are only asked for."""


def _broker_errors() -> tuple[type[Exception], ...]:
    from taskiq.exceptions import TaskiqError  # noqa: PLC0415 - an optional part

    return (*redis_errors(), TaskiqError)
