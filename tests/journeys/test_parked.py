"""A night operator's way: a paid answer is lost, the job is found at the vendor, and nothing is paid twice."""

import asyncio
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.adapters.sql.ledger import SqlLedger
from app.cli.main import main
from app.rendering.ledger.states import Claim, Park
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from tests.money.crash.places import SIDE_PX, Place, write_place
from tests.support.in_process import logging_kept
from tests.support.simulated import served

VENDOR = "eachlabs"
"""It lists no jobs: what is lost there is a person's business."""


@dataclass
class Desk:
    """A site with one paid clip, and the vendor's simulator behind it."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command; its status, output and errors."""
        out, err = io.StringIO(), io.StringIO()
        with (
            logging_kept(),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main([*arguments])
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()

    def document(self, *arguments: str) -> Any:
        """Standard output of a command that succeeds, as JSON."""
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    def jobs(self) -> list[dict[str, Any]]:
        """What the vendor's console shows."""
        return httpx.get(f"{self.url}/_admin/jobs", params={"vendor": VENDOR}).json()["jobs"]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    stage = SimulatorContext(latency_s=0.1, private_media=True, media=PlainMedia(longest_px=SIDE_PX))
    with served(create_app(stage)) as url:
        place = Place(tmp_path / "site", VENDOR, url)
        write_place(place, {"hours": "We are open from ten to six."})
        for name, value in {**place.environment, "GREENROOM_QUALITY_GATE": "media"}.items():
            monkeypatch.setenv(name, value)
        yield Desk(url, tmp_path)


@pytest.fixture
def parked(desk, monkeypatch) -> dict[str, Any]:
    """The render of a job that was taken, and whose answer was lost."""
    fault = {"vendor": VENDOR, "operation": "submit", "fault": "lost_answer", "times": 1}
    httpx.post(f"{desk.url}/_admin/faults", json=fault).raise_for_status()
    monkeypatch.setattr("app.rendering.work.lost_submit.PATIENCE_S", 0.0)
    desk.run("warm", "--yes", "--json")
    (render,) = desk.document("renders", "list", "--state", "unknown")["renders"]
    asyncio.run(give_up(render["id"]))
    assert len(desk.jobs()) == 1
    return desk.document("renders", "show", render["id"])["render"]


async def give_up(render_id: str) -> None:
    """Park it, as a worker does once the vendor has been silent for long."""
    now = datetime.now(UTC)
    async with open_database(Settings()) as database:
        ledger = SqlLedger(database)
        held = await ledger.apply(render_id, Claim(now=now + timedelta(hours=1), worker="w", lease_s=1.0))
        await ledger.apply(render_id, Park(now=now, fence=held.fence, message="The answer to its submit was lost."))


def warmed_again(desk) -> int:
    """Warm once more; how many jobs the vendor has then."""
    desk.run("warm", "--yes", "--json")
    return len(desk.jobs())


def audited(desk) -> list[tuple[str, str]]:
    rows = desk.document("audit", "list", "--action", "render")["rows"]
    return [(row["act"]["action"], row["act"]["actor"]) for row in rows]


def test_a_job_that_was_found_at_the_vendor_is_adopted_and_not_paid_again(desk, parked):
    _, shown, _ = desk.run("renders", "show", parked["id"])
    adopted = desk.document("renders", "adopt", parked["id"][:8], desk.jobs()[0]["id"])

    assert f"greenroom renders adopt {parked['id'][:12]} REQUEST_ID" in shown
    assert (adopted["state"], Decimal(adopted["spent"]) > 0) == ("ready", True)
    assert warmed_again(desk) == 1
    assert any(action == "render.adopted" and "@" in actor for action, actor in audited(desk))


def test_a_video_that_was_fetched_by_hand_is_adopted(desk, parked):
    job = desk.jobs()[0]["id"]
    video = desk.folder / "talk.mp4"
    answer = httpx.get(f"{desk.url}/{VENDOR}/v1/prediction/{job}", headers={"X-API-Key": "any"}).json()
    video.write_bytes(httpx.get(answer["output"]).content)

    adopted = desk.document("renders", "adopt", parked["id"], "--file", str(video))

    assert adopted["state"] == "ready"
    assert warmed_again(desk) == 1


def test_an_id_that_the_vendor_does_not_know_changes_nothing(desk, parked):
    code, _, told = desk.run("renders", "adopt", parked["id"], "no-such-job")

    assert (code, "(render_state)" in told or "(provider_refused)" in told) == (1, True), told
    assert desk.document("renders", "show", parked["id"])["render"]["state"] == "parked"


@pytest.mark.parametrize(
    ("word", "spent", "jobs"),
    [
        (("--never-ordered",), Decimal(0), 2),
        (("--not-billed",), Decimal(0), 2),
        (("--billed", "0.25"), Decimal("0.25"), 1),
    ],
    ids=["never ordered", "not billed", "billed"],
)
def test_what_became_of_the_job_decides_whether_warm_orders_again(desk, parked, word, spent, jobs):
    resolved = desk.document("renders", "resolve", parked["id"], *word)

    assert (resolved["state"], Decimal(resolved["spent"])) == ("failed", spent)
    assert any(action == "render.resolved" and "@" in actor for action, actor in audited(desk))
    assert warmed_again(desk) == jobs


@pytest.mark.parametrize(
    "arguments",
    [
        ("adopt", "ID"),
        ("adopt", "ID", "job", "--file", __file__),
        ("resolve", "ID"),
        ("resolve", "ID", "--not-billed", "--never-ordered"),
        ("resolve", "ID", "--billed", "dear"),
        ("acknowledge", "fal", "job", "--note", " "),
        ("acknowledge", "fal", "job"),
    ],
    ids=" ".join,
)
def test_a_word_that_is_missing_or_said_twice_is_a_usage_error(desk, arguments):
    code, _, told = desk.run("renders", *arguments)

    assert code == 2, told
    assert told


def test_an_orphan_that_is_not_there_cannot_be_acknowledged(desk):
    code, _, told = desk.run("renders", "acknowledge", "fal", "job-9", "--note", "Not ours.")

    assert code == 1
    assert "greenroom renders orphans" in told
