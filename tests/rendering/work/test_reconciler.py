"""What a process leaves behind is carried on; what nobody can know waits for a person, or for the provider's call."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.errors import MediaError, OutcomeUnknownError, ProviderUnavailableError, RenderNotFoundError, RenderStateError
from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.states import RenderState
from app.rendering.ports import Capabilities, HookEvent
from app.rendering.work.reconciler import STRAY_S, Reconciler, Swept
from app.rendering.work.webhooks import WebhookReceiver
from app.store.labels import Labels
from tests.support.render_world import NOON, RenderWorld, an_avatar, in_time

WORDS = "We are open."


def facts(**changes: Any):
    fields = {"price_per_s": Decimal("0.10"), "poll_every_s": 5.0, "min_portrait_px": 1, "grace_s": 600.0}
    return Capabilities(name="fake", models=("fake",), **{**fields, **changes})


class Calling(FakeRenderer):
    """Calls back; what it signs is `good`."""

    async def verify(self, headers, body, *, now):  # noqa: ARG002 -- the port's
        return HookEvent(body.decode(), "done", "e")

    def provider_id(self, request_id):
        return request_id


@pytest.fixture
def time():
    return FakeTime(NOON)


def a_stage(tmp_path, renderer):
    return RenderWorld(tmp_path, renderer=renderer)


def studio_of(stage, time, name="worker", **changes: Any):
    return stage.studio(name, **{**in_time(time), **changes})


async def film(stage, studio):
    wanted = studio.wanted(
        stage.avatar, text=WORDS, locale="en", labels=Labels.from_json({"intent": "hours", "locale": "en"})
    )
    return await studio.clip(wanted, avatar=stage.avatar)


async def stopped(stage, studio):
    """Film, and be stopped while the job runs."""
    work = asyncio.create_task(film(stage, studio))
    while await stage.ledger.counts() != {RenderState.SUBMITTED: 1}:  # noqa: ASYNC110 -- another task's work
        await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_what_a_stopped_process_left_is_fetched_without_paying_again(tmp_path, time):
    stage = a_stage(tmp_path, FakeRenderer(facts(), script=RendererBehaviour(polls=10_000)))
    await stopped(stage, studio_of(stage, time))
    assert await stage.ledger.counts() == {RenderState.SUBMITTED: 1}
    stage.renderer._running.clear()

    swept = await Reconciler(studio=studio_of(stage, time, "next"), avatars=(stage.avatar,)).sweep()

    assert swept == Swept(carried_on=1)
    assert await stage.ledger.counts() == {RenderState.READY: 1}
    assert len(stage.renderer.bill) == 1


async def test_a_list_that_proves_absence_lets_it_be_submitted_again_only_after_the_grace(tmp_path, time):
    class NeverArrived(FakeRenderer):
        lost = 1

        async def submit(self, job):
            if self.lost:
                self.lost -= 1
                raise OutcomeUnknownError("Gone.")
            self.taken_at = time.now
            return await super().submit(job)

    stage = a_stage(tmp_path, NeverArrived(facts(find="proof")))
    studio = studio_of(stage, time)
    with pytest.raises(ProviderUnavailableError):
        await film(stage, studio)
    reconciler = Reconciler(studio=studio, avatars=(stage.avatar,))

    while not stage.renderer.bill:
        await reconciler.sweep()
        await time.sleep(15.0)

    assert stage.renderer.taken_at - NOON >= timedelta(seconds=600)
    assert await stage.ledger.counts() == {RenderState.READY: 1}


@pytest.mark.parametrize("early", [True, False])
async def test_a_call_that_carries_the_token_home_settles_a_lost_answer(tmp_path, time, early):
    stage = a_stage(tmp_path, Calling(facts(webhook="signed"), can_find=False))
    studio = studio_of(stage, time)
    desk = WebhookReceiver(studio)
    submit = stage.renderer.submit

    async def lose(job):
        request_id = await submit(job)
        if early:
            await desk.receive("fake", job.token, headers={}, body=request_id.encode())
        raise OutcomeUnknownError("Gone.")

    stage.renderer.submit = lose
    if early:
        assert await film(stage, studio)
    else:
        with pytest.raises(ProviderUnavailableError):
            await film(stage, studio)
        time.now += timedelta(seconds=700)
        reconciler = Reconciler(studio=studio, avatars=(stage.avatar,))
        await reconciler.sweep()
        assert await stage.ledger.counts() == {RenderState.PARKED: 1}
        token = (await stage.ledger.list())[0].token
        request_id = next(iter(stage.renderer._jobs))
        assert await desk.receive("fake", token, headers={}, body=request_id.encode()) == "kept"
        assert await reconciler.sweep() == Swept(adopted=1, carried_on=1)
    assert await stage.ledger.counts() == {RenderState.READY: 1}
    assert len(stage.renderer.bill) == 1


async def test_a_call_ends_the_wait_for_the_next_poll(tmp_path):
    stage = a_stage(tmp_path, Calling(facts(webhook="signed", poll_every_s=3600.0), script=RendererBehaviour(polls=1)))
    studio = stage.studio()
    task = asyncio.create_task(film(stage, studio))
    while RenderState.SUBMITTED not in await stage.ledger.counts():  # noqa: ASYNC110 -- another task's work
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    render = (await stage.ledger.list())[0]

    woken = []
    desk = WebhookReceiver(studio, lambda: woken.append(1))
    first = await desk.receive("fake", render.token, headers={}, body=render.request_id.encode())
    again = await desk.receive("fake", render.token, headers={}, body=render.request_id.encode())

    assert (first, again, woken) == ("kept", "repeated", [])
    assert await asyncio.wait_for(task, 60)


async def test_what_no_avatar_leads_to_any_more_is_parked_after_a_day(tmp_path, time):
    stage = a_stage(tmp_path, FakeRenderer(facts(), script=RendererBehaviour(polls=10_000)))
    studio = studio_of(stage, time)
    await stopped(stage, studio)
    other = tmp_path / "other"
    other.mkdir()
    reconciler = Reconciler(studio=studio, avatars=(an_avatar(other, video={"height": 360}),))

    assert await reconciler.sweep() == Swept(left=1)
    time.now += timedelta(seconds=STRAY_S)
    assert await reconciler.sweep() == Swept(parked=1)


async def test_it_looks_when_it_is_woken(tmp_path):
    stage = a_stage(tmp_path, FakeRenderer(facts()))
    reconciler = Reconciler(studio=stage.studio(), avatars=(stage.avatar,), every_s=3600.0)
    sweeps = []
    sweep = reconciler.sweep

    async def counted():
        sweeps.append(await sweep())

    reconciler.sweep = counted
    running = asyncio.create_task(reconciler.run())
    await asyncio.sleep(0.05)

    reconciler.wake()
    await asyncio.sleep(0.05)
    running.cancel()

    assert len(sweeps) == 2


async def test_a_person_decides_about_a_parked_render(tmp_path, time):
    stage = a_stage(tmp_path, FakeRenderer(facts(), script=RendererBehaviour(lose_times=1), can_find=False))
    studio = studio_of(stage, time)
    with pytest.raises(OutcomeUnknownError):
        await film(stage, studio)
    desk = RenderAdmin(stage.ledger, time.clock)
    (parked,) = await desk.renders(states=[RenderState.PARKED])

    story = await desk.show(parked.id[:8])
    assert [record.event for record in story.history] == ["Claim", "BeginSubmit", "Lost", "Park"]
    assert (await desk.retry(parked.id)).state is RenderState.WANTED
    await film(stage, studio)

    report = await desk.spend()
    assert report.spent == 2 * parked.reserved
    assert [(line.intent, line.submits, line.clips) for line in report.lines] == [("hours", 2, 1)]
    with pytest.raises(RenderStateError):
        await desk.retry(parked.id)
    with pytest.raises(RenderStateError):
        await desk.cancel(parked.id)
    with pytest.raises(RenderNotFoundError):
        await desk.show("abc")


async def test_a_result_that_cannot_be_had_is_parked_and_fetched_on_a_persons_word(tmp_path, time):
    stage = a_stage(tmp_path, FakeRenderer(facts()))
    fetch = stage.renderer.fetch

    async def gone(*_: Any) -> None:
        raise MediaError("Gone.")

    stage.renderer.fetch = gone
    studio = studio_of(stage, time)
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError, match="cannot be had"):
            await film(stage, studio)
    stage.renderer.fetch = fetch
    reconciler = Reconciler(studio=studio, avatars=(stage.avatar,))

    assert await reconciler.sweep() == Swept()
    assert await reconciler.sweep(ask_again=True) == Swept(adopted=1, carried_on=1)
    assert len(stage.renderer.bill) == 1
