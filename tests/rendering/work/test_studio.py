import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import migrate
from app.catalog.terms import Consent
from app.errors import (
    BudgetExceededError,
    ChargedWithoutClipError,
    ClipRejectedError,
    ConsentMissingError,
    GreenroomError,
    LimitExceededError,
    OutcomeUnknownError,
    PortraitError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ProviderUnknownError,
    StoreError,
)
from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.port import Cap, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, RenderState, Submitted
from app.rendering.ports import Capabilities
from app.store.labels import Labels
from tests.support.render_world import NOON, RenderWorld, an_avatar, in_time

PAID = Capabilities(
    name="fake",
    models=("fake",),
    price_per_s=Decimal("0.10"),
    poll_every_s=0.01,
    min_portrait_px=1,
    silent_idle=True,
    max_duration_s=30.0,
    find="hint",
    grace_s=0.0,
)
ENDED = Consent(subject="A", kind="synthetic", until=date(2020, 1, 1))
WORDS = "We are open from ten to six."


@pytest.fixture
def stage(tmp_path):
    return RenderWorld(tmp_path)


def a_stage(tmp_path, **script: int):
    return RenderWorld(
        tmp_path, renderer=FakeRenderer(PAID, script=RendererBehaviour(**script), service=tmp_path / "bill")
    )


def wanted(studio, stage, text=WORDS):
    return studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"intent": "hours"}))


async def film(stage, text=WORDS, *, caps=(), name="worker", **changes: Any):
    studio = stage.studio(name, **changes)
    return await studio.clip(wanted(studio, stage, text), avatar=stage.avatar, caps=caps)


async def until(happened: Callable[[], object]) -> None:
    while not happened():  # noqa: ASYNC110 -- what is waited for is another task's work, which sets no event
        await asyncio.sleep(0.01)


async def test_words_become_a_stored_clip(stage):
    entry = await film(stage)

    assert entry.labels.text == WORDS
    assert entry.media["duration_s"] == pytest.approx(7 * 0.3)
    assert entry.media["captions"] == [{"start_s": 0.0, "end_s": 2.1, "text": WORDS}]
    assert set(entry.blobs) == {"video", "poster", "captions", "provenance"}
    assert (await stage.blobs.read(entry.blobs["captions"])).startswith(b"WEBVTT")
    assert (await stage.ledger.latest(entry.key)).state is RenderState.READY
    assert list((stage.folder / "worker").iterdir()) == []


async def test_the_stored_video_is_marked_and_its_origin_told(stage):
    entry = await film(stage)

    video = json.loads(await stage.blobs.read(entry.blobs["video"]))
    origin = json.loads(await stage.blobs.read(entry.blobs["provenance"]))
    assert video["source_type"] == "trainedAlgorithmicMedia"
    assert origin["video"] == entry.blobs["video"]
    assert origin["consent"] == {"subject": "Mira", "kind": "synthetic", "locales": []}
    assert origin["recipe_key"] == entry.key
    assert origin["speech"]["text"] == WORDS


async def test_the_idle_loop_is_silent(stage):
    entry = await film(stage, None)

    assert entry.media["duration_s"] == 5.0
    assert set(entry.blobs) == {"video", "poster", "provenance"}
    assert stage.speech.requests == []


async def test_a_stored_clip_costs_nothing_again(stage):
    first = await film(stage)

    again = await film(stage, name="later")

    assert again == first
    assert len(stage.renderer.bill) == 1


async def test_ten_callers_share_one_submit(stage):
    studio = stage.studio()
    clip = wanted(studio, stage)

    entries = await asyncio.gather(*(studio.clip(clip, avatar=stage.avatar) for _ in range(10)))

    assert len({entry.key for entry in entries}) == 1
    assert len(stage.renderer.bill) == 1


async def test_one_caller_leaving_does_not_stop_the_others(stage):
    stage.renderer.script.polls = 20
    studio = stage.studio()
    clip = wanted(studio, stage)
    first, second = (asyncio.create_task(studio.clip(clip, avatar=stage.avatar)) for _ in range(2))
    await asyncio.sleep(0.05)

    first.cancel()

    assert (await second).key == clip.key
    assert len(stage.renderer.bill) == 1


