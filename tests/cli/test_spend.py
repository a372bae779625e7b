"""`greenroom renders spend`: sums that add up, for people and for programs."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.turn_log import TurnRecord
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


def _sheet(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_statement_has_a_line_a_job_and_ends_with_its_total(greenroom: Greenroom, book: Book):
    book(november)

    told = greenroom("renders", "spend", "--csv", "--month", "2026-11", site=None)

    *lines, total = _sheet(told.out)
    assert told.code == 0
    assert [line["job"] for line in lines] == ["job-1", "job-2", "job-3", "job-4"]
    assert [line["status"] for line in lines] == ["billed", "billed", "refused", "reserved"]
    assert (lines[0]["amount"], lines[0]["seconds"], lines[0]["characters"]) == ("0.195000", "3.500", "12")
    assert (lines[0]["run"], lines[0]["release"], lines[0]["intent"]) == ("4f1c", "7", "hours")
    assert (total["day"], total["currency"], total["job"]) == ("total", "USD", "")
    for name in ("amount", "reserved"):
        assert Decimal(total[name]) == sum(Decimal(line[name]) for line in lines)


def test_the_statement_goes_to_a_file(greenroom: Greenroom, book: Book, tmp_path: Path):
    book(november)
    printed = greenroom("renders", "spend", "--csv", site=None).out

    told = greenroom("renders", "spend", "--csv", "--out", "all.csv", site=None)

    assert (told.code, told.out) == (0, "")
    assert (tmp_path / "all.csv").read_bytes().decode() == printed
    assert not (tmp_path / "all.csv.part").exists()


def test_no_cell_is_a_formula(greenroom: Greenroom, book: Book):
    async def evil(ledger: SqlLedger) -> None:
        render = await end(ledger, await order(ledger, 1, "0.2", intent="=1+1", job="@sum(a1)"), Ready)
        await ledger.correct(render.id, Decimal("-0.1"), note="+49 30 1234", now=NOON)

    book(evil)

    film, correction, _ = _sheet(greenroom("renders", "spend", "--csv", site=None).out)

    assert (film["intent"], film["job"]) == ("'=1+1", "'@sum(a1)")
    assert (correction["note"], correction["amount"]) == ("'+49 30 1234", "-0.100000")


@pytest.mark.parametrize("options", [("--csv", "--json"), ("--out", "x.csv")])
def test_options_that_do_not_go_together(greenroom: Greenroom, options: tuple[str, ...]):
    told = greenroom("renders", "spend", *options, site=None)

    assert told.code == (1 if "--json" in options and not told.err else 2)
    assert "Expected --" in told.err


def test_a_refund_is_booked_and_shown_with_who_and_why(greenroom: Greenroom, book: Book):
    book(november)
    (line, *_) = _sheet(greenroom("renders", "spend", "--csv", site=None).out)

    told = greenroom(
        "renders", "correct", line["id"][:8], "--amount", "-0.10", "--note", "refund of 2026-12-01", site=None
    )

    assert told.code == 0
    assert "-0.100000 USD  refund of 2026-12-01" in told.out
    assert (
        "Corrected -> ready, spent -0.100000, refund of 2026-12-01 ("
        in greenroom("renders", "show", line["id"], site=None).out
    )
    (act,) = [
        act
        for act in greenroom("audit", "list", "--json", site=None).document["rows"]
        if act["act"]["action"] == "money.corrected"
    ]
    assert act["act"]["details"] == {"amount": "-0.1", "currency": "USD", "note": "refund of 2026-12-01"}
    totals = greenroom("renders", "spend", "--json", site=None).document["totals"]
    assert totals[0]["spent"] == "1.450125"


@pytest.mark.parametrize(
    ("amount", "note", "code", "message"),
    [("-5", "n", 1, "Cannot book"), ("0.1", " ", 2, "note of 1 to 500"), ("much", "n", 2, "expected an amount")],
)
def test_a_correction_that_cannot_be_booked(
    greenroom: Greenroom, book: Book, *, amount: str, note: str, code: int, message: str
):
    book(november)
    line = _sheet(greenroom("renders", "spend", "--csv", site=None).out)[0]

    told = greenroom("renders", "correct", line["id"], "--amount", amount, "--note", note, site=None)

    assert told.code == code
    assert message in told.err


def test_what_the_cache_saved_is_told_with_what_is_assumed(greenroom: Greenroom, book: Book, tmp_path: Path):
    async def played(ledger: SqlLedger) -> None:
        await november(ledger)
        database = Database(f"sqlite:///{tmp_path}/ledger.db")
        turns = SqlTurnLog(database)
        for number, (days, outcome, clip) in enumerate(
            [
                (0, "answered", "c"),
                (1, "answered", "c"),
                (2, "missed", None),
                (3, "answered", None),
                (30, "answered", "c"),
            ]
        ):
            about = {"question": "q", "locale": "en", "intent": "hours", "receipt": {}, "latency_ms": 1.0}
            at = NOON + timedelta(days=days)
            await turns.record(
                TurnRecord(id=f"t{number}", session="s", asked_at=at, outcome=outcome, clip=clip, **about)
            )
        await database.close()

    book(played)

    told = greenroom("renders", "spend", "--month", "2026-11", site=None).out
    document = greenroom("renders", "spend", "--json", site=None).document

    assert "Stored clips answered 2 of the turns that are kept. They would have cost 0.09 to 0.30 USD live" in told
    assert "45 s of session an answer, assumed" in told
    assert "or 0.55 with a new clip each" in told
    assert document["cache"]["plays"] == 3
