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
from app.rendering.ledger.decisions import Cancel
from app.rendering.ledger.port import Cap, RenderRequest, Spend
from app.rendering.ledger.states import BeginSubmit, Claim
from app.store.labels import Labels

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW = "session:s_old", session_scope("s_old")
FILM, LINE = digest_bytes(b"film"), digest_bytes(b"line")
ANSWER = Labels.generated_answer("It weighs two tons.", locale="en")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("both", [False, True], ids=["old", "old and new"])
async def test_erasing_finds_what_was_counted_before(opened, kind, both):
    database = await opened(kind)
    ledger, traces = SqlLedger(database), SqlTraces(database)
    await _down(database)
    await _filmed(ledger, FILM, OLD, ANSWER)
    await _filmed(ledger, LINE, OLD, Labels())
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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_upkeep_after_the_upgrade_lets_no_film_expire(opened, kind):
    database = await opened(kind)
    traces = SqlTraces(database)
    await _down(database)
    await _filmed(SqlLedger(database), FILM, OLD, ANSWER, now=LONG_AGO)

    await migrate(database)

    assert await traces.expire(before=NOON, now=NOON) == (), "who asked for it yesterday is not known"
    assert await traces.films("s_old") == (FILM,)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("wanted", [False, True], ids=["theirs alone", "another session's, too"])
async def test_films_of_erased_sessions_are_to_be_gone(opened, kind, wanted):
    database = await opened(kind)
    ledger, traces = SqlLedger(database), SqlTraces(database)
    await _down(database)
    await traces.erase("s_old", now=NOON)
    await _filmed(ledger, FILM, OLD, ANSWER)
    if wanted:
        await _filmed(ledger, FILM, "session:s_other", ANSWER, again=True)

    await migrate(database)

    assert await traces.films("s_old") == ()
    assert await traces.gone() == (() if wanted else (FILM,))


async def _filmed(ledger, key, scope, labels, *, now=NOON, again=False) -> None:
    """Order a film as before migration 0019: its scope names the session by the id."""
    token = f"{again:d}{key[:31]}"
    render = await ledger.want(RenderRequest(key, "fake", "fake", labels), now=now)
    if again:
        await ledger.apply(render.id, Cancel(now=now))
        render = await ledger.want(RenderRequest(key, "fake", "fake", labels), now=now)
    render = await ledger.apply(render.id, Claim(now=now, worker="w", lease_s=60.0))
    scopes = [Cap(scope, Decimal(9)) for scope in ("day:2026-11-22", scope)]
    submit = BeginSubmit(now=now, fence=render.fence, token=token, amount=Decimal(1))
    await ledger.apply(render.id, submit, caps=scopes)


async def _down(database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0020"))
