"""A worker process of its own: one clip on a real SQLite file and a real disk store, killed at a named point.

    python -m tests.money.crash.worker FOLDER KIND [POINT]

POINT is where the process kills itself with SIGKILL, as if the machine had gone: no handler runs, nothing is flushed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.errors import GreenroomError
from app.rendering.fakes import FakeRenderer, FakeSpeech, FakeWorkshop
from app.rendering.ports import Capabilities, RenderJob
from app.rendering.reconciler import Reconciler
from app.rendering.studio import Studio
from tests.support.stages import an_avatar

LEASE_S = 0.6
GRACE_S = 0.5

POINTS = (
    "wanted", "claimed", "prepared", "begun", "taken_unheard", "accepted", "submitted", "polled", "done", "downloaded",
    "fetched", "marked", "blobs_stored", "stored",
)  # fmt: skip
"""In order. `begun`: the intent is written; `taken_unheard`: the provider took it and has not answered yet."""

KINDS = ("key", "find", "nothing")


class Service(FakeRenderer):
    """A provider whose bill is a file, which dies with the process right after it took a job."""

    def __init__(self, folder: Path, kind: str, checkpoint: Callable[[str], None]) -> None:
        facts = Capabilities(
            name="fake",
            models=("fake",),
            price_per_s=Decimal("0.10"),
            poll_every_s=0.01,
            min_portrait_px=1,
            silent_idle=True,
            idempotency="key" if kind == "key" else "none",
            find="proof" if kind == "find" else "none",
            grace_s=GRACE_S,
        )
        super().__init__(facts, service=folder / "bill", can_find=kind == "find")
        self._checkpoint = checkpoint

    async def submit(self, job: RenderJob) -> str:
        """Take it, write it on the bill, then answer."""
        request_id = await super().submit(job)
        self._checkpoint("taken_unheard")
        return request_id


def a_studio(folder: Path, kind: str, database: Database, *, kill_at: str = "") -> Studio:
    """The studio as the runtime puts it together, around the service."""

    def checkpoint(name: str) -> None:
        if name == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    blobs = DiskBlobStore(folder / "cache")
    return Studio(
        speech={"fake": FakeSpeech()},
        renderers={"fake": Service(folder, kind, checkpoint)},
        blobs=blobs,
        recipes=DiskRecipeIndex(folder / "cache", blobs),
        ledger=SqlLedger(database),
        workshop=FakeWorkshop(),
        clock=lambda: datetime.now(UTC),
        sleep=asyncio.sleep,
        worker_name=f"worker-{os.getpid()}",
        scratch=folder / "scratch",
        lease_s=LEASE_S,
        look_every_s=0.05,
        checkpoint=checkpoint,
    )


async def work(folder: Path, kind: str, kill_at: str = "") -> None:
    """Sweep up what an earlier process left, then film the clip; a clip that is parked is left so."""
    database = Database(f"sqlite:///{folder}/state.db")
    await migrate(database)
    studio = a_studio(folder, kind, database, kill_at=kill_at)
    avatar = an_avatar(folder)
    wanted = studio.wanted(avatar, text="We are open.", locale="en", labels={"intent": "hours"})
    try:
        if not kill_at:
            await Reconciler(studio=studio, avatars=(avatar,)).sweep()
        await studio.clip(wanted, avatar=avatar)
    except GreenroomError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), *sys.argv[2:]))
