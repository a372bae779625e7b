"""A call is kept for the render whose job it tells of, and for no other."""

import json

import pytest

from app.errors import AccessError, OutcomeUnknownError, ProviderUnavailableError
from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.ledger.states import RenderState
from app.rendering.ports import HookEvent, JobStatus, own_id
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.webhooks import WebhookReceiver
from app.store.labels import Labels
from tests.rendering.work.test_reconciler import facts
from tests.support.render_world import NOON, RenderWorld, in_time


class Calling(FakeRenderer):
    """Calls back about the job in the body, as finished; shows its token with every job."""

    shows = False

    async def verify(self, headers, body, *, now):  # noqa: ARG002 -- the port's
        return HookEvent(body.decode(), "done", "e")

    def provider_id(self, request_id):
        return request_id

    async def poll(self, request_id):
        status = await super().poll(request_id)
        token = self._jobs[request_id]["token"] if self.shows and request_id in self._jobs else None
        return JobStatus(status.state, status.done_share, token=token)


@pytest.fixture
def time():
    return FakeTime(NOON)


def a_stage(tmp_path, *, webhook="signed", **script: int):
    return RenderWorld(
        tmp_path, renderer=Calling(facts(webhook=webhook), script=RendererBehaviour(**script), can_find=False)
    )


async def film(stage, studio, text):
    wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"locale": "en"}))
    return await studio.clip(wanted, avatar=stage.avatar)


async def lost(stage, studio, *texts: str):
    """The tokens of renders whose answers were lost, and of the jobs they led to."""
    for text in texts:
        with pytest.raises((OutcomeUnknownError, ProviderUnavailableError)):
            await film(stage, studio, text)
    return [(job["token"], request_id) for request_id, job in stage.renderer._jobs.items()]


async def test_calls_that_came_to_each_other_s_address_settle_nothing(tmp_path, time):
    stage = a_stage(tmp_path, lose_times=2)
    stage.renderer.shows = True
    studio = stage.studio(**in_time(time))
    desk, reconciler = WebhookReceiver(studio), Reconciler(studio=studio, avatars=(stage.avatar,))
    (first, its), (second, other) = await lost(stage, studio, "One.", "Two.")

    await desk.receive("fake", first, headers={}, body=other.encode())
    await desk.receive("fake", second, headers={}, body=its.encode())
    await reconciler.sweep()
    assert RenderState.READY not in await stage.ledger.counts()
    await desk.receive("fake", first, headers={}, body=its.encode())
    await desk.receive("fake", second, headers={}, body=other.encode())
    for _ in range(60):
        await reconciler.sweep()
        await time.sleep(15.0)

    assert await stage.ledger.counts() == {RenderState.READY: 2}
    assert {(r.token, r.request_id) for r in await stage.ledger.list()} == {(first, its), (second, other)}
    assert len(stage.renderer.bill) == 2


async def test_a_call_about_another_render_s_job_has_gone_astray(tmp_path, time):
    stage = a_stage(tmp_path)
    studio = stage.studio(**in_time(time))
    await film(stage, studio, "One.")
    await film(stage, studio, "Two.")
    newer, older = await stage.ledger.list()

    assert (
        await WebhookReceiver(studio).receive("fake", newer.token, headers={}, body=older.request_id.encode())
        == "astray"
    )
    assert await stage.ledger.orphans() == ()


@pytest.mark.parametrize("known_token", [True, False])
async def test_a_call_about_a_job_that_no_render_has_is_an_orphan(tmp_path, time, known_token):
    stage = a_stage(tmp_path)
    studio = stage.studio(**in_time(time))
    await film(stage, studio, "One.")
    token = (await stage.ledger.list())[0].token if known_token else "f" * 32
    desk = WebhookReceiver(studio)

    told = [await desk.receive("fake", token, headers={}, body=b"job-of-nobody") for _ in range(2)]

    assert told == ["orphan", "repeated"]
    assert [(hook.token, hook.request_id) for hook in await stage.ledger.orphans()] == [(token, "job-of-nobody")]


async def test_an_unsigned_call_needs_a_token_of_ours(tmp_path, time):
    stage = a_stage(tmp_path, webhook="token")

    with pytest.raises(AccessError):
        await WebhookReceiver(stage.studio(**in_time(time))).receive("fake", "f" * 32, headers={}, body=b"job")

    assert await stage.ledger.orphans() == ()


class Enveloping(Calling):
    """Returns more than its own id from a submit, as fal does."""

    async def submit(self, job):
        return json.dumps({"id": await super().submit(job)})

    def provider_id(self, request_id):
        return str(json.loads(request_id)["id"])

    async def poll(self, request_id):
        return await super().poll(self.provider_id(request_id))

    async def fetch(self, request_id, destination):
        await super().fetch(self.provider_id(request_id), destination)


async def test_a_job_is_known_by_the_provider_s_own_id(tmp_path, time):
    stage = RenderWorld(tmp_path, renderer=Enveloping(facts(webhook="signed"), script=RendererBehaviour()))
    studio = stage.studio(**in_time(time))
    desk = WebhookReceiver(studio)
    await film(stage, studio, "One.")
    (render,) = await stage.ledger.list()
    (own,) = stage.renderer._jobs

    assert (render.request_id, render.provider_request_id) == (json.dumps({"id": own}), own)
    assert await stage.ledger.by_request("fake", own) == render
    assert await desk.receive("fake", render.token, headers={}, body=own.encode()) == "kept"
    assert await desk.receive("fake", "f" * 32, headers={}, body=own.encode()) == "astray"


def test_what_is_no_envelope_is_the_provider_s_own_id():
    renderer = Enveloping(facts(webhook="signed"), script=RendererBehaviour())

    assert [own_id(renderer, given) for given in ('{"id":"r1"}', "r1", "12", "[]", '{"no":1}')] == [
        "r1", "r1", "12", "[]", '{"no":1}',
    ]  # fmt: skip
    assert own_id(FakeRenderer(facts()), '{"id":"r1"}') == '{"id":"r1"}'
