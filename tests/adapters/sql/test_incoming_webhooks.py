"""Webhooks that come at the same moment: one transaction, and each its own answer."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from app.adapters.sql.engine import Database
from app.adapters.sql.incoming.webhooks import IncomingWebhooks
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.rendering.ledger.records import Hook

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def hook(number: int) -> Hook:
    return Hook("sync", f"t{number}", f"r{number}", "done", NOON, "0" * 64)


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/state.db")
    await migrate(opened)
    yield opened
    await opened.close()


@pytest.fixture
def commits(database):
    """A line for each transaction that is committed."""
    found: list[str] = []
    event.listen(database.engine.sync_engine, "commit", lambda _: found.append("commit"))
    return found


async def test_what_comes_together_is_stored_together_and_each_is_told_of_its_own(database, commits):
    incoming = IncomingWebhooks(database)
    await incoming.keep(hook(3))
    commits.clear()

    fresh = await asyncio.gather(*(incoming.keep(hook(number)) for number in (1, 2, 2, 3, 4)))

    assert fresh == [True, True, False, False, True]
    assert len(commits) <= 2
    assert [await SqlLedger(database).hooks(f"t{number}") for number in (1, 2, 3, 4)] == [
        (hook(number),) for number in (1, 2, 3, 4)
    ]


async def test_a_hundred_look_ups_share_a_few_transactions(database, commits):
    incoming = IncomingWebhooks(database)

    found = await asyncio.gather(*(incoming.by_token(f"t{number}") for number in range(50)))
    found += await asyncio.gather(*(incoming.by_request("sync", f"r{number}") for number in range(50)))

    assert found == [None] * 100
    assert len(commits) <= 4


async def test_a_webhook_that_the_database_refuses_does_not_keep_the_others_out(database):
    incoming = IncomingWebhooks(database)
    bad = Hook("sync", "t9", "r9", "done", NOON, None)  # type: ignore[arg-type]

    results = await asyncio.gather(
        incoming.keep(hook(1)), incoming.keep(bad), incoming.keep(hook(2)), return_exceptions=True
    )

    assert results[0] is True
    assert isinstance(results[1], Exception)
    assert results[2] is True
