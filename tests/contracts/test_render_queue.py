"""Films made by workers: asked for on a node, made once, found by everybody; whatever brings the jobs."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from redis.asyncio import Redis
from taskiq import AsyncBroker, InMemoryBroker
from taskiq_redis import RedisStreamBroker

from app.adapters.redis import task_queue
from app.adapters.redis.task_queue import TaskiqRenderQueue, jobs_stream, worker
from app.errors import GreenroomError, ProviderRefusedError, SettingsError
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ledger.port import Cap, RenderRequest
from app.rendering.ledger.states import Claim, RenderState
from app.rendering.work import remote
from app.rendering.work.remote import RemoteJob, RemoteStudio, RenderWorker
from app.store.labels import Labels
from app.store.ports import Entry
from tests.support.redis import RedisServer
from tests.support.render_world import RenderWorld

LONG_S = 90.0

Brokers = Callable[[], AsyncBroker]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ASK_AGAIN", timedelta(seconds=0.2))
    monkeypatch.setattr(remote, "LOOK_EVERY_S", 0.02)


@pytest.fixture
def stage(tmp_path: Path) -> RenderWorld:
    return RenderWorld(tmp_path)


@pytest.fixture(params=["memory", "redis"])
def brokers(request: pytest.FixtureRequest) -> Brokers:
    """A broker for each process that is asked for; in memory there is one process."""
    if request.param == "memory":
        shared = InMemoryBroker()
        return lambda: shared
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: jobs_stream(server.url, site="museum")


@asynccontextmanager
async def working(stage: RenderWorld, broker: AsyncBroker, name: str) -> AsyncIterator[None]:
    """A worker process."""
    render_worker = RenderWorker(stage.studio(name, lease_s=1.0), (stage.avatar,))
    if isinstance(broker, InMemoryBroker):
        broker.register_task(lambda job: render_worker.work(RemoteJob.from_document(job)), task_name="film")
        yield
        return
    async with worker(broker, render_worker.work, at_once=4):
        yield


def a_node(stage: RenderWorld, broker: AsyncBroker, name: str) -> RemoteStudio:
    return RemoteStudio(stage.studio(name), TaskiqRenderQueue(broker))


async def film(
    node: RemoteStudio, stage: RenderWorld, text: str = "Dogs are welcome.", caps: tuple[Cap, ...] = ()
) -> Entry:
    wanted = node.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"text": text, "locale": "en"}))
    async with asyncio.timeout(LONG_S):
        return await node.clip(wanted, avatar=stage.avatar, caps=caps)


async def test_a_worker_films_what_nodes_ask_for_once(stage: RenderWorld, brokers: Brokers) -> None:
    nodes = [a_node(stage, brokers(), name) for name in ("one", "two")]
    async with working(stage, brokers(), "worker"):
        entries = await asyncio.gather(*(film(node, stage) for node in nodes for _ in range(5)))

    (render,) = await stage.ledger.list(states=[RenderState.READY])
    assert {entry.key for entry in entries} == {render.recipe_key}
    assert len(stage.renderer.bill) == 1
    for node in nodes:
        await node.engine.aclose()  # type: ignore[attr-defined]


async def test_a_refusal_reaches_the_node_that_asked(stage: RenderWorld, brokers: Brokers) -> None:
    stage.renderer.script.fail_times = 9
    node = a_node(stage, brokers(), "node")
    async with working(stage, brokers(), "worker"):
        with pytest.raises(ProviderRefusedError, match="told to fail"):
            await film(node, stage)
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_what_is_stored_needs_no_worker(stage: RenderWorld, brokers: Brokers) -> None:
    node = a_node(stage, brokers(), "node")
    wanted = node.wanted(
        stage.avatar, text="Hello.", locale="en", labels=Labels.from_json({"text": "Hello.", "locale": "en"})
    )
    filmed = await stage.studio("before").clip(wanted, avatar=stage.avatar)

    assert await film(node, stage, "Hello.") == filmed


async def test_asked_before_redis_and_worker_are_there_it_is_filmed_when_they_come(
    stage: RenderWorld, redis_server: RedisServer
) -> None:
    redis_server.kill()
    node = a_node(stage, jobs_stream(redis_server.url, site="museum"), "node")
    waiting = asyncio.create_task(film(node, stage))
    await asyncio.sleep(0.1)
    redis_server.start()
    async with working(stage, jobs_stream(redis_server.url, site="museum"), "worker"):
        assert (await waiting).kind == "clip"
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_after_redis_restarted_empty_workers_take_jobs_again(
    stage: RenderWorld, redis_server: RedisServer
) -> None:
    node = a_node(stage, jobs_stream(redis_server.url, site="museum"), "node")
    async with working(stage, jobs_stream(redis_server.url, site="museum"), "worker"):
        await film(node, stage, "Before.")
        redis_server.kill()
        redis_server.start()

        assert (await film(node, stage, "After.")).kind == "clip"
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_a_dead_worker_is_replaced_when_its_lease_is_over(stage: RenderWorld, brokers: Brokers) -> None:
    node = a_node(stage, brokers(), "node")
    wanted = node.wanted(
        stage.avatar, text="Hello.", locale="en", labels=Labels.from_json({"text": "Hello.", "locale": "en"})
    )
    now = node.studio.clock()
    begun = await stage.ledger.want(RenderRequest(wanted.key, "fake", "fake", wanted.labels), now=now)
    await stage.ledger.apply(begun.id, Claim(now=now, worker="dead", lease_s=0.5))

    async with working(stage, brokers(), "worker"):
        await film(node, stage, "Hello.")

    (render,) = await stage.ledger.list()
    assert (render.state, render.fence > 1) == (RenderState.READY, True)
    assert len(stage.renderer.bill) == 1
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_a_redis_without_memory_costs_only_time(stage: RenderWorld, redis_server: RedisServer) -> None:
    await redis_server.configure(maxmemory="1")
    node = a_node(stage, jobs_stream(redis_server.url, site="museum"), "node")
    waiting = asyncio.create_task(film(node, stage))
    async with working(stage, jobs_stream(redis_server.url, site="museum"), "worker"):
        await asyncio.sleep(0.5)
        assert not waiting.done()
        await redis_server.configure(maxmemory="0")

        assert (await waiting).kind == "clip"
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_a_job_of_another_catalog_is_left_alone(stage: RenderWorld) -> None:
    render_worker = RenderWorker(stage.studio(), (stage.avatar,))

    foreign = RemoteJob(avatar="nobody", key="0" * 64, text="Hello.", locale="en", labels=Labels())
    changed = RemoteJob(avatar="mira", key="0" * 64, text="Hello.", locale="en", labels=Labels())

    assert [await render_worker.work(foreign), await render_worker.work(changed)] == ["not ours", "not ours"]
    assert await stage.ledger.list() == ()


async def test_a_job_that_somebody_is_at_takes_up_no_place(tmp_path: Path) -> None:
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(polls=10_000)))
    one, other = (RenderWorker(stage.studio(name), (stage.avatar,)) for name in ("one", "other"))
    wanted = one.studio.wanted(
        stage.avatar, text="Hello.", locale="en", labels=Labels.from_json({"text": "Hello.", "locale": "en"})
    )
    job = RemoteJob(avatar="mira", key=wanted.key, text="Hello.", locale="en", labels=wanted.labels)
    working_ = asyncio.create_task(one.work(job))
    async with asyncio.timeout(LONG_S):
        while not await remote.is_held(one.studio, wanted):  # noqa: ASYNC110 - what is told is in the ledger
            await asyncio.sleep(0.01)

    assert [await one.work(job), await other.work(job)] == ["in hand", "in hand"]
    working_.cancel()
    await asyncio.gather(working_, return_exceptions=True)


def test_a_job_survives_the_wire_and_a_garbled_one_is_refused() -> None:
    caps = (Cap("session:a", Decimal("1.50"), "a setting"),)
    job = RemoteJob(
        avatar="mira", key="0" * 64, text=None, locale="", labels=Labels.from_json({"generated": True}), caps=caps
    )

    assert RemoteJob.from_document(job.document()) == job
    with pytest.raises(GreenroomError, match="render job"):
        RemoteJob.from_document({"avatar": "mira"})


async def test_a_worker_ends_when_told_to_at_any_moment(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_queue, "CANCEL_AGAIN_S", 0.01)

    async def nothing(_job: RemoteJob) -> None: ...

    for turns in range(30):
        async with asyncio.timeout(LONG_S), worker(jobs_stream(redis_server.url, site="museum"), nothing, at_once=1):
            for _ in range(turns):
                await asyncio.sleep(0)


class Deaf(InMemoryBroker):
    """A broker whose read loses the first cancellation, as a time limit of Python 3.11 sometimes does."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = asyncio.Event()
        self.lost = 0

    async def listen(self) -> AsyncGenerator[bytes, None]:
        while True:
            self.reads.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.lost += 1
                if self.lost > 1:
                    raise
                continue
            yield b"nothing comes"


