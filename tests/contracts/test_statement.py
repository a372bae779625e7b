"""One suite for every statement: a line an order, whose sums are the ledger's own."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.statement import SqlStatement
from app.rendering.ledger.decisions import Retry
from app.rendering.ledger.port import Cap
from app.rendering.ledger.statement import StatementSums, charge_difference
from app.rendering.ledger.states import Fail, Fetched, NotAccepted, Park, Ready
from app.rendering.ports import ProviderFigures
from app.rendering.tariffs import CallKind, Tariff, Usage
from tests.support.bookings import NOON, end, order


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, opened):
    return await opened(request.param)


async def lines_of(database, **days: date):
    return [line async for page in SqlStatement(database).pages(**days) for line in page]


async def test_each_paid_order_is_a_line_with_what_became_of_its_money(database):
    ledger = SqlLedger(database)
    await end(ledger, await order(ledger, 1, "0.195"), Ready)
    await end(ledger, await order(ledger, 2, "0.1"), Fail, code="clip_rejected", message="m", charged=True)
    await order(ledger, 3, "0.3")
    await end(ledger, await order(ledger, 4, "0.2"), NotAccepted)
    await end(ledger, await order(ledger, 5, "0"), Ready)

    lines = await lines_of(database)

    assert [(line.job, line.status, line.amount, line.reserved) for line in lines] == [
        ("job-1", "billed", Decimal("0.195"), 0),
        ("job-2", "refused", Decimal("0.1"), 0),
        ("job-3", "reserved", 0, Decimal("0.3")),
        ("job-4", "released", 0, 0),
    ]
    first = lines[0]
    assert (first.day, first.kind, first.provider, first.model) == (NOON.date(), "film", "fal", "kling-avatar-v2-pro")
    assert (first.intent, first.locale, first.characters, first.seconds) == ("hours", "en", 12, 3.5)
    assert (first.run, first.release, first.currency, first.note) == ("4f1c", 7, "USD", "")


async def test_a_render_that_was_ordered_twice_has_two_lines_with_two_jobs(database):
    ledger = SqlLedger(database)
    parked = await end(ledger, await order(ledger, 1, "0.1"), Park, message="m")
    await end(ledger, parked, Retry)
    again = await order(ledger, 1, "0.2", at=NOON + timedelta(days=1), token=9, job="job-9")
    figures = ProviderFigures(charged=Decimal("0.25"), seconds=4.5)
    await end(ledger, await end(ledger, again, Fetched, figures=figures), Ready)

    first, second = await lines_of(database)

    assert first.id == second.id == parked.id
    assert (first.job, first.amount, first.day) == ("job-1", Decimal("0.1"), NOON.date())
    assert (second.job, second.amount, second.day) == ("job-9", Decimal("0.2"), NOON.date() + timedelta(days=1))
    assert (first.provider_charged, second.provider_charged, second.provider_seconds) == (None, Decimal("0.25"), 4.5)


async def test_a_correction_is_a_line_of_the_day_on_which_it_was_booked(database):
    ledger = SqlLedger(database)
    render = await end(ledger, await order(ledger, 1, "0.195", job='{"id": "7c1e", "status": "https://x"}'), Ready)
    await ledger.correct(render.id, Decimal("-0.1"), note="refund of 2026-12-01", now=NOON + timedelta(days=10))

    november = await lines_of(database, since=date(2026, 11, 1), until=date(2026, 11, 30))
    december = await lines_of(database, since=date(2026, 12, 1), until=date(2026, 12, 31))

    assert [(line.kind, line.job, line.amount) for line in november] == [("film", "7c1e", Decimal("0.195"))]
    assert [(line.kind, line.job, line.amount) for line in december] == [("correction", "7c1e", Decimal("-0.1"))]
    assert (december[0].id, december[0].status, december[0].note) == (render.id, "booked", "refund of 2026-12-01")


async def test_the_sum_of_more_than_a_page_is_the_ledgers_own_to_the_last_decimal(database):
    ledger = SqlLedger(database)
    for number in range(17):
        ordered = await order(ledger, number, f"0.0{number + 1:05}", at=NOON + timedelta(days=number % 3))
        if number % 3:
            await end(ledger, ordered, Ready)

    pages = [page async for page in SqlStatement(database, page_rows=7).pages()]

    assert [len(page) for page in pages] == [7, 7, 3]
    lines = [line for page in pages for line in page]
    assert len({line.id for line in lines}) == 17
    assert [line.day for line in lines] == sorted(line.day for line in lines)
    sums = StatementSums()
    for line in lines:
        sums.add(line)
    (total,) = sums.totals
    report = await ledger.spend_report()
    assert total.amount == sum(line.spent for line in report)
    assert total.reserved == sum(line.reserved for line in report)
    assert (total.currency, total.lines) == ("USD", 17)


async def test_paid_calls_are_lines_after_the_films_with_what_they_used(database):
    calls, ledger = SqlPaidCalls(database), SqlLedger(database)
    caps = [Cap("run:4f1c", Decimal(5)), Cap("release:7", Decimal("Infinity"))]
    speech = Tariff(CallKind.SPEECH, "elevenlabs", "v3", Decimal(100)).call(Usage(40), intent="hours")
    chat = Tariff(CallKind.CHAT, "openai", "gpt", Decimal(10), Decimal(20)).call(Usage(1000, 500))
    own = Tariff(CallKind.CHAT, "own", "m", Decimal(0), basis="own").call(Usage(1))
    first, second, third, _ = [await calls.reserve(one, caps=caps, now=NOON) for one in (speech, chat, chat, own)]
    await calls.settle(first, Decimal("0.0038"), Usage(38, request_id="el-1"), now=NOON)
    await calls.settle(second, Decimal("0.01"), Usage(900, 50, "chat-1"), now=NOON + timedelta(days=1))
    await calls.release(third, now=NOON)
    await order(ledger, 1, "0.3")

    lines = [line async for page in SqlStatement(database, page_rows=2).pages() for line in page]

    assert lines[0].kind == "film"
    told = {line.id: line for line in lines[1:]}
    assert told.keys() == {first, second, third}
    voice, words = told[first], told[second]
    assert (voice.kind, voice.job, voice.characters, voice.amount) == ("speech", "el-1", 38, Decimal("0.0038"))
    assert (voice.run, voice.release, voice.intent, voice.status) == ("4f1c", 7, "hours", "billed")
    assert (words.tokens_in, words.tokens_out, words.day) == (900, 50, NOON.date())
    assert (told[third].status, told[third].amount) == ("released", 0)
    spent = sum(line.spent for line in (*await ledger.spend_report(), *await calls.spend_report()))
    assert sum(line.amount for line in lines) == spent


async def test_what_providers_say_is_compared_with_what_is_booked(database):
    ledger = SqlLedger(database)
    told = (("0.35", None), ("0.31", None), (None, 4.4), (None, 7.0), ("0.2", 3.5))
    for number, (charged, seconds) in enumerate(told):
        figures = ProviderFigures(charged=charged and Decimal(charged), seconds=seconds)
        fetched = await end(ledger, await order(ledger, number, "0.3"), Fetched, figures=figures)
        await end(ledger, fetched, Ready)
    await end(ledger, await order(ledger, 9, "0.3"), Ready)

    statement = SqlStatement(database, page_rows=2)
    lines = [line async for page in statement.told(since=NOON.date()) for line in page]
    found = [charge_difference(line, Decimal("0.1")) for line in lines]

    assert [line.job for line in lines] == [f"job-{number}" for number in range(5)]
    assert [one and one.difference for one in found] == [
        Decimal("0.05"), None, None, Decimal("0.3"), Decimal("-0.1"),
    ]  # fmt: skip
    assert [page async for page in statement.told(since=NOON.date() + timedelta(days=1))] == []


async def test_an_empty_ledger_has_no_line(database):
    assert await lines_of(database) == []
