"""`greenroom renders reconcile-invoice`: a provider's bill beside the ledger."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.sql.ledger import SqlLedger
from app.rendering.ledger.states import NotAccepted, Ready
from tests.cli.conftest import Greenroom
from tests.cli.test_spend import Book, book  # noqa: F401 - a fixture
from tests.support.bookings import NOON, end, order

COLUMNS = """
[invoice.fal]
job = "request_id"
amount = "cost"
seconds = "duration"
"""


@pytest.fixture
def bills(book: Book, tmp_path: Path) -> Path:  # noqa: F811
    """Four jobs of November, one of October and one that was not billed, and the folder for bills."""

    async def autumn(ledger: SqlLedger) -> None:
        await end(ledger, await order(ledger, 1, "0.195"), Ready)
        await end(ledger, await order(ledger, 2, "0.2001"), Ready)
        refunded = await end(ledger, await order(ledger, 3, "0.3"), Ready)
        await ledger.correct(refunded.id, Decimal("-0.1"), note="refund", now=NOON)
        await order(ledger, 4, "0.4")
        await end(ledger, await order(ledger, 5, "0.5", at=NOON - timedelta(days=30)), Ready)
        await end(ledger, await order(ledger, 6, "0.6"), NotAccepted)

    book(autumn)
    (tmp_path / "providers.toml").write_text(COLUMNS)
    return tmp_path


def test_a_bill_is_compared_job_by_job(greenroom: Greenroom, bills: Path):
    rows = [
        "request_id;cost;duration",
        "job-1;0.25;4.2",
        "job-2;0.20;3",
        "job-3;0.20;3",
        "job-5;0.50;3",
        "job-9;1,000.00;3",
    ]
    (bills / "fal.csv").write_text("\ufeff" + "\r\n".join(rows), encoding="utf-8")

    told = greenroom("renders", "reconcile-invoice", "fal.csv", "--month", "2026-11", site=None)

    first, _, *lines = told.out.splitlines()
    assert told.code == 1
    assert first == "fal: 4 matched, 1 of them differ, 1 only theirs, 1 only ours."
    assert [line.split()[0] + " " + " ".join(line.split()[-3:]) for line in lines] == [
        "differs 0.195 0.25 0.055",
        "only job-9 1000.00 1000.00",
        "only job-4 0.40 -0.40",
        "total 1.4951 1001.15 999.6549",
    ]


def test_a_bill_without_findings_is_fine(greenroom: Greenroom, bills: Path):
    items = [
        {"request_id": f"job-{number}", "cost": amount, "duration": 3}
        for number, amount in ((1, 0.195), (2, 0.2), (3, 0.3), (3, -0.1), (4, 0.4))
    ]
    (bills / "fal.json").write_text(json.dumps({"items": items, "page": 1}))

    told = greenroom("renders", "reconcile-invoice", "fal.json", "--month", "2026-11", "--json", site=None)

    document = told.document
    assert told.code == 0
    assert [one["job"] for one in document["matched"]] == ["job-1", "job-2", "job-3", "job-4"]
    assert (document["differing"], document["only_theirs"], document["only_ours"]) == (0, [], [])
    assert document["totals"] == {"ours": "0.995100", "theirs": "0.995", "difference": "-0.000100"}


@pytest.mark.parametrize(
    ("columns", "bill", "message"),
    [
        ('[invoice.fal]\njob = "id"\namount = "cost"', "request_id,cost\nj,1", "got ['cost', 'request_id']"),
        (COLUMNS, "request_id;cost;duration\nj;0,20;3", 'set `decimal = ","` in [invoice.fal]'),
        (COLUMNS, '{"a": [], "b": []}', "name its place with `rows`"),
        ('[invoice.fal]\njob = "id"', "x", "`invoice.fal.amount`: Field required"),
        ('[invoice.a]\njob = "j"\namount = "c"\n[invoice.b]\njob = "j"\namount = "c"', "x", "got ['a', 'b']"),
        ("", "x", "no [invoice] table"),
    ],
)
def test_what_is_not_mapped_is_told(greenroom: Greenroom, bills: Path, *, columns: str, bill: str, message: str):
    (bills / "providers.toml").write_text(columns)
    (bills / "bill").write_text(bill)

    told = greenroom("renders", "reconcile-invoice", "bill", site=None)

    assert told.code == 1
    assert message in told.err.replace("\n", " ")


def test_a_bill_in_cents_with_decimal_commas_and_nested_keys(greenroom: Greenroom, bills: Path):
    columns = (
        'job = "job.id"',
        'amount = "price"',
        "factor = 0.01",
        'decimal = ","',
        'rows = "data.lines"',
        'currency = "in"',
    )
    (bills / "providers.toml").write_text("\n".join(("[invoice.fal]", *columns)))
    line = {"job": {"id": "job-1"}, "price": "19,5 ct", "in": "usd"}
    (bills / "bill.json").write_text(json.dumps({"data": {"lines": [line]}}))

    document = greenroom(
        "renders", "reconcile-invoice", "bill.json", "--month", "2027-01", "--json", site=None
    ).document

    assert [(one["ours"], Decimal(one["theirs"])) for one in document["matched"]] == [("0.195000", Decimal("0.195"))]
    assert document["only_ours"] == []


def test_two_currencies_are_not_added_up(greenroom: Greenroom, bills: Path):
    (bills / "providers.toml").write_text(COLUMNS + 'currency = "in"')
    (bills / "bill.csv").write_text("request_id,cost,duration,in\njob-1,0.2,3,EUR")

    told = greenroom("renders", "reconcile-invoice", "bill.csv", site=None)

    assert (told.code, "['EUR', 'USD']" in told.err) == (1, True)