async def test_a_worker_ends_although_its_read_loses_a_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_queue, "CANCEL_AGAIN_S", 0.01)
    broker = Deaf()

    async def nothing(_job: RemoteJob) -> None: ...

    async with asyncio.timeout(LONG_S), worker(broker, nothing, at_once=1):
        await broker.reads.wait()

    assert broker.lost > 1


async def test_a_task_that_a_worker_has_received_leaves_no_words_in_redis(
    stage: RenderWorld, redis_server: RedisServer
) -> None:
    node = a_node(stage, jobs_stream(redis_server.url, site="museum"), "node")
    async with working(stage, jobs_stream(redis_server.url, site="museum"), "worker"):
        await film(node, stage, "It weighs two tons.")
        async with Redis.from_url(redis_server.url) as redis:
            stream = "greenroom:museum:films"
            assert await redis.exists(stream) == 1
            while await redis.xlen(stream):  # asked for again meanwhile; the worker takes those, too  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            assert b"two tons" not in str(await redis.xrange(stream)).encode()
    await node.engine.aclose()  # type: ignore[attr-defined]


async def test_what_a_release_of_before_left_in_redis_goes_when_a_worker_starts(redis_server: RedisServer) -> None:
    """Up to the oldest task that nobody has acknowledged: whoever has received that one may have died."""
    stream, done = "greenroom:museum:films", asyncio.Event()

    async def work(_job: RemoteJob) -> None:
        done.set()

    async with Redis.from_url(redis_server.url) as redis:
        await redis.xgroup_create(stream, "workers", id="0", mkstream=True)
        entries = [await redis.xadd(stream, {b"data": b"It weighs two tons."}) for _ in range(4)]
        await redis.xreadgroup("workers", "dead", {stream: ">"})
        await redis.xack(stream, "workers", entries[0], entries[1], entries[3])

        async with asyncio.timeout(LONG_S), worker(jobs_stream(redis_server.url, site="museum"), work, at_once=1):
            while await redis.xlen(stream) > 2:  # noqa: ASYNC110 - nobody tells it
                await asyncio.sleep(0.02)
        assert [entry for entry, _ in await redis.xrange(stream)] == entries[2:]

        await redis.xack(stream, "workers", entries[2])
        async with asyncio.timeout(LONG_S), worker(jobs_stream(redis_server.url, site="museum"), work, at_once=1):
            while await redis.xlen(stream):  # noqa: ASYNC110 - nobody tells it
                await asyncio.sleep(0.02)
            job = RemoteJob(avatar="mira", key="0" * 64, text="Hello.", locale="en", labels=Labels())
            queue = TaskiqRenderQueue(jobs_stream(redis_server.url, site="museum"))
            await queue.ask(job)
            await done.wait()
            await queue.aclose()


def test_a_library_that_cannot_be_made_to_delete_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(RedisStreamBroker, "_ack_generator")

    with pytest.raises(SettingsError, match="taskiq-redis"):
        jobs_stream("redis://127.0.0.1", site="museum")
