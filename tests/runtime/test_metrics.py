"""Figures read from the ledger and the store."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.adapters.sql.statement import SqlStatement
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.port import Cap, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Fail, Fetched, NotAccepted
from app.rendering.ports import ProviderFigures
from app.rendering.tariffs import CallKind, Tariff, Usage
from app.runtime.serving.metrics import LedgerMetrics, StoreMetrics
from app.runtime.serving.money_metrics import ChargeMetrics
from app.store import maintenance
from app.store.labels import Labels
from tests.support import bookings
from tests.support.stores import on_disk, stored

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def handed_over(ledger, key, amount, *, at=NOON, provider="fal"):
    request = RenderRequest(recipe_key=key * 64, provider=provider, model="m", labels=Labels())
    render = await ledger.want(request, now=at)
    held = await ledger.apply(render.id, Claim(now=at, worker="w", lease_s=10))
    day = f"day:{at:%Y-%m-%d}"
    begin = BeginSubmit(now=at, fence=held.fence, token=key, amount=Decimal(amount), scopes=(day,))
    await ledger.apply(render.id, begin)


async def test_the_day_its_budget_and_its_paid_requests_are_told():
    registry, ledger = CollectorRegistry(), MemoryLedger()
    await handed_over(ledger, "a", "0.30")
    await handed_over(ledger, "b", "0.20")
    await handed_over(ledger, "c", "0", provider="local")
    await handed_over(ledger, "d", "9", at=NOON - timedelta(days=1))
    figures = LedgerMetrics(registry, ledger, lambda _: [Cap("day", Decimal(5)), Cap("other", Decimal(7))])

    await figures.read(NOON)

    told = {name: registry.get_sample_value(f"greenroom_{name}_day") for name in ("spend", "budget", "paid_requests")}
    assert told == {"spend": 0.5, "budget": 5.0, "paid_requests": 2.0}


async def test_spending_is_told_by_provider_for_the_day_and_the_month():
    registry, ledger = CollectorRegistry(), MemoryLedger()
    await handed_over(ledger, "a", "0.30")
    await handed_over(ledger, "b", "0.20", provider="did")
    await handed_over(ledger, "c", "9", at=NOON - timedelta(days=1))
    await handed_over(ledger, "d", "70", at=NOON - timedelta(days=30))
    figures = LedgerMetrics(registry, ledger)

    def told(period: str) -> list[float | None]:
        return [registry.get_sample_value(f"greenroom_spend_{period}_usd", {"provider": p}) for p in ("fal", "did")]

    await figures.read(NOON)
    assert (told("day"), told("month")) == ([0.3, 0.2], [9.3, 0.2])
    assert registry.get_sample_value("greenroom_budget_used_day_usd") == 0.5

    await figures.read(NOON + timedelta(days=1))
    assert (told("day"), told("month")) == ([None, None], [9.3, 0.2])


async def test_without_a_budget_it_is_nothing():
    registry = CollectorRegistry()

    await LedgerMetrics(registry, MemoryLedger()).read(NOON)

    assert registry.get_sample_value("greenroom_budget_day") == 0.0


async def test_what_happens_at_a_provider_is_told():
    registry, ledger = CollectorRegistry(), MemoryLedger()
    request = RenderRequest(recipe_key="a" * 64, provider="fal", model="m", labels=Labels())
    render = await ledger.want(request, now=NOON)
    dead = await ledger.apply(render.id, Claim(now=NOON, worker="w", lease_s=10))
    later = NOON + timedelta(seconds=11)
    held = await ledger.apply(render.id, Claim(now=later, worker="other", lease_s=10))
    await asyncio.gather(
        ledger.apply(render.id, Fail(now=later, fence=dead.fence, code="c", message="m")), return_exceptions=True
    )
    await ledger.apply(render.id, Fail(now=later, fence=held.fence, code="clip_rejected", message="m"))

    await LedgerMetrics(registry, ledger).read(later)

    def told(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"greenroom_{name}", {"provider": "fal", **labels})

    assert (told("leases_taken_over_total"), told("fenced_writes_total"), told("breaker_open")) == (1, 1, 0)
    ended = {name: told("renders_ended_total", outcome=name) for name in ("ready", "failed", "rejected", "cancelled")}
    assert ended == {"ready": 0, "failed": 0, "rejected": 1, "cancelled": 0}


async def test_a_breaker_is_open_after_three_failures_and_closes_by_itself():
    registry, ledger = CollectorRegistry(), MemoryLedger()
    figures = LedgerMetrics(registry, ledger)
    seen = []
    for key in "abc":
        await handed_over(ledger, key, "0.1")
        (render,) = [one for one in await ledger.list() if one.token == key]
        await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence, blame=True))
        await figures.read(NOON)
        seen.append(registry.get_sample_value("greenroom_breaker_open", {"provider": "fal"}))

    await figures.read(NOON + timedelta(seconds=61))

    assert seen == [0, 0, 1]
    assert registry.get_sample_value("greenroom_breaker_open", {"provider": "fal"}) == 0


async def test_the_store_is_weighed_and_changed_bytes_are_told(tmp_path):
    registry, store = CollectorRegistry(), on_disk(tmp_path)
    one, _ = [await stored(store, name) for name in ("one", "three")]
    figures = StoreMetrics(registry, store.blobs, store.recipes)
    await figures.read()
    before = [registry.get_sample_value(f"greenroom_{name}") for name in ("store_bytes", "scrub_mismatches")]

    store.damage_blob(one.blobs["video"], b"changed")
    await maintenance.verify(store.blobs, store.recipes)
    await figures.read()

    assert before == [8, 0]
    after = [registry.get_sample_value(f"greenroom_{name}") for name in ("store_bytes", "scrub_mismatches")]
    assert after == [5, 1]


async def test_a_store_that_takes_long_to_walk_is_walked_less_often(tmp_path):
    store, now, pauses = on_disk(tmp_path), 0.0, []

    def monotonic() -> float:
        nonlocal now
        now += 30.0
        return now

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        raise asyncio.CancelledError

    figures = StoreMetrics(CollectorRegistry(), store.blobs, store.recipes)
    await asyncio.gather(figures.keep(monotonic=monotonic, sleep=sleep), return_exceptions=True)

    assert pauses == [3000.0]


async def test_paid_calls_are_told_by_kind_and_provider():
    registry, calls = CollectorRegistry(), MemoryPaidCalls()
    voice = Tariff(CallKind.SPEECH, "elevenlabs", "m", Decimal(100))
    for end in ("settle", "lose", "release", "none"):
        call_id = await calls.reserve(voice.call(Usage(300)), caps=(), now=NOON)
        match end:
            case "settle":
                await calls.settle(call_id, Decimal("0.02"), Usage(200), now=NOON)
            case "lose":
                await calls.lose(call_id, now=NOON)
            case "release":
                await calls.release(call_id, now=NOON)

    await LedgerMetrics(registry, MemoryLedger(), calls=calls).read(NOON)

    about = {"kind": "speech", "provider": "elevenlabs"}
    ends = ("settled", "unknown", "released")
    told = [registry.get_sample_value("greenroom_paid_calls_total", {**about, "outcome": end}) for end in ends]
    assert told == [1, 1, 1]
    assert registry.get_sample_value("greenroom_paid_calls_usd_total", about) == 0.05


async def test_a_provider_that_says_another_charge_is_told_and_logged_once(tmp_path):
    database, registry = Database(f"sqlite:///{tmp_path}/ledger.db"), CollectorRegistry()
    await migrate(database)
    for number, (at, charged) in enumerate(((NOON, "0.5"), (NOON, "0.3"), (NOON - timedelta(days=3), "9"))):
        figures = ProviderFigures(charged=Decimal(charged))
        ledger = SqlLedger(database)
        await bookings.end(ledger, await bookings.order(ledger, number, "0.3", at=at), Fetched, at=at, figures=figures)
    metrics = ChargeMetrics(registry, SqlStatement(database), share=Decimal("0.1"))

    with capture_logs() as logs:
        await metrics.read(NOON)
        await metrics.read(NOON)

    assert registry.get_sample_value("greenroom_charge_difference_usd", {"provider": "fal"}) == 0.2
    assert [(log["event"], log["job"], log["booked"], log["charged"]) for log in logs] == [
        ("charge.differs", "job-0", "0.300000", "0.500000")
    ]
    await database.close()
