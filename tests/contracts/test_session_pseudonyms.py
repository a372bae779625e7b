"""Data from before migration 0019: scopes name sessions by ids, and nobody wrote down who asked for which film."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from alembic import command
from sqlalchemy import text

from app.adapters.sql.erasing.traces import SqlTraces
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import alembic_config, migrate
from app.adapters.sql.quota import SqlQuota
from app.conversation.erasing.pseudonym import session_scope
from app.digest import digest_bytes
from app.rendering.ledger.port import Cap, RenderRequest, Spend
from app.rendering.ledger.states import BeginSubmit, Claim
from app.store.labels import Labels

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW = "session:s_old", session_scope("s_old")
FILM, LINE = digest_bytes(b"film"), digest_bytes(b"line")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("both", [False, True], ids=["old", "old and new"])
async def test_erasing_finds_what_was_counted_before(opened, kind, both):
    database = await opened(kind)
    ledger, traces = SqlLedger(database), SqlTraces(database)
    await _down(database)
    for key, labels in ((FILM, Labels.generated_answer("It weighs two tons.", locale="en")), (LINE, Labels())):
        render = await ledger.want(RenderRequest(key, "fake", "fake", labels), now=NOON)
        render = await ledger.apply(render.id, Claim(now=NOON, worker="w", lease_s=60.0))
        scopes = [Cap(scope, Decimal(9)) for scope in ("day:2026-11-22", OLD)]
        submit = BeginSubmit(now=NOON, fence=render.fence, token=key[:32], amount=Decimal(1))
        await ledger.apply(render.id, submit, caps=scopes)
    async with database.writing() as connection:
        for scope in (OLD, NEW) if both else (OLD,):
            await connection.execute(text(f"INSERT INTO tallies VALUES ('{scope}', 3, '2026-11-22')"))  # noqa: S608

    await migrate(database)

    assert await ledger.spend(OLD) == Spend(OLD)
    assert (await ledger.spend(NEW)).reserved == Decimal(2)
    assert {render.scopes for render in await ledger.list()} == {("day:2026-11-22", NEW)}
    assert await traces.films("s_old") == (FILM,), "a line of the catalog is nobody's film"
    async with database.reading() as connection:
        used = (await connection.execute(text("SELECT scope, used FROM tallies"))).all()
    assert used == [(NEW, 6 if both else 3)]
    assert await traces.erase("s_old", now=NOON) == (FILM,)
    assert await SqlQuota(database).forget(NEW) == 1


async def _down(database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0020"))