async def test_the_last_caller_leaving_stops_the_work_and_frees_the_render(stage):
    stage.renderer.script.polls = 10_000
    studio = stage.studio()
    task = asyncio.create_task(studio.clip(wanted(studio, stage), avatar=stage.avatar))
    await until(lambda: stage.renderer.bill)
    await asyncio.sleep(0.05)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await stage.ledger.counts() == {RenderState.WANTED: 1}
    assert len(stage.renderer.cancelled) == 1


async def test_two_studios_on_one_sqlite_file_submit_once(tmp_path):
    url = f"sqlite:///{tmp_path}/state.db"
    databases = [Database(url), Database(url)]
    await asyncio.gather(*(migrate(database) for database in databases))
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(polls=20)))
    studios = [stage.studio(f"w{n}", ledger=SqlLedger(database)) for n, database in enumerate(databases)]

    entries = await asyncio.gather(
        *(studio.clip(wanted(studio, stage), avatar=stage.avatar) for studio in studios for _ in range(3))
    )

    assert len({entry.key for entry in entries}) == 1
    assert len(stage.renderer.bill) == 1
    assert await SqlLedger(databases[0]).counts() == {RenderState.READY: 1}
    for database in databases:
        await database.close()


async def test_studios_on_one_sqlite_file_give_a_provider_no_more_than_it_takes(tmp_path, monkeypatch):
    monkeypatch.setattr("app.rendering.work.attempt.BUSY_S", 0.02)
    url = f"sqlite:///{tmp_path}/state.db"
    databases = [Database(url), Database(url)]
    await asyncio.gather(*(migrate(database) for database in databases))
    renderer = FakeRenderer(replace(PAID, concurrency=2), script=RendererBehaviour(polls=3))
    stage = RenderWorld(tmp_path, renderer=renderer)
    studios = [stage.studio(f"w{n}", ledger=SqlLedger(database)) for n, database in enumerate(databases)]

    await asyncio.gather(
        *(
            studio.clip(wanted(studio, stage, f"{name} {n}."), avatar=stage.avatar)
            for name, studio in zip(("One", "Two"), studios, strict=True)
            for n in range(3)
        )
    )

    assert (len(renderer.bill), renderer.busiest) == (6, 2)
    for database in databases:
        await database.close()


async def test_no_more_jobs_a_minute_than_the_provider_takes(tmp_path):
    time, begun = FakeTime(NOON), []

    class Noting(FakeRenderer):
        async def submit(self, job):
            begun.append(time.now)
            return await super().submit(job)

    stage = RenderWorld(tmp_path, renderer=Noting(replace(PAID, per_minute=2, poll_every_s=1.0)))
    studio = stage.studio(**in_time(time))

    for n in range(5):
        await studio.clip(wanted(studio, stage, f"Words {n}."), avatar=stage.avatar)

    assert all((later - earlier).total_seconds() >= 60 for earlier, later in zip(begun, begun[2:], strict=False))


async def test_a_process_that_slept_through_its_lease_hands_nothing_over(tmp_path):
    time = FakeTime(NOON)

    class Slow(FakeRenderer):
        async def submit(self, job):
            time.now += timedelta(hours=7) if not self.bill and not self.slept else timedelta(0)
            self.slept = True
            return await super().submit(job)

        slept = False

    stage = RenderWorld(tmp_path, renderer=Slow(PAID))
    studio = stage.studio(**in_time(time))

    await studio.clip(wanted(studio, stage), avatar=stage.avatar)

    (render,) = await stage.ledger.list()
    assert [record.event for record in await stage.ledger.history(render.id)][:4] == [
        "Claim", "BeginSubmit", "NotAccepted", "Claim",
    ]  # fmt: skip
    assert len(stage.renderer.bill) == 1


