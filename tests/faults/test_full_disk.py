"""A full disk at every write of a film, and at every page of the database: told as what it is, nothing paid twice."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.media.pyav import PyavMediaTools
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.catalog.model import Role
from app.errors import StateFullError, StoreFullError
from app.rendering.fakes import FakeRenderer
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import Claim, RenderState
from app.rendering.ports import Capabilities
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.warm import warm
from app.store.labels import Labels
from app.store.maintenance import verify
from tests.adapters.media.test_pyav import a_video
from tests.faults.busy_machine import full_after
from tests.money.crash.worker import POINTS
from tests.rendering.plan.test_planner import a_plan
from tests.support.render_world import RenderWorld, an_intent

FACTS = Capabilities(
    name="fake",
    models=("fake",),
    price_per_s=Decimal("0.10"),
    poll_every_s=0.01,
    min_portrait_px=1,
    grace_s=0.0,
    find="proof",
    silent_idle=True,
)
MOMENTS = tuple(point for point in POINTS if point in {"claimed", "begun", "accepted", "downloaded", "stored"})
"""One of each kind: before the payment, within it, its answer not kept, after it, and after the clip is stored."""


def a_stage(folder: Path, **changes: Any) -> RenderWorld:
    """A stage whose store is a folder."""
    folder.mkdir()
    stage = RenderWorld(folder, renderer=FakeRenderer(FACTS), **changes)
    stage.blobs = DiskBlobStore(folder / "cache")
    stage.recipes = DiskRecipeIndex(folder / "cache", stage.blobs)
    return stage


async def film(stage: RenderWorld, **changes: Any) -> None:
    studio = stage.studio(**changes)
    wanted = studio.wanted(
        stage.avatar, text="We are open at nine.", locale="en", labels=Labels.from_json({"locale": "en"})
    )
    await studio.clip(wanted, avatar=stage.avatar)


async def assert_paid_once(stage: RenderWorld) -> None:
    """The film is there, and whole, and the bill shows it once; so does the ledger."""
    (render,) = await stage.ledger.list()
    assert (render.state, render.attempts) == (RenderState.READY, 1)
    assert (len(stage.renderer.bill), render.reserved) == (1, 0)
    assert (await verify(stage.blobs, stage.recipes)).ok


async def test_every_write_of_a_film_may_find_the_disk_full(tmp_path):
    """The 1st, the 2nd, the 3rd ... write, until the film needs no more; then there is room, and it is carried on."""
    paid_before = set()
    for writes in count():
        stage = a_stage(tmp_path / f"{writes}")
        with full_after(tmp_path / f"{writes}", writes) as disk, contextlib.suppress(StoreFullError):
            await film(stage)
        assert (await verify(stage.blobs, stage.recipes)).ok
        paid_before.add(len(stage.renderer.bill))
        await film(stage)

        await assert_paid_once(stage)
        assert len(stage.speech.requests) <= 2
        if not disk.met:
            break

    assert writes > 15
    assert paid_before == {0, 1}, "the disk was never full on both sides of the payment"


def later() -> datetime:
    """When the lease has run out of a worker that could not even say that it gives up."""
    return datetime.now(UTC) + timedelta(minutes=1)


def holding(database: Database, pages: int) -> Database:
    """The database may not grow beyond so many pages."""

    @event.listens_for(database.engine.sync_engine, "connect")
    def hold(connection, _record):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.close()

    return database


def fill_up(path: Path, pages: int) -> None:
    """Somebody else takes what room there is, to the last row that fits."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connection.execute("PRAGMA synchronous = OFF")
        names = ", ".join(row[1] for row in connection.execute("PRAGMA table_info(render_records)") if row[1] != "id")
        again = f"INSERT INTO render_records ({names}) SELECT {names} FROM render_records ORDER BY id LIMIT 1"  # noqa: S608
        with contextlib.suppress(sqlite3.OperationalError):
            while connection.execute(again).rowcount:
                pass


async def a_film_on_a_full_database(roomy: Database, folder: Path, moment: str) -> tuple[RenderWorld, bool]:
    """A film whose database is full from this moment of the work on; then there is room again. Was it told?"""
    path = Path(str(roomy.url.database))
    await migrate(roomy)
    other = await SqlLedger(roomy).want(RenderRequest("0" * 64, "other", "other", Labels()), now=datetime.now(UTC))
    await SqlLedger(roomy).apply(other.id, Claim(now=datetime.now(UTC), worker="other", lease_s=900.0))
    async with roomy.reading() as connection:
        pages = int((await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()) + 3
    tight, told = holding(Database(f"sqlite:///{path}"), pages), False
    stage = a_stage(folder / moment, ledger=SqlLedger(tight))

    def checkpoint(name: str) -> None:
        if name == moment:
            fill_up(path, pages)

    try:
        await film(stage, checkpoint=checkpoint)
    except StateFullError as error:
        told = "free space" in str(error)
    await tight.close()
    stage.ledger = SqlLedger(roomy)
    await Reconciler(studio=stage.studio(clock=later), avatars=(stage.avatar,)).sweep()
    await film(stage, clock=later)
    return stage, told


async def test_the_database_may_be_full_anywhere_in_a_film(tmp_path):
    """It is told, what was handed over is asked after when there is room, and the film is paid once."""
    told = []
    for moment in MOMENTS:
        roomy = Database(f"sqlite:///{tmp_path}/{moment}.db")
        stage, was_told = await a_film_on_a_full_database(roomy, tmp_path, moment)
        told += [moment] if was_told else []

        (render,) = [one for one in await stage.ledger.list() if one.provider == "fake"]
        await roomy.close()
        assert (render.state, render.attempts) == (RenderState.READY, 1), moment
        assert len(stage.renderer.bill) == 1, moment

    assert tuple(told) == MOMENTS


async def test_a_warm_up_ends_when_there_is_no_room_and_goes_on_when_there_is(tmp_path):
    stage = a_stage(tmp_path / "stage")
    intents = [an_intent(f"i{number}", f"Exactly five words, number {number}.") for number in range(12)]
    plan = await a_plan(stage, an_intent("idle", role=Role.IDLE), *intents)

    with full_after(tmp_path / "stage" / "cache", 30):
        summary = await warm(plan, stage.studio(), avatar=stage.avatar, concurrency=2)

    assert (summary.ended, summary.complete) == ("full", False)
    assert {failure.code for failure in summary.failures} == {"store_full"}
    assert summary.clips_left >= 8, "it went on speaking what cannot be kept"
    later = await warm(
        await a_plan(stage, an_intent("idle", role=Role.IDLE), *intents), stage.studio(), avatar=stage.avatar
    )
    assert (later.ended, later.complete) == ("finished", True)
    assert len(stage.renderer.bill) == len(set(stage.renderer.bill)) == 13


async def test_a_full_disk_is_not_taken_for_a_bad_video(tmp_path):
    """A paid film would be put aside as refused, and filmed again."""
    media_tools, video = PyavMediaTools(), a_video(tmp_path / "a.mp4")
    for write in (
        lambda: media_tools.poster(video, Path("/dev/full"), at_s=0.0),
        lambda: media_tools.join([video, video], Path("/dev/full")),
    ):
        with pytest.raises(StoreFullError):
            await write()
    with full_after(tmp_path, 0), pytest.raises(StoreFullError):
        await media_tools.mark(video, source_type="x", note="y")
