"""PostgreSQL restarts, fails over, and loses the answers to commits: no row is lost and nothing is paid for twice."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import make_url

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.adapters.sql.sessions import SqlSessions
from app.errors import StateUnavailableError
from app.rendering.fakes import FakeRenderer
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import RenderState
from app.rendering.ports import Capabilities
from app.rendering.work.reconciler import Reconciler
from app.store.labels import Labels
from tests.support.fault_proxy import FaultProxy, a_fault_proxy
from tests.support.postgres import Postgres, PostgresProcess
from tests.support.render_world import RenderWorld

PRICE = Decimal("0.10")
WANT = RenderRequest("k" * 64, "fake", "fake", Labels())


@pytest.fixture(scope="module")
def server():
    process = PostgresProcess()
    yield process
    process.close()


@pytest.fixture
async def line(server):
    async with a_fault_proxy(server.socket) as (proxy, port):
        proxy.port = port
        yield proxy


@pytest.fixture
async def database(server: PostgresProcess, line: FaultProxy):
    name = make_url(await Postgres(server.url).empty_database()).database
    database = Database(f"postgresql://postgres@127.0.0.1:{line.port}/{name}")
    await migrate(database)
    yield database
    line.cut_at = lambda _piece: None
    await database.close()


def a_stage(folder, database) -> RenderWorld:
    folder.mkdir()
    facts = Capabilities(
        name="fake", models=("fake",), price_per_s=PRICE, poll_every_s=0.01, min_portrait_px=1, grace_s=0.0
    )
    return RenderWorld(folder, ledger=SqlLedger(database), renderer=FakeRenderer(facts))


async def film(stage: RenderWorld, text: str) -> None:
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"locale": "en"}))
    await studio.clip(wanted, avatar=stage.avatar)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_every_single_commit_may_be_cut_off(tmp_path, database, line, when):
    """The 1st, the 2nd, the 3rd ... commit of a film, until there are no more."""
    cuts = []
    for number in count(1):
        stage, seen = a_stage(tmp_path / f"{number}", database), count(1)
        cuts.clear()

        def cut(piece: bytes, seen=seen, number=number):
            if b"COMMIT" not in piece or next(seen) != number:
                return None
            cuts.append(piece)
            return when

        line.cut_at = cut
        await film(stage, f"We are open at {number}.")
        line.cut_at = lambda _piece: None

        assert len(stage.renderer.bill) == 1, f"paid {len(stage.renderer.bill)} times, cut at commit {number}"
        (render,) = [one for one in await stage.ledger.list() if one.recipe_key == stage.renderer.bill[0]]
        assert (render.state, render.attempts) == (RenderState.READY, 1)
        assert render.reserved == 0 < render.spent
        if not cuts:
            break

    assert number > 5


async def test_a_restart_is_waited_out(database, server):
    ledger, now = SqlLedger(database), datetime.now(UTC)
    await ledger.want(WANT, now=now)
    server.crash()
    reading = asyncio.create_task(ledger.latest(WANT.recipe_key))
    with pytest.raises(StateUnavailableError):  # what answers a visitor does not wait
        await SqlSessions(database).touch("n", now=now)

    server.start()

    assert (await reading).state is RenderState.WANTED


async def test_a_server_that_became_a_standby_is_left(database, server, line):
    ledger, now = SqlLedger(database), datetime.now(UTC)
    await server.refuse_writes(refused=True)
    try:
        with pytest.raises(StateUnavailableError, match="read-only"):
            await _touch_until_refused(database, now)
        before = line.connections
        wanting = asyncio.create_task(ledger.want(WANT, now=now))
        while line.connections == before:  # noqa: ASYNC110 - the proxy counts, it does not tell
            await asyncio.sleep(0.02)
    finally:
        await server.refuse_writes(refused=False)

    assert (await wanting).state is RenderState.WANTED


async def _touch_until_refused(database, now):
    """The server takes a moment to read its settings again."""
    async with asyncio.timeout(60):
        while True:
            await SqlSessions(database).touch("n", now=now)


async def test_the_reconciler_outlives_the_database(tmp_path, database, line, monkeypatch):
    """It used to end for good with the first error: nothing that a killed worker left was brought any more."""
    monkeypatch.setattr("app.adapters.sql.retry.PATIENCE_S", 0.0)
    stage = a_stage(tmp_path / "stage", database)
    reconciler = Reconciler(studio=stage.studio(), avatars=(stage.avatar,), every_s=0.05)
    line.fault = "refuse"
    line.cut_all()
    before = line.connections
    running = asyncio.create_task(reconciler.run())
    while line.connections < before + 2:  # noqa: ASYNC110 - the proxy counts, it does not tell
        await asyncio.sleep(0.02)

    assert not running.done()
    running.cancel()
    await asyncio.wait({running})