async def test_the_waiting_studio_hears_how_the_winner_failed(stage):
    stage.renderer.script.fail_times = 1
    stage.renderer.script.polls = 5

    outcomes = await asyncio.gather(film(stage, name="a"), film(stage, name="b"), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [ProviderRefusedError, ProviderRefusedError]
    assert len(stage.renderer.bill) == 1


@pytest.mark.parametrize("state", ["leased", "submitting", "submitted"])
async def test_a_dead_workers_paid_render_is_carried_on_without_paying_again(tmp_path, state):
    stage = a_stage(tmp_path)
    clip = wanted(stage.studio(), stage)
    render = await stage.ledger.want(RenderRequest(clip.key, "fake", "fake", Labels()), now=NOON)
    held = await stage.ledger.apply(render.id, Claim(now=NOON, worker="dead", lease_s=10))
    if state != "leased":
        begin = BeginSubmit(now=NOON, fence=held.fence, token="token-1", amount=Decimal("0.21"))
        await stage.ledger.apply(render.id, begin)
        pipeline = stage.studio()._pipeline
        prepared = await pipeline.prepare(clip, stage.avatar, stage.studio().providers(stage.avatar), render=held)
        job = await pipeline.job(prepared, token="token-1", render_id="dead")
        request_id = await stage.renderer.submit(job)
        if state == "submitted":
            await stage.ledger.apply(render.id, Submitted(now=NOON, fence=held.fence, request_id=request_id))

    entry = await film(stage)

    assert entry.key == clip.key
    assert len(stage.renderer.bill) == 1
    settled = await stage.ledger.get(render.id)
    assert (settled.state, settled.spent) == (RenderState.READY, Decimal("0.21"))


async def test_a_lost_answer_is_found_by_its_token(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)

    await film(stage)

    assert len(stage.renderer.bill) == 1


async def test_a_lost_answer_that_cannot_be_found_is_parked_and_never_paid_again(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    stage.renderer._can_find = False

    for _ in range(3):
        with pytest.raises(OutcomeUnknownError):
            await film(stage)

    assert len(stage.renderer.bill) == 1
    assert await stage.ledger.counts() == {RenderState.PARKED: 1}


async def test_a_free_job_that_was_lost_with_its_process_is_filmed_again(stage):
    clip = wanted(stage.studio(), stage)
    render = await stage.ledger.want(RenderRequest(clip.key, "fake", "fake", Labels()), now=NOON)
    held = await stage.ledger.apply(render.id, Claim(now=NOON, worker="dead", lease_s=10))
    await stage.ledger.apply(render.id, BeginSubmit(now=NOON, fence=held.fence, token="t", amount=Decimal(0)))
    await stage.ledger.apply(render.id, Submitted(now=NOON, fence=held.fence, request_id="job-gone"))

    entry = await film(stage)

    assert entry.key == clip.key
    assert (await stage.ledger.get(render.id)).state is RenderState.READY


async def test_a_refused_submit_is_tried_again_later_but_not_for_ever(tmp_path):
    stage = a_stage(tmp_path, refuse_times=2)
    time = FakeTime(NOON)

    await film(stage, **in_time(time))

    assert len(stage.renderer.bill) == 1
    assert (time.now - NOON).total_seconds() >= 2 + 4

    stage.renderer.script.refuse_times = 3
    with pytest.raises(ProviderUnavailableError):
        await film(stage, "Other words.", **in_time(time))
    assert (await stage.ledger.list(states=[RenderState.FAILED]))[0].retryable


async def test_a_bad_clip_is_kept_aside_and_its_cost_told(tmp_path):
    stage = a_stage(tmp_path, spoil_times=1)

    assert await film(stage)

    ready, failed = await stage.ledger.list()
    assert ready.state is RenderState.READY
    assert (failed.state, failed.error_code, failed.spent) == (RenderState.FAILED, "clip_rejected", Decimal("0.21"))
    assert "too_long: Expected at most 3.10 s, got 7.10 s." in (failed.error or "")
    assert {path.name for path in (tmp_path / "worker" / "rejected").iterdir()} == {
        f"{failed.id}.mp4",
        f"{failed.id}.json",
    }


async def test_what_is_refused_twice_is_not_paid_for_again_before_a_person_says_so(tmp_path):
    stage = a_stage(tmp_path, spoil_times=3)
    desk = RenderAdmin(stage.ledger, lambda: datetime.now(UTC))

    with pytest.raises(ClipRejectedError, match="renders retry"):
        await film(stage)
    with pytest.raises(ClipRejectedError, match="renders retry"):
        await film(stage)
    assert len(stage.renderer.bill) == 2

    fresh = await desk.retry((await stage.ledger.list())[0].id)

    assert fresh.state is RenderState.WANTED
    with pytest.raises(ClipRejectedError, match="renders retry"):
        await film(stage)
    assert len(stage.renderer.bill) == 3  # a word allows one order

    await desk.retry((await stage.ledger.list())[0].id)
    assert await film(stage)
    assert len(stage.renderer.bill) == 4
    assert [render.state for render in await stage.ledger.list()] == [RenderState.READY, *[RenderState.FAILED] * 3]


@pytest.mark.parametrize("script", ["bill_times", "empty_times"])
async def test_what_was_charged_without_a_clip_is_never_ordered_again_by_itself(tmp_path, script):
    stage = a_stage(tmp_path, **{script: 9})
    desk = RenderAdmin(stage.ledger, lambda: datetime.now(UTC))

    for _ in range(4):
        with pytest.raises(ChargedWithoutClipError, match="may be, billed"):
            await film(stage)
    assert len(stage.renderer.bill) == 1
    assert await stage.ledger.counts() == {RenderState.PARKED: 1}

    await desk.retry((await stage.ledger.list())[0].id)
    for _ in range(2):
        with pytest.raises(ChargedWithoutClipError):
            await film(stage)
    assert len(stage.renderer.bill) == 2


async def test_a_failure_that_is_not_billed_may_be_ordered_again(tmp_path):
    stage = a_stage(tmp_path, fail_times=1)

    with pytest.raises(ProviderRefusedError):
        await film(stage)
    assert await film(stage)

    ready, failed = await stage.ledger.list()
    assert (failed.spent, failed.paid_tries, ready.paid_tries) == (0, 0, 1)


async def test_one_attempt_per_clip_leaves_the_gate_no_second_try(tmp_path):
    stage = a_stage(tmp_path, spoil_times=1)

    with pytest.raises(ClipRejectedError, match="renders retry"):
        await film(stage, per_clip_attempts=1)

    assert len(stage.renderer.bill) == 1


async def test_whatever_closed_them_no_more_paid_tries_are_made_than_allowed(tmp_path):
    stage = a_stage(tmp_path, polls=10_000)
    desk = RenderAdmin(stage.ledger, lambda: datetime.now(UTC))
    for number in range(2):
        filming = asyncio.create_task(film(stage))
        await until(lambda number=number: len(stage.renderer.bill) == number + 1)
        await desk.cancel((await stage.ledger.list())[0].id)
        with pytest.raises(GreenroomError):
            await filming

    for _ in range(2):
        with pytest.raises(ChargedWithoutClipError, match="ordered 2 times"):
            await film(stage)
    assert len(stage.renderer.bill) == 2

    stage.renderer.script.polls = 0
    await desk.retry((await stage.ledger.list())[0].id)
    assert await film(stage)
    assert len(stage.renderer.bill) == 3


async def test_a_refused_clip_that_cost_nothing_would_only_be_the_same_again(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(spoil_times=1)))

    for _ in range(2):
        with pytest.raises(ClipRejectedError):
            await film(stage)

    assert len(stage.renderer.bill) == 1


async def test_a_deleted_clip_is_not_held_against_its_recipe(tmp_path):
    stage = a_stage(tmp_path, spoil_times=1)
    entry = await film(stage)
    await stage.recipes.delete(entry.key)
    stage.renderer.script.spoil_times = 1

    assert await film(stage)
    assert len(stage.renderer.bill) == 4


async def test_no_money_leaves_no_trace_but_the_wish(tmp_path):
    stage = a_stage(tmp_path)
    caps = [Cap("run:1", Decimal("0.20"))]

    with pytest.raises(BudgetExceededError):
        await film(stage, caps=caps)

    assert stage.renderer.bill == ()
    assert await stage.ledger.counts() == {RenderState.WANTED: 1}
    assert (await stage.ledger.spend("run:1")).committed == 0


async def test_standing_caps_bind_every_clip(tmp_path):
    stage = a_stage(tmp_path)

    with pytest.raises(BudgetExceededError):
        await film(stage, standing_caps=lambda now: [Cap(f"day:{now:%Y-%m-%d}", Decimal(0))])

    assert stage.renderer.bill == ()


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"consent": None}, ConsentMissingError, "consent_missing"),
        ({"consent": ENDED}, ConsentMissingError, "consent_missing"),
        ({"consent": Consent(subject="A", kind="synthetic", locales=("de",))}, ConsentMissingError, "consent_missing"),
        ({"portrait_digest": "0" * 64}, PortraitError, "portrait_unusable"),
    ],
)
async def test_what_must_not_be_filmed_never_reaches_a_provider(tmp_path, changes, error, code):
    stage = RenderWorld(tmp_path)
    stage.avatar = an_avatar(tmp_path, **changes)

    with pytest.raises(error):
        await film(stage)

    assert stage.speech.requests == []
    assert stage.renderer.bill == ()
    assert [(render.state, render.error_code) for render in await stage.ledger.list()] == [(RenderState.FAILED, code)]


