"""`greenroom renders spend`: sums that add up, for people and for programs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.rendering.ledger.states import Fail, Ready
from tests.cli.conftest import Greenroom
from tests.support.bookings import NOON, end, order

Book = Callable[[Callable[[SqlLedger], Awaitable[None]]], None]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """Fill the ledger that the commands of this test read."""
    url = f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    monkeypatch.setenv("GREENROOM_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    async def filled(fill: Callable[[SqlLedger], Awaitable[None]]) -> None:
        database = Database(url)
        await migrate(database)
        await fill(SqlLedger(database))
        await database.close()

    return lambda fill: asyncio.run(filled(fill))


async def november(ledger: SqlLedger) -> None:
    """Two clips, one refused by the gate, one still under way, and one of December."""
    await end(ledger, await order(ledger, 1, "0.195"), Ready)
    await end(ledger, await order(ledger, 2, "0.255125", intent="holding-directions-to-the-station"), Ready)
    await end(ledger, await order(ledger, 3, "0.1"), Fail, code="clip_rejected", message="m", charged=True)
    await order(ledger, 4, "0.3")
    await end(ledger, await order(ledger, 5, "1", at=NOON + timedelta(days=12)), Ready)


def test_spending_adds_up_and_is_never_cut(greenroom: Greenroom, book: Book):
    book(november)

    lines = greenroom("renders", "spend", "--month", "2026-11", site=None).out.splitlines()

    assert lines[0].split("  ")[0] == "day (UTC)"
    assert "holding-directions-to-the-station" in lines[1]
    assert [line.split()[-4:] for line in lines[1:]] == [
        ["0.00", "0.255125", "0.00", "USD"],
        ["0.30", "0.295", "0.10", "USD"],
        ["0.30", "0.550125", "0.10", "USD"],
    ]
    assert lines[3].split()[:3] == ["total", "4", "2"]


def test_spending_for_programs_has_a_total_per_currency(greenroom: Greenroom, book: Book):
    book(november)

    document = greenroom("renders", "spend", "--json", site=None).document

    assert document["totals"] == [
        {
            "currency": "USD",
            "submits": 5,
            "clips": 3,
            "reserved": "0.300000",
            "spent": "1.550125",
            "rejected": "0.100000",
        }
    ]
    assert Decimal(document["spent"]) == sum(Decimal(line["spent"]) for line in document["lines"])


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_month_and_a_day_do_not_go_together(greenroom: Greenroom, option: str):
    told = greenroom("renders", "spend", "--month", "2026-11", option, "2026-11-03", site=None)

    assert told.code == 2
    assert "not both" in told.err


def test_an_empty_ledger_says_so(greenroom: Greenroom, book: Book):
    book(lambda _: asyncio.sleep(0))

    assert greenroom("renders", "spend", "--month", "2026-02", site=None).out == "Nothing was spent.\n"
