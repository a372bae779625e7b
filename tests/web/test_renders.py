"""Renders over HTTP: listed, shown, resolved, adopted, and orphans acknowledged, under the name of the key."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.errors import OutcomeUnknownError
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ledger.records import ORPHAN, Hook
from app.rendering.ports import Capabilities
from app.rendering.work.reconciler import Reconciler
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import WebSettings
from app.store.labels import Labels
from app.web.app import create_app
from tests.support.fake_web import FakeContainer
from tests.support.render_world import RenderWorld

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
PAID = Capabilities(
    name="fake",
    models=("fake",),
    price_per_s=Decimal("0.10"),
    poll_every_s=0.01,
    min_portrait_px=1,
    silent_idle=True,
    max_duration_s=30.0,
    find="none",
)
WORDS = "We are open from ten to six."
KEY, KEPT = new_key("nora", KeyRole.OPERATOR)


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def stage(tmp_path, database):
    """A paid renderer whose first answer is lost, and which cannot be asked for a token."""
    behaviour = RendererBehaviour(lose_times=1)
    renderer = FakeRenderer(PAID, script=behaviour, service=tmp_path / "bill", can_find=False)
    return RenderWorld(tmp_path, renderer=renderer, ledger=SqlLedger(database))


@pytest.fixture
async def render(stage):
    """A parked render: its job was taken, its answer lost."""
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text=WORDS, locale="en", labels=Labels.spoken(WORDS, locale="en"))
    with pytest.raises(OutcomeUnknownError):
        await studio.clip(wanted, avatar=stage.avatar)
    return (await stage.ledger.list())[0]


@pytest.fixture
def client(stage, database):
    container = FakeContainer(
        web=WebSettings(secret="a secret for tests", environment="production", keys=(KEPT,)),
        ledger_of=lambda actor: SqlLedger(database, actor=actor),
        reconciler=Reconciler(studio=stage.studio(), avatars=(stage.avatar,)),
    )
    with TestClient(create_app(container), headers={"X-API-Key": KEY}) as client:
        yield client


async def told(database):
    return [(row.act.actor, row.act.action) for row in await SqlAudit(database).list(actions=("render", "orphan"))]


async def test_renders_are_listed_in_pages_and_shown_with_their_ways_out(client, render):
    page = client.get("/v1/renders", params={"state": "parked", "limit": 1}).json()
    story = client.get(f"/v1/renders/{render.id[:8]}").json()

    assert [one["id"] for one in page["items"]] == [render.id]
    assert client.get("/v1/renders", params={"limit": 1, "after": page["next"]}).json()["items"] == []
    assert client.get("/v1/renders", params={"state": "ready"}).json()["items"] == []
    assert Decimal(story["render"]["reserved"]) == render.reserved > 0
    assert story["steps"][-1]["state"] == "parked"
    assert any("adopt" in way for way in story["ways_out"])


async def test_a_job_that_was_not_billed_frees_its_money_in_the_name_of_the_key(client, render, database):
    answer = client.post(f"/v1/renders/{render.id}/resolve", json={"outcome": "not_billed"})

    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert Decimal(answer.json()["reserved"]) == Decimal(answer.json()["spent"]) == 0
    assert ("key nora (operator)", "render.resolved") in await told(database)


async def test_what_was_billed_is_booked(client, render):
    body = client.post(f"/v1/renders/{render.id}/resolve", json={"outcome": "billed", "amount": "0.42"}).json()

    assert (Decimal(body["spent"]), body["error_code"]) == (Decimal("0.42"), "charged_without_clip")


async def test_a_refund_is_booked_in_the_name_of_the_key(client, render, database):
    client.post(f"/v1/renders/{render.id}/resolve", json={"outcome": "billed", "amount": "0.42"})

    answer = client.post(f"/v1/renders/{render.id}/correct", json={"amount": "-0.4", "note": "refund"})
    again = client.post(f"/v1/renders/{render.id}/correct", json={"amount": "-0.3", "note": "refund"})

    step = answer.json()
    assert (Decimal(step["spent"]), step["note"], step["actor"]) == (Decimal("-0.4"), "refund", "key nora (operator)")
    assert client.get(f"/v1/renders/{render.id}").json()["steps"][-1]["note"] == "refund"
    assert (again.status_code, again.json()["code"]) == (409, "render_state")
    rows = await SqlAudit(database).list(actions=("money",))
    assert ("key nora (operator)", "money.corrected") in [(row.act.actor, row.act.action) for row in rows]


@pytest.mark.parametrize("word", [{"outcome": "billed"}, {"outcome": "not_billed", "amount": "1"}, {"outcome": "gone"}])
async def test_a_word_that_says_no_amount_or_two_things_changes_nothing(client, render, word):
    answer = client.post(f"/v1/renders/{render.id}/resolve", json=word)

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert client.get(f"/v1/renders/{render.id}").json()["render"]["state"] == "parked"


async def test_a_job_that_a_person_found_is_fetched_and_stored(client, render, stage, database):
    (job,) = stage.renderer._all_jobs()

    answer = client.post(f"/v1/renders/{render.id}/adopt", json={"request_id": job})

    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert len(stage.renderer.bill) == 1, "nothing was ordered"
    assert ("key nora (operator)", "render.adopted") in await told(database)


async def test_a_video_that_a_person_has_is_stored(client, render, stage):
    (job,) = stage.renderer._all_jobs()
    video = stage.folder / "talk.mp4"
    await stage.renderer.fetch(job, video)

    answer = client.put(f"/v1/renders/{render.id}/video", content=video.read_bytes())

    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert len(stage.renderer.bill) == 1, "nothing was ordered"


async def test_no_video_at_all_is_refused(client, render):
    answer = client.put(f"/v1/renders/{render.id}/video", content=b"")

    assert (answer.status_code, answer.json()["code"]) == (422, "media_invalid")


def test_only_the_route_of_videos_takes_more_than_a_question(client):
    assert client.put("/v1/renders/4f1c9a4f1c9a/video", content=b"x" * 70_000).json()["code"] == "render_not_found"
    assert client.put("/v1/renders/4f1c9a4f1c9a/title", content=b"x" * 70_000).status_code == 413
    assert client.post("/v1/renders/4f1c9a4f1c9a/video", content=b"x" * 70_000).status_code == 413


async def test_a_render_is_retried_cancelled_and_not_twice(client, render):
    assert client.post(f"/v1/renders/{render.id}/retry").json()["state"] == "wanted"
    assert client.post(f"/v1/renders/{render.id}/cancel").json()["state"] == "cancelled"

    again = client.post(f"/v1/renders/{render.id}/cancel")

    assert (again.status_code, again.json()["code"]) == (409, "render_state")


async def test_the_providers_are_asked_about_all_that_is_unfinished(client, render):
    assert client.post("/v1/renders/reconcile").json() == {
        "ready": 0,
        "resumed": 0,
        "parked": 0,
        "left": 0,
        "orphans": 0,
    }
    assert render.state == "parked"


async def test_an_orphan_ends_when_somebody_has_looked_into_it(client, stage, database):
    await stage.ledger.keep_hook(Hook("fake", "a1" * 16, "job-9", ORPHAN, NOON, "0" * 64))
    note = {"provider": "fake", "request_id": "job-9", "note": " Ordered from the console. "}

    assert client.get("/v1/orphans").json()["total"] == 1
    answer = client.post("/v1/orphans/acknowledge", json=note)

    assert (answer.json()["acknowledged_by"], answer.json()["note"]) == (
        "key nora (operator)",
        "Ordered from the console.",
    )
    assert client.get("/v1/orphans").json() == {"items": [], "total": 0, "limit": 50}
    assert [one["request_id"] for one in client.get("/v1/orphans?acknowledged=true").json()["items"]] == ["job-9"]
    assert ("key nora (operator)", "orphan.acknowledged") in await told(database)
    assert client.post("/v1/orphans/acknowledge", json=note | {"request_id": "x"}).status_code == 404