async def test_words_too_long_for_the_renderer_are_not_submitted(tmp_path):
    stage = a_stage(tmp_path)

    with pytest.raises(LimitExceededError):
        await film(stage, "word " * 101)

    assert stage.renderer.bill == ()


async def test_a_new_portrait_does_not_pay_for_the_voice_again(stage, tmp_path):
    await film(stage)
    other = tmp_path / "other"
    other.mkdir()
    stage.avatar = an_avatar(other, id="noor", voice=stage.avatar.voice, video={"height": 360})

    await film(stage)

    assert len(stage.renderer.bill) == 2
    assert len(stage.speech.requests) == 1


async def test_an_unknown_provider_is_named_with_the_known_ones(stage, tmp_path):
    stage.avatar = an_avatar(tmp_path, renderers=("nobody/model",))

    with pytest.raises(ProviderUnknownError, match="known are: fake"):
        wanted(stage.studio(), stage)


async def test_progress_reaches_every_caller(stage):
    stage.renderer.script.polls = 3
    studio = stage.studio()
    heard = [[], []]

    await asyncio.gather(
        *(studio.clip(wanted(studio, stage), avatar=stage.avatar, on_progress=told.append) for told in heard)
    )

    assert [moved.stage for moved in heard[0]] == ["speaking", *["rendering"] * 3, "storing"]
    assert heard[0] == heard[1]
    assert studio._listeners == {}


