"""A ledger of 25,000 renders: every figure is whole, and no more than a page of them is read at once."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from sqlalchemy import event, insert

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.renders import values_of
from app.adapters.sql.tables import AuditLogRow, HookRow, RenderRow
from app.errors import RenderNotFoundError
from app.rendering.fakes import FakeRenderer, FakeTime
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.port import PAGE_ROWS, orphan_pages, pages
from app.rendering.ledger.records import ORPHAN, Hook
from app.rendering.ledger.states import Ready, Render, RenderState
from app.rendering.media.consent import RESTORED, WITHDRAWN, withdrawn_faces
from app.rendering.work.reconciler import OrphanScan, Reconciler
from app.store.labels import Labels
from tests.support.render_world import RenderWorld, in_time

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MANY = 25_000
PAGES = MANY // PAGE_ROWS
FREE = 3 * PAGE_ROWS


class Counted:
    """Remembers how many renders or calls it gave out at most, and how many queries there were."""

    statements = most_rows = 0

    async def list(self, **which: Any):
        page = await super().list(**which)
        self.most_rows = max(self.most_rows, len(page))
        return page

    async def orphans(self, **which: Any):
        page = await super().orphans(**which)
        self.most_rows = max(self.most_rows, len(page))
        return page


Make = Callable[[int], Render]


@lru_cache(maxsize=1)
def made(make: Make) -> tuple[Render, ...]:
    """As many renders, the same for each back end."""
    return tuple(make(number) for number in range(MANY))


@lru_cache(maxsize=1)
def rows_of(make: Make) -> tuple[dict[str, Any], ...]:
    return tuple(values_of(render) for render in made(make))


def _with_first(those: tuple[Any, ...], first: Any) -> tuple[Any, ...]:
    return those if first is None else (first, *those[1:])


class CountedMemory(Counted, MemoryLedger):
    async def fill(self, make: Make | None, hooks=(), first: Render | None = None):
        renders = _with_first(made(make) if make else (), first)
        self._renders |= {render.id: render for render in renders}
        self._hooks |= {(hook.provider, hook.token, hook.request_id, hook.state): hook for hook in hooks}


class CountedSql(Counted, SqlLedger):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._asked)

    def _asked(self, _connection, _cursor, statement, *_):  # noqa: ANN002
        self.statements += statement.startswith("SELECT")

    async def fill(self, make: Make | None, hooks=(), first: Render | None = None):
        rows = _with_first(rows_of(make) if make else (), values_of(first) if first else None)
        calls = [{field.name: getattr(hook, field.name) for field in fields(hook)} for hook in hooks]
        async with self._database.writing() as connection:
            await connection.execute(insert(RenderRow.__table__), list(rows))
            if calls:
                await connection.execute(insert(HookRow.__table__), calls)
        self.statements = 0


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
async def database(request, opened):
    return await opened(request.param)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
async def ledger(request, opened):
    if request.param == "memory":
        return CountedMemory()
    return CountedSql(await opened(request.param))


LABELS = Labels.from_json({"intent": "x"})


def a_render(number: int, **changes: Any):
    at = NOON + timedelta(seconds=number // 3)  # three at a time, so that pages end among equals
    usual = {"id": f"{number:032x}", "recipe_key": f"{number:064x}", "provider": "fake", "model": "m"}
    return Render(**{**usual, "created_at": at, "updated_at": at, "attempts": 1, "labels": LABELS, **changes})


def submitted(number: int):
    """Handed over; the oldest are those that nobody works on."""
    held = NOON + timedelta(days=9) if number >= FREE else None
    return a_render(number, state=RenderState.SUBMITTED, reserved=Decimal("0.1"), lease_until=held)


async def test_every_render_is_gone_through_once_a_page_at_a_time(ledger):
    await ledger.fill(a_render)

    numbers = [int(render.id, 16) for page in [page async for page in pages(ledger)] for render in page]

    assert numbers == list(range(MANY))[::-1]
    assert ledger.most_rows == PAGE_ROWS
    assert ledger.statements in {0, PAGES + 1}


@pytest.mark.long
async def test_every_orphan_is_counted_and_listed(ledger):
    hooks = [Hook("fal", "t", f"r{n:06}", ORPHAN, NOON + timedelta(seconds=n // 3), "0" * 64) for n in range(MANY)]
    await ledger.fill(None, hooks, first=a_render(0))

    assert await ledger.orphan_count() == MANY
    assert ledger.statements in {0, 1}
    listed = [hook.request_id for page in [page async for page in orphan_pages(ledger)] for hook in page]
    assert listed == [hook.request_id for hook in reversed(hooks)]
    assert ledger.most_rows == PAGE_ROWS


def refused(number: int):
    code = "clip_rejected" if number % 2 else "provider_refused"
    ended = {"state": RenderState.FAILED, "error_code": code, "spent": Decimal("0.000003")}
    return a_render(number, scopes=("day:1", "run:1"), **ended)


@pytest.mark.long
async def test_refused_clips_are_all_counted_in_one_question(ledger):
    await ledger.fill(refused)

    assert await ledger.refused("run:1") == (MANY // 2, MANY // 2 * Decimal("0.000003"))
    assert (ledger.most_rows, ledger.statements) in {(0, 0), (0, 1)}


def told_apart(number: int):
    return a_render(number, id=f"{number:06x}{number:026x}")


@pytest.mark.long
async def test_the_beginning_of_an_id_finds_it_among_many(ledger):
    await ledger.fill(told_apart)
    desk = RenderAdmin(ledger, lambda: NOON)

    assert (await desk.find(f"{MANY // 3:06x}0")).recipe_key == f"{MANY // 3:064x}"
    with pytest.raises(RenderNotFoundError, match=r"\(0 renders\)"):
        await desk.find("ffffff")
    assert ledger.most_rows == 0


@pytest.mark.long
async def test_more_of_a_kind_than_a_page_are_counted_to_the_last(ledger):
    await ledger.fill(a_render)

    with pytest.raises(RenderNotFoundError, match=rf"\({MANY} renders\)"):
        await RenderAdmin(ledger, lambda: NOON).find("000000")
    assert (ledger.most_rows, ledger.statements) in {(0, 0), (0, 1)}


@pytest.mark.long
async def test_the_oldest_model_is_still_looked_for(ledger):
    class Remembers(FakeRenderer):
        models: tuple[str, ...] = ()

        def remember(self, model):
            self.models = (*self.models, model)

    await ledger.fill(a_render, first=a_render(0, model="old"))
    renderer = Remembers()

    await OrphanScan({"fake": renderer}, ledger, lambda: NOON).run()

    assert sorted(renderer.models) == ["m", "old"]
    assert (ledger.most_rows, ledger.statements) in {(0, 0), (0, 1)}


@pytest.mark.long
async def test_a_stored_clip_is_closed_however_many_came_after(ledger, tmp_path):
    stage = RenderWorld(tmp_path, ledger=ledger)
    first = stage.studio(**in_time(FakeTime(NOON)))
    wanted = first.wanted(stage.avatar, text="We are open.", locale="en", labels=Labels())
    await first.clip(wanted, avatar=stage.avatar)
    stored = replace(submitted(0), recipe_key=wanted.key)
    await ledger.fill(submitted, first=stored)
    studio = stage.studio("later", **in_time(FakeTime(NOON + timedelta(days=1))))

    assert await studio.reconcile() == 1

    assert (await ledger.get(stored.id)).state is RenderState.READY
    assert [record.event for record in await ledger.history(stored.id)][-1] == Ready.__name__
    assert ledger.most_rows == PAGE_ROWS


@pytest.mark.long
async def test_a_sweep_looks_at_every_render_that_nobody_holds(ledger, tmp_path):
    stage = RenderWorld(tmp_path, ledger=ledger)
    await ledger.fill(submitted)
    studio = stage.studio(**in_time(FakeTime(NOON + timedelta(hours=3))))

    swept = await Reconciler(studio=studio, avatars=(stage.avatar,)).sweep()

    assert swept.left == FREE
    assert ledger.most_rows == PAGE_ROWS
    assert ledger.statements in {0, 2 * (FREE // PAGE_ROWS + 1) + 1}


async def test_withdrawn_faces_are_read_from_their_last_rows(database):
    def row(number):
        action = RESTORED if number % 2 else WITHDRAWN
        return {
            "number": number, "at": NOON + timedelta(seconds=number), "actor": "a", "action": action,
            "subject": f"face {number % 3}", "details": {}, "previous": "", "digest": "",
        }  # fmt: skip

    async with database.writing() as connection:
        await connection.execute(insert(AuditLogRow.__table__), [row(number) for number in range(1, MANY + 1)])
    log = SqlAudit(database)

    assert [row.number for row in await log.newest(actions=[WITHDRAWN, RESTORED])] == [MANY, MANY - 2, MANY - 1]
    assert list(await withdrawn_faces(log)) == ["1", "2"]
