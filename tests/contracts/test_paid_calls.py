"""One suite for every ledger of paid calls, beside the ledger of the renders."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.ledger import SqlLedger
from app.errors import BudgetExceededError
from app.rendering.ledger.budgets import MemoryBudgets
from app.rendering.ledger.calls import CallState, CallTotal, PaidCalls
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.port import Cap, Ledger, Spend
from app.rendering.ledger.records import SpendLine
from app.rendering.tariffs import CallKind, Tariff, Usage

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VOICE = Tariff(CallKind.SPEECH, "elevenlabs", "eleven_multilingual_v2", Decimal(100))
CHAT = Tariff(CallKind.CHAT, "openai", "gpt-5-mini", Decimal("0.25"), Decimal(2))
OWN = Tariff(CallKind.SPEECH, "openai", "kokoro", Decimal(0), basis="own")
LISTED_FREE = Tariff(CallKind.MODERATION, "openai", "omni-moderation-latest", Decimal(0))


@dataclass
class Books:
    """Paid calls, and the ledger that shares their budgets."""

    calls: PaidCalls
    ledger: Ledger
    audit: SqlAudit | None = None

    async def spend(self, scope: str) -> Spend:
        return await self.ledger.spend(scope)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def books(request, opened):
    if request.param == "memory":
        budgets = MemoryBudgets()
        return Books(MemoryPaidCalls(budgets), MemoryLedger(budgets))
    database = await opened(request.param)
    return Books(SqlPaidCalls(database), SqlLedger(database), SqlAudit(database))


def caps(day="1", run=None):
    made = (Cap("day:2026-11-22", Decimal(day), "GREENROOM_BUDGET_DAY_USD"),)
    return made if run is None else (*made, Cap("run:1", Decimal(run)))


async def test_a_call_is_set_aside_first_and_then_booked_by_its_use(books):
    call_id = await books.calls.reserve(CHAT.call(Usage(4000, 2000)), caps=caps(run="1"), now=NOON)
    aside = [await books.spend(scope) for scope in ("day:2026-11-22", "run:1")]
    used = Usage(900, 150, "req-1")
    await books.calls.settle(call_id, CHAT.price(used), used, now=NOON + timedelta(seconds=2))

    assert [one.reserved for one in aside] == [Decimal("0.005"), Decimal("0.005")]
    spent = Decimal("0.000525")
    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22", spent=spent)
    assert await books.spend("run:1") == Spend("run:1", spent=spent)
    (record,) = await books.calls.list()
    assert (record.state, record.used, record.charged) == (CallState.SETTLED, used, spent)
    assert (record.call.model, record.call.unit, record.call.estimate) == ("gpt-5-mini", "tokens", Decimal("0.005"))
    assert record.scopes == ("day:2026-11-22", "run:1")


async def test_what_was_refused_costs_nothing(books):
    call_id = await books.calls.reserve(VOICE.call(Usage(500)), caps=caps(), now=NOON)
    await books.calls.release(call_id, now=NOON)

    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22")
    assert await books.calls.spend_report() == ()
    assert [one.state for one in await books.calls.list()] == [CallState.RELEASED]


async def test_a_lost_answer_counts_as_charged(books):
    call_id = await books.calls.reserve(VOICE.call(Usage(500)), caps=caps(), now=NOON)
    await books.calls.lose(call_id, now=NOON)

    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22", spent=Decimal("0.05"))
    assert [(one.state, one.charged) for one in await books.calls.list()] == [(CallState.UNKNOWN, Decimal("0.05"))]


async def test_a_call_that_is_over_stays_as_it_is(books):
    call_id = await books.calls.reserve(VOICE.call(Usage(500)), caps=caps(), now=NOON)
    await books.calls.settle(call_id, Decimal("0.05"), Usage(500), now=NOON)
    await books.calls.settle(call_id, Decimal("0.07"), Usage(700), now=NOON)
    await books.calls.release(call_id, now=NOON)
    await books.calls.lose(call_id, now=NOON)

    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22", spent=Decimal("0.05"))


async def test_a_process_that_died_leaves_its_reserve_and_it_is_booked_in_the_end(books):
    await books.calls.reserve(VOICE.call(Usage(500)), caps=caps(), now=NOON)
    await books.calls.reserve(VOICE.call(Usage(100)), caps=caps(), now=NOON + timedelta(minutes=20))
    before = await books.spend("day:2026-11-22")

    assert await books.calls.lose_older(NOON + timedelta(minutes=10), now=NOON + timedelta(minutes=21)) == 1
    assert before == Spend("day:2026-11-22", reserved=Decimal("0.06"))
    assert await books.spend("day:2026-11-22") == Spend(
        "day:2026-11-22", reserved=Decimal("0.01"), spent=Decimal("0.05")
    )


async def test_a_cap_is_never_exceeded_by_calls_at_once(books):
    tries = [books.calls.reserve(VOICE.call(Usage(400)), caps=caps("0.10"), now=NOON) for _ in range(3)]
    made = await asyncio.gather(*tries, return_exceptions=True)

    assert sorted(type(one).__name__ for one in made) == ["BudgetExceededError", "str", "str"]
    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22", reserved=Decimal("0.08"))
    assert len(await books.calls.list()) == 2


async def test_one_cap_that_is_reached_leaves_the_others_as_they_were(books):
    with pytest.raises(BudgetExceededError):
        await books.calls.reserve(VOICE.call(Usage(400)), caps=caps("1", run="0.01"), now=NOON)

    assert await books.spend("day:2026-11-22") == Spend("day:2026-11-22")
    assert await books.calls.list() == ()


@pytest.mark.parametrize("tariff", [VOICE, CHAT, LISTED_FREE], ids=lambda one: one.kind.value)
async def test_a_cap_of_nothing_stops_every_call_to_somebody_elses_server(books, tariff):
    with pytest.raises(BudgetExceededError, match="GREENROOM_BUDGET_DAY_USD"):
        await books.calls.reserve(tariff.call(Usage(1)), caps=caps("0"), now=NOON)

    assert await books.calls.list() == ()


async def test_an_own_server_without_a_price_is_bound_by_no_cap(books):
    call_id = await books.calls.reserve(OWN.call(Usage(400)), caps=caps("0"), now=NOON)
    await books.calls.settle(call_id, OWN.price(Usage(400)), Usage(400), now=NOON)

    (record,) = await books.calls.list()
    assert (record.call.free, record.used.units_in, record.charged) == (True, 400, 0)


async def test_the_spending_is_listed_by_day_provider_intent_and_kind(books):
    day = NOON.date()
    first = await books.calls.reserve(VOICE.call(Usage(300), intent="hours"), caps=caps(), now=NOON)
    await books.calls.settle(first, VOICE.price(Usage(300)), Usage(300), now=NOON)
    await books.calls.reserve(VOICE.call(Usage(200), intent="hours"), caps=caps(), now=NOON)
    await books.calls.reserve(CHAT.call(Usage(4000, 2000)), caps=caps(), now=NOON + timedelta(days=1))
    gone = await books.calls.reserve(CHAT.call(Usage(4000, 2000)), caps=caps(), now=NOON)
    await books.calls.release(gone, now=NOON)

    voices = SpendLine(
        day,
        "elevenlabs",
        "hours",
        "USD",
        submits=2,
        clips=0,
        reserved=Decimal("0.02"),
        spent=Decimal("0.03"),
        kind="speech",
    )
    chat = replace(
        voices, day=day + timedelta(days=1), provider="openai", intent="", submits=1, kind="chat",
        reserved=Decimal("0.005"), spent=Decimal(0),
    )  # fmt: skip
    assert await books.calls.spend_report() == (voices, chat)
    assert await books.calls.spend_report(since=day + timedelta(days=1)) == (chat,)
    assert await books.calls.spend_report(until=day) == (voices,)
    assert await books.calls.totals() == (
        CallTotal("chat", "openai", CallState.RELEASED, 1, Decimal(0)),
        CallTotal("chat", "openai", CallState.RESERVED, 1, Decimal(0)),
        CallTotal("speech", "elevenlabs", CallState.RESERVED, 1, Decimal(0)),
        CallTotal("speech", "elevenlabs", CallState.SETTLED, 1, Decimal("0.03")),
    )


async def test_the_money_of_a_call_stands_in_the_audit_log(books):
    call_id = await books.calls.reserve(VOICE.call(Usage(500), intent="hours"), caps=caps(), now=NOON)
    await books.calls.settle(call_id, Decimal("0.04"), Usage(400, request_id="r"), now=NOON)
    if books.audit is None:
        return

    acts = [row.act for row in await books.audit.list()]
    assert {(act.action, act.details["amount"]) for act in acts} == {
        ("money.reserved", "0.05"),
        ("money.spent", "0.04"),
        ("money.released", "0.01"),
    }
    assert {act.subject for act in acts} == {call_id}
    assert {(act.details["provider"], act.details["kind"]) for act in acts} == {("elevenlabs", "speech")}
