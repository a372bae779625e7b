"""A process that films is killed with SIGKILL; the next one goes on."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.rendering.fakes import FakeMediaTools, FakeRenderer, FakeSpeech, portrait_as_it_is
from app.rendering.ledger.states import RenderState
from app.rendering.ports import Capabilities
from app.rendering.work.studio import Studio
from app.store.labels import Labels
from tests.support.render_world import an_avatar

ROOT = Path(__file__).parents[3]
LEASE_S = 1.0

SCRIPT = """
    import asyncio, sys
    from pathlib import Path
    from tests.rendering.work.test_killed import run
    asyncio.run(run(Path(sys.argv[1]), name=sys.argv[2], price=sys.argv[3], render_s=600.0))
"""


async def run(folder: Path, *, name: str, price: str, render_s: float):
    """Film one clip, the way a process of its own would; returns the entry, the bill and where renders stand."""
    database = Database(f"sqlite:///{folder}/state.db")
    await migrate(database)
    facts = Capabilities(
        name="fake",
        models=("fake",),
        price_per_s=Decimal(price),
        poll_every_s=0.01,
        min_portrait_px=1,
        silent_idle=True,
    )
    service = folder / "bill" if price != "0" else None
    renderer = FakeRenderer(facts, service=service, render_s=render_s)
    blobs = DiskBlobStore(folder / "cache")
    studio = Studio(
        speech={"fake": FakeSpeech()},
        renderers={"fake": renderer},
        blobs=blobs,
        recipes=DiskRecipeIndex(folder / "cache", blobs),
        ledger=SqlLedger(database),
        media_tools=FakeMediaTools(),
        portrait=portrait_as_it_is,
        clock=lambda: datetime.now(UTC),
        sleep=asyncio.sleep,
        worker_name=name,
        scratch=folder / "scratch",
        lease_s=LEASE_S,
        look_every_s=0.05,
    )
    avatar = an_avatar(folder)
    wanted = studio.wanted(avatar, text="We are open.", locale="en", labels=Labels.from_json({"intent": "hours"}))
    try:
        entry = await studio.clip(wanted, avatar=avatar)
        entries = [found async for found in studio.recipes.scan() if found.kind == "clip"]
        return entry, entries, renderer.bill, await studio.ledger.list()
    finally:
        await database.close()


async def submitted(folder: Path) -> None:
    """Wait until the ledger says that the child has handed its job over."""
    database = Database(f"sqlite:///{folder}/state.db")
    await migrate(database)
    deadline = time.monotonic() + 60
    while RenderState.SUBMITTED not in await SqlLedger(database).counts():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await database.close()


@pytest.mark.parametrize("price", ["0", "0.10"])
async def test_a_killed_process_leaves_work_that_the_next_one_completes(tmp_path, price):
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(tmp_path), "first", price]
    child = subprocess.Popen(command, cwd=ROOT)  # noqa: ASYNC220
    try:
        await submitted(tmp_path)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    entry, entries, bill, renders = await run(tmp_path, name="second", price=price, render_s=0.0)

    assert [found.key for found in entries] == [entry.key]
    assert len(bill) == 1
    assert [render.state for render in renders] == [RenderState.READY]
    assert renders[0].spent == Decimal(price) * Decimal("0.9")
