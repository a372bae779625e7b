"""Two nodes on one PostgreSQL and one Valkey, a vendor, and visitors who go on asking whatever breaks."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.client import Backoff, ChatClient, SessionLostError
from app.conversation.protocol.server_messages import AnyServerMessage, ErrorMessage, ResponseClip, ResponseDone
from tests.faults.filming import Filmed
from tests.money.crash.lane import Lane
from tests.support.clocks import own_time
from tests.support.fault_proxy import FaultProxy, a_fault_proxy
from tests.support.postgres import Postgres, PostgresProcess
from tests.support.redis import RedisServer, a_redis
from tests.support.sites import Node, Site

FILMED = ("When are you open?", "Can I bring my dog?")
NEW = "When did the museum open, in which year?"

FILM_WITHIN_S = 240.0


@dataclass
class World:
    """What a fault may strike. `first` is the node that goes when one has to; without a worker the nodes film.

    `walls` shift the nodes' time of day, where they have one of their own. `over` is set when the cause is gone.
    """

    site: Site
    vendor: Lane
    told: dict[str, str]
    first: Node
    second: Node
    redis: RedisServer
    redis_line: FaultProxy
    postgres: PostgresProcess
    postgres_line: FaultProxy
    database_url: str
    processes: ExitStack
    walls: tuple[Path, ...] = ()
    worker: Node | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def start_worker(self) -> None:
        """A worker, in place of the one there was."""
        self.worker = await asyncio.to_thread(self.processes.enter_context, self.site.worker(**self.told))

    async def bill(self) -> Mapping[str, Any]:
        """What the vendor charges for all that was filmed in this world."""
        return await asyncio.to_thread(self.vendor.bill)

    async def films(self) -> list[tuple[str, int]]:
        """Where each new answer's render stands, and how often it was handed over."""
        database = Database(self.database_url)
        try:
            renders = await SqlLedger(database).list(limit=1000)
        finally:
            await database.close()
        return [(one.state.value, one.attempts) for one in renders if one.labels.generated]


@asynccontextmanager
async def a_world(
    filmed: Filmed, postgres: PostgresProcess, folder: Path, *, works: bool = False, walled: bool = False
) -> AsyncIterator[World]:
    """A fresh state and a new bill, and the site's filmed answers.

    `works`: a worker films, not the nodes; `walled`: each node has a time of day of its own.
    """
    async with AsyncExitStack() as lines:
        with ExitStack() as stack:
            copy = filmed.site.copied(folder / "site")
            await asyncio.to_thread(filmed.vendor.reset)
            redis = stack.enter_context(a_redis(folder))
            plain = await Postgres(postgres.url).empty_database()
            redis_line, redis_port = await lines.enter_async_context(a_fault_proxy(redis.port))
            line, port = await lines.enter_async_context(a_fault_proxy(postgres.socket))
            name = plain.split("?")[0].rsplit("/", 1)[1]
            told = {
                **filmed.told,
                "GREENROOM_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/{name}",
                "GREENROOM_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
                "GREENROOM_FILM_ON": "workers" if works else "node",
            }
            walls = tuple(folder / f"wall-{number}" for number in range(2))
            own = [own_time(wall) if walled else {} for wall in walls]
            starting = [asyncio.to_thread(stack.enter_context, copy.node(**told, **time)) for time in own]
            nodes = await asyncio.gather(*starting)
            world = World(
                copy, filmed.vendor, told, nodes[0], nodes[1], redis, redis_line, postgres, line, plain, stack, walls
            )
            try:
                if works:
                    await world.start_worker()
                yield world
            finally:
                redis_line.fault = line.fault = "none"
                await _stop([*nodes, world.worker] if world.worker else nodes)


async def _stop(processes: list[Node]) -> None:
    """All at once, and off the loop that the lines run on."""
    for one in processes:
        one.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(lambda: [one.process.wait(60) for one in processes])


class Visitor(ChatClient):
    """The shipped client, with a note of every frame that came, and of every end of its line."""

    def __init__(self, first: str, others: tuple[str, ...]) -> None:
        """Begin at `first`."""
        super().__init__(first, nodes=others, patience=Backoff(first_s=0.2, most_s=2.0, tries=60))
        self.seqs: list[int] = []
        self.kinds: list[str] = []
        self.closed: list[int] = []

    async def receive(self) -> AnyServerMessage:
        """Note how a line ended, too."""
        try:
            return await super().receive()
        except ConnectionClosed as closed:
            self.closed.append(closed.rcvd.code if closed.rcvd else 1006)
            raise

    def _new(self, frame: str) -> AnyServerMessage | None:
        message = json.loads(frame)
        self.kinds.append(message["type"])
        if message["type"] != "session.resumed":
            self.seqs.append(message["seq"])
        return super()._new(frame)

    @property
    def missed(self) -> int:
        """Frames that never came."""
        return len(set(range(1, max(self.seqs) + 1)) - set(self.seqs))

    @property
    def twice(self) -> int:
        """Frames that came again."""
        return sum(times - 1 for times in Counter(self.seqs).values())


@dataclass
class Heard:
    """What all visitors went through. `due`: how many answers had been heard when the fault was over."""

    due: int = 0
    answers: int = 0
    lost: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    films: int = 0
    film_s: float = 0.0


async def ask(visitor: Visitor, text: str, heard: Heard, *, new: bool = False) -> None:
    """Ask once; anything but one end with the right answer counts as lost."""
    began = time.monotonic()
    ends, clips, trouble = [], [], []
    try:
        async with asyncio.timeout(FILM_WITHIN_S):
            async for message in visitor.ask(text):
                match message:
                    case ResponseClip() if message.role == "answer":
                        clips.append(message.source)
                    case ResponseDone():
                        ends.append(message.outcome)
                    case ErrorMessage():
                        trouble.append(message.code)
    except (SessionLostError, TimeoutError, OSError) as error:
        trouble.append(type(error).__name__)
    took = time.monotonic() - began
    right = (["generated"], ["generated"]) if new else (["answered"], ["cache"])
    if (ends, clips) != right or trouble:
        heard.lost.append(f"{text!r}: {ends} {clips} {trouble}")
    elif new:
        heard.films, heard.film_s = heard.films + 1, max(heard.film_s, took)
    else:
        heard.answers, heard.longest_s = heard.answers + 1, max(heard.longest_s, took)


@asynccontextmanager
async def a_crowd(
    world: World, visitors: int, *, askers: int, heard: Heard, pace_s: float
) -> AsyncIterator[list[Visitor]]:
    """Visitors of both nodes who ask on and on; at the end all have their answers, and say goodbye to nobody."""
    nodes = (world.first.address, world.second.address)
    crowd = [Visitor(nodes[number % 2], (nodes[1 - number % 2],)) for number in range(visitors)]
    over = asyncio.Event()

    async def stay(number: int, visitor: Visitor) -> None:
        if number < askers:
            await ask(visitor, NEW, heard, new=True)
        while not over.is_set():
            await ask(visitor, FILMED[number % 2], heard)
            with suppress(TimeoutError):
                async with asyncio.timeout(pace_s):
                    await over.wait()

    gate = asyncio.Semaphore(20)

    async def come(visitor: Visitor) -> None:
        async with gate:
            await visitor.connect()

    await asyncio.gather(*(come(visitor) for visitor in crowd))
    stays = [asyncio.create_task(stay(*pair)) for pair in enumerate(crowd)]
    try:
        yield crowd
    finally:
        over.set()
        await asyncio.gather(*stays)
        await asyncio.gather(*(visitor.drop() for visitor in crowd))
