"""What changes money or releases leaves its audit row in the same transaction, or nothing at all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.adapters.sql.releases import SqlReleases
from app.adapters.sql.sessions import SqlSessions
from app.author_errors import ReleaseConflictError
from app.catalog.releases import ReleaseDraft
from app.conversation.session_store import SessionChange, StoredSession
from app.digest import digest_bytes
from app.errors import BudgetExceededError, LeaseLostError
from app.rendering.ledger.decisions import Cancel, Retry
from app.rendering.ledger.port import Cap, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Lost, NotAccepted, Park, Ready, Submitted
from app.store.labels import Labels

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/state.db")
    await migrate(opened)
    yield opened
    await opened.close()


async def submitting(ledger, amount="0.30", *, caps=()):
    request = RenderRequest(
        recipe_key="a" * 64, provider="fal", model="m", labels=Labels.from_json({"intent": "tickets"})
    )
    render = await ledger.want(request, now=NOON)
    held = await ledger.apply(render.id, Claim(now=NOON, worker="w", lease_s=10))
    begin = BeginSubmit(now=NOON, fence=held.fence, token="t", amount=Decimal(amount))
    return await ledger.apply(render.id, begin, caps=caps)


async def told(database):
    rows = reversed(await SqlAudit(database).list())
    return [(row.act.actor, row.act.action, row.act.details.get("amount")) for row in rows]


async def test_money_is_told_from_reserved_to_spent(database):
    ledger = SqlLedger(database)
    render = await submitting(ledger, "0.300000")
    await ledger.apply(render.id, Submitted(now=NOON, fence=render.fence, request_id="q"))
    await ledger.apply(render.id, Ready(now=NOON, fence=render.fence))

    assert await told(database) == [("system", "money.reserved", "0.3"), ("system", "money.spent", "0.3")]
    row = (await SqlAudit(database).list())[0]
    assert row.act.subject == render.id
    about = {"currency": "USD", "provider": "fal", "intent": "tickets", "request_id": "q"}
    assert row.act.details == {"amount": "0.3"} | about


async def test_money_that_was_not_needed_is_told_as_released(database):
    ledger = SqlLedger(database)
    render = await submitting(ledger)
    await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence))

    assert await told(database) == [("system", "money.reserved", "0.3"), ("system", "money.released", "0.3")]


async def test_what_a_person_does_bears_their_name(database):
    ledger, desk = SqlLedger(database), SqlLedger(database, actor="ada@desk")
    render = await submitting(ledger)
    await ledger.apply(render.id, Lost(now=NOON, fence=render.fence))
    await ledger.apply(render.id, Park(now=NOON, fence=render.fence, message="who knows"))
    await desk.apply(render.id, Retry(now=NOON))
    await desk.apply(render.id, Cancel(now=NOON))

    assert await told(database) == [
        ("system", "money.reserved", "0.3"),
        ("system", "render.parked", None),
        ("ada@desk", "render.retried", None),
        ("ada@desk", "money.spent", "0.3"),
        ("ada@desk", "render.cancelled", None),
    ]


async def test_films_that_cost_nothing_leave_no_row(database):
    ledger = SqlLedger(database)
    render = await submitting(ledger, "0")
    await ledger.apply(render.id, Submitted(now=NOON, fence=render.fence, request_id="q"))
    await ledger.apply(render.id, Ready(now=NOON, fence=render.fence))

    assert await told(database) == []


async def test_a_step_that_is_refused_leaves_no_row(database):
    ledger = SqlLedger(database)
    with pytest.raises(BudgetExceededError):
        await submitting(ledger, caps=[Cap("day", Decimal("0.1"))])

    assert await told(database) == []


async def test_a_step_whose_row_cannot_be_written_is_not_taken(database):
    ledger = SqlLedger(database)
    async with database.writing() as connection:
        refuse = "SELECT RAISE(ABORT, 'disk full')"
        await connection.execute(text(f"CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN {refuse}; END"))

    with pytest.raises(Exception, match="disk full"):
        await submitting(ledger)

    (render,) = await ledger.list()
    assert (render.state, render.reserved, render.token) == ("leased", Decimal(0), None)


async def test_publishing_and_going_back_are_told(database):
    releases = SqlReleases(database)
    for after, words in enumerate((b"one", b"two")):
        draft = ReleaseDraft(digest_bytes(words), "The Museum", 3, (), words, note=words.decode())
        await releases.publish(draft, by="ada@desk", at=NOON, after=after)
    await releases.use(1, by="api key", at=NOON, after=2)
    with pytest.raises(ReleaseConflictError):
        await releases.use(2, by="bob", at=NOON, after=2)

    rows = [row.act for row in reversed(await SqlAudit(database).list())]
    assert [(act.actor, act.action, act.subject) for act in rows] == [
        ("ada@desk", "release.published", "release 1"),
        ("ada@desk", "release.published", "release 2"),
        ("api key", "release.used", "release 1"),
    ]
    assert rows[2].details == {"step": 3, "catalog": digest_bytes(b"one"), "note": "one"}


async def test_a_lost_lease_leaves_no_row(database):
    ledger = SqlLedger(database)
    render = await submitting(ledger)
    with pytest.raises(LeaseLostError):
        await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence + 1))

    assert await told(database) == [("system", "money.reserved", "0.3")]


async def test_erasing_is_told_without_the_sessions_id(database):
    sessions, desk = SqlSessions(database), SqlSessions(database, actor="ada@desk")
    for name in ("s_1", "s_2"):
        await sessions.save(
            [SessionChange(StoredSession(name, "n1", 1, "t1", None, 2, "{}"), None, 0, is_new=True)], now=NOON
        )

    assert await sessions.erase("s_1", shown="another's", now=NOON) is None
    assert await sessions.erase("s_1", shown="t1", now=NOON) == 0
    assert await desk.erase("s_2", shown=None, now=NOON) == 0

    rows = [row.act for row in reversed(await SqlAudit(database).list())]
    assert [(act.actor, act.action) for act in rows] == [("visitor", "session.erased"), ("ada@desk", "session.erased")]
    assert [act.subject for act in rows] == [f"session {digest_bytes(name)[:16]}" for name in (b"s_1", b"s_2")]
    assert "s_1" not in str(rows)
