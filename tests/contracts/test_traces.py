"""One suite for every store of traces: who asked for which film, and what is written about an erased session."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.adapters.sql.deliveries.store import SqlDeliveries
from app.adapters.sql.erasing.traces import SqlTraces, join_writers, wait_for_writers
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.turn_log import SqlTurnLog
from app.conversation.erasing.traces import MemoryTraces
from app.conversation.page.deliveries import Delivery, MemoryDeliveries
from app.digest import digest_bytes
from app.errors import SessionNotFoundError
from app.learning.memory_turn_log import MemoryTurnLog
from app.rendering.ledger.decisions import Cancel
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.port import Cap, RenderRequest, Spend
from app.rendering.ledger.states import BeginSubmit, Claim
from app.store.labels import Labels
from tests.contracts.test_turn_log import a_turn

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILM, SPEECH, OTHER = (digest_bytes(name) for name in (b"film", b"speech", b"other"))


@dataclass
class Site:
    """Traces, turns and ledger over one database, or in memory."""

    traces: Any
    turns: Any
    ledger: Any
    deliveries: Any


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def site(request, opened):
    if request.param == "memory":
        traces = MemoryTraces()
        return Site(
            traces,
            MemoryTurnLog(is_erased=traces.is_erased),
            MemoryLedger(),
            MemoryDeliveries(is_erased=traces.is_erased),
        )
    database = await opened(request.param)
    return Site(SqlTraces(database), SqlTurnLog(database), SqlLedger(database), SqlDeliveries(database))


def a_request(key=FILM, text="It weighs two tons.") -> RenderRequest:
    return RenderRequest(key, "fake", "fake", Labels.generated_answer(text, locale="en"))


async def test_a_film_goes_with_the_only_session_that_asked_for_it(site):
    await site.traces.ask("s1", [FILM, SPEECH], now=NOON)
    await site.traces.ask("s2", [OTHER], now=NOON)

    assert await site.traces.films("s1") == tuple(sorted([FILM, SPEECH]))
    assert await site.traces.erase("s1", now=NOON) == tuple(sorted([FILM, SPEECH]))

    assert await site.traces.films("s1") == ()
    assert [await site.traces.is_gone(key) for key in (FILM, SPEECH, OTHER)] == [True, True, False]
    assert await site.traces.gone() == tuple(sorted([FILM, SPEECH]))


async def test_a_film_stays_while_another_session_asks_for_it(site):
    await site.traces.ask("s1", [FILM], now=NOON)
    await site.traces.ask("s2", [FILM], now=NOON)

    assert await site.traces.erase("s1", now=NOON) == ()
    assert not await site.traces.is_gone(FILM)
    assert await site.traces.erase("s2", now=NOON) == (FILM,)


async def test_who_asks_later_wants_what_was_to_be_gone(site):
    await site.traces.ask("s1", [FILM], now=NOON)
    await site.traces.erase("s1", now=NOON)

    await site.traces.ask("s2", [FILM], now=NOON)

    assert not await site.traces.is_gone(FILM)


async def test_an_erased_session_asks_for_nothing_more(site):
    await site.traces.erase("s1", now=NOON)

    with pytest.raises(SessionNotFoundError):
        await site.traces.ask("s1", [FILM], now=NOON)

    assert await site.traces.films("s1") == ()


async def test_films_expire_by_who_asked_last(site):
    await site.traces.ask("s1", [FILM, OTHER], now=NOON)
    await site.traces.ask("s2", [FILM], now=NOON + timedelta(days=5))
    await site.traces.ask("s3", [SPEECH], now=NOON + timedelta(days=5))

    assert await site.traces.expire(before=NOON + timedelta(days=1), now=NOON) == (OTHER,)
    assert await site.traces.expire(before=NOON + timedelta(days=1), now=NOON) == ()
    assert not await site.traces.is_gone(FILM)


async def test_marks_are_swept_after_their_time(site):
    await site.traces.ask("s1", [FILM], now=NOON)
    await site.traces.erase("s1", now=NOON)

    await site.traces.sweep(before=NOON)
    kept = await site.traces.is_gone(FILM)
    await site.traces.sweep(before=NOON + timedelta(seconds=1))

    assert kept
    assert not await site.traces.is_gone(FILM)


async def test_a_turn_that_is_written_after_the_erasing_is_dropped(site):
    await site.turns.record(a_turn("t1"))
    await site.traces.erase("s1", now=NOON)
    await site.turns.erase("s1")

    await site.turns.record(a_turn("t2"))
    await site.turns.record(a_turn("t3", session="s2"))

    assert [await site.turns.get(turn) is not None for turn in ("t1", "t2", "t3")] == [False, False, True]


async def test_of_turns_that_race_an_erasing_none_is_left(site):
    for lap in range(5):
        name = f"s{lap}"
        writing = [asyncio.ensure_future(site.turns.record(a_turn(f"{name}-{n}", session=name))) for n in range(20)]
        await asyncio.sleep(0)
        await site.traces.erase(name, now=NOON)
        await site.turns.erase(name)
        await asyncio.gather(*writing)

        assert await site.turns.transcript(name) == ()


async def test_of_deliveries_that_race_an_erasing_none_is_left(site):
    for lap in range(5):
        name = f"s{lap}"
        letters = [Delivery.of("form.answered", f"f{n}", {}, session=name, at=NOON) for n in range(20)]
        writing = [asyncio.ensure_future(site.deliveries.keep(letter)) for letter in letters]
        await asyncio.sleep(0)
        await site.traces.erase(name, now=NOON)
        await site.deliveries.forget(name)
        await asyncio.gather(*writing)
        await site.deliveries.keep(Delivery.of("form.answered", "late", {}, session=name, at=NOON))

        assert await site.deliveries.waiting() == 0


async def test_the_words_go_from_the_ledger_and_the_money_stays(site):
    mine = await site.ledger.want(a_request(), now=NOON)
    other = await site.ledger.want(a_request(OTHER, "Another answer."), now=NOON)

    (before,) = await site.ledger.forget_words([FILM])

    after = await site.ledger.get(mine.id)
    assert before.labels.text == "It weighs two tons."
    assert (after.labels.text, after.labels.generated, after.reserved, after.state) == (
        None,
        True,
        mine.reserved,
        mine.state,
    )
    assert (await site.ledger.get(other.id)).labels.text == "Another answer."
    assert [render.id for render in await site.ledger.forget_words([FILM])] == [mine.id]  # it is open yet
    await site.ledger.apply(mine.id, Cancel(now=NOON))
    assert await site.ledger.forget_words([FILM]) == ()


async def test_a_catalogs_clip_keeps_its_words(site):
    labels = Labels.from_json({"intent": "hours", "locale": "en", "variant": 0, "text": "We open at ten."})
    render = await site.ledger.want(RenderRequest(FILM, "fake", "fake", labels), now=NOON)

    assert await site.ledger.forget_words([FILM]) == ()
    assert (await site.ledger.get(render.id)).labels.text == "We open at ten."


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_render_that_is_wanted_late_has_no_words(opened, kind):
    database = await opened(kind)
    traces = SqlTraces(database)
    await traces.ask("s1", [FILM], now=NOON)
    await traces.erase("s1", now=NOON)

    render = await SqlLedger(database).want(a_request(), now=NOON)

    assert (await SqlLedger(database).get(render.id)).labels.text is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("claimed", [False, True])
async def test_a_film_of_an_erased_session_is_neither_begun_nor_paid(opened, kind, claimed):
    """Whoever wanted it a moment before or after the erasing, and before the next upkeep."""
    database = await opened(kind)
    traces, ledger = SqlTraces(database), SqlLedger(database)
    claim = Claim(now=NOON, worker="w", lease_s=60.0)
    await traces.ask("s1", [FILM], now=NOON)
    render = await ledger.want(a_request(), now=NOON)
    render = await ledger.apply(render.id, claim) if claimed else render
    submit = BeginSubmit(now=NOON, fence=render.fence, token="t" * 32, amount=Decimal(1), scopes=("day",))

    await traces.erase("s1", now=NOON)
    with pytest.raises(SessionNotFoundError):
        await ledger.apply(render.id, submit if claimed else claim, caps=[Cap("day", Decimal(9))])

    assert (await ledger.get(render.id)).state == ("leased" if claimed else "wanted")
    assert await ledger.spend("day") == Spend("day", Decimal(0), Decimal(0))
    await traces.ask("s2", [FILM], now=NOON)
    assert (await ledger.apply(render.id, submit if claimed else claim)).fence == 1


async def test_a_film_that_an_author_says_is_no_longer_to_be_gone(site):
    await site.traces.ask("s1", [FILM, SPEECH], now=NOON)
    await site.traces.erase("s1", now=NOON)

    await site.traces.keep([SPEECH])

    assert await site.traces.gone() == (FILM,)


@pytest.mark.parametrize("who", ["expire", "want"])
async def test_on_postgresql_films_expire_while_nobody_writes_about_them(opened, who):
    """Nor is a render written while an eraser marks its film."""
    database = await opened("postgresql")
    async with database.writing() as connection:
        if who == "expire":
            await join_writers(connection)
            work = asyncio.ensure_future(SqlTraces(database).expire(before=NOON, now=NOON))
        else:
            await wait_for_writers(connection)
            work = asyncio.ensure_future(SqlLedger(database).want(a_request(), now=NOON))
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while not work.done() and not (await connection.execute(waiting)).scalar_one():  # noqa: ASYNC110  (the state of a database)
            await asyncio.sleep(0.01)
        waited = not work.done()
    await work

    assert waited


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_table_has_the_id_of_an_erased_session(opened, kind):
    """Also the marks: they are pseudonyms."""
    database = await opened(kind)
    traces = SqlTraces(database)
    await traces.ask("s_secret", [FILM], now=NOON)
    await traces.erase("s_secret", now=NOON)

    async with database.reading() as connection:
        for table in ("film_demands", "gone_films", "erased_sessions"):
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert "s_secret" not in str(rows)
