"""Real worker processes at one ledger: concurrency and budget are shared exactly, and used up."""

import asyncio
import multiprocessing
from datetime import UTC, datetime
from decimal import Decimal

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.errors import BudgetExceededError, ProviderBusyError
from app.rendering.ledger.port import Cap, Headroom, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Fetched, Ready, Submitted
from app.store.labels import Labels

WORKERS, CLIPS_EACH, AT_ONCE = 3, 10, 2
PRICE, CAP = Decimal("0.10"), Decimal("2.00")
TAKEN = int(CAP / PRICE)
SCOPE = "day:1"
SPAWN = multiprocessing.get_context("spawn")


def work(url: str, worker: int, results) -> None:
    """Hand clips over as fast as the ledger lets it."""
    results.put(asyncio.run(_work(url, worker)))


async def _work(url: str, worker: int) -> tuple[int, int, int]:
    """How many it handed over, how many the budget refused, and how many were ever at work at once."""
    database = Database(url)
    ledger = SqlLedger(database, actor=f"w{worker}")
    done = [await _hand_over(ledger, f"{worker * 1000 + number:064x}", worker) for number in range(CLIPS_EACH)]
    await database.close()
    begun = [at_work for at_work in done if at_work]
    return len(begun), len(done) - len(begun), max(begun, default=0)


async def _hand_over(ledger: SqlLedger, key: str, worker: int) -> int:
    """How many were at work when this one was; 0 when the budget is used up."""
    render = await ledger.want(RenderRequest(key, "fake", "fake", Labels()), now=_now())
    held = await ledger.apply(render.id, Claim(now=_now(), worker=f"w{worker}", lease_s=600))
    while True:
        begin = BeginSubmit(now=_now(), fence=held.fence, token=key, amount=PRICE, scopes=(SCOPE,))
        try:
            held = await ledger.apply(held.id, begin, caps=[Cap(SCOPE, CAP)], room=Headroom(at_once=AT_ONCE))
            break
        except ProviderBusyError:
            await asyncio.sleep(0.002)
        except BudgetExceededError:
            return 0
    states = await ledger.counts()
    at_work = sum(count for state, count in states.items() if state.value in {"submitting", "submitted", "unknown"})
    held = await ledger.apply(held.id, Submitted(now=_now(), fence=held.fence, request_id=key))
    await _finish(ledger, held)
    return at_work


async def _finish(ledger: SqlLedger, held) -> None:
    held = await ledger.apply(held.id, Fetched(now=_now(), fence=held.fence))
    await ledger.apply(held.id, Ready(now=_now(), fence=held.fence))


def _now() -> datetime:
    return datetime.now(UTC)


async def test_processes_share_concurrency_and_budget_exactly(postgres):
    url = await postgres.empty_database()
    database = Database(url)
    await migrate(database)
    results = SPAWN.Queue()
    workers = [SPAWN.Process(target=work, args=(url, number, results), daemon=True) for number in range(WORKERS)]
    for one in workers:
        one.start()
    told = [await asyncio.to_thread(results.get, timeout=60) for _ in workers]
    for one in workers:
        one.join(30)
    spent = await SqlLedger(database).spend(SCOPE)
    await database.close()

    assert sum(begun for begun, _, _ in told) == TAKEN, told
    assert sum(refused for _, refused, _ in told) == WORKERS * CLIPS_EACH - TAKEN
    assert max(most for _, _, most in told) <= AT_ONCE
    assert (spent.spent, spent.reserved) == (CAP, 0)