async def test_a_full_disk_after_payment_keeps_the_render_to_be_carried_on(tmp_path):
    stage = a_stage(tmp_path)
    studio = stage.studio()

    def fill(moved):
        stage.blobs._capacity_bytes = 0 if moved.stage == "storing" else None

    with pytest.raises(StoreError, match="full"):
        await studio.clip(wanted(studio, stage), avatar=stage.avatar, on_progress=fill)
    assert await stage.ledger.counts() == {RenderState.FETCHED: 1}

    stage.blobs._capacity_bytes = None
    await film(stage)
    assert len(stage.renderer.bill) == 1


async def test_a_render_whose_worker_died_after_storing_is_closed(stage):
    entry = await film(stage)
    stage.ledger = MemoryLedger()
    render = await stage.ledger.want(RenderRequest(entry.key, "fake", "fake", Labels()), now=NOON)
    await stage.ledger.apply(render.id, Claim(now=NOON, worker="dead", lease_s=10))

    assert await stage.studio().reconcile() == 1
    assert (await stage.ledger.get(render.id)).state is RenderState.READY


async def test_a_lost_lease_stops_the_old_worker(stage):
    stage.renderer.script.polls = 200
    studio = stage.studio("old", lease_s=0.15)
    task = asyncio.create_task(studio.clip(wanted(studio, stage), avatar=stage.avatar))
    await until(lambda: stage.renderer.bill)
    render = (await stage.ledger.list())[0]
    far = datetime(2030, 1, 1, tzinfo=UTC)

    taken = await stage.ledger.apply(render.id, Claim(now=far, worker="new", lease_s=3600))
    await asyncio.sleep(0.2)

    assert await stage.ledger.get(render.id) == taken
    task.cancel()
    await asyncio.wait({task})
    assert await stage.ledger.get(render.id) == taken
