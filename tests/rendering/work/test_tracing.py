"""A render under the span that wanted it: at work, in the ledger, in no store, and when the provider calls back."""

import pytest

from app.errors import GreenroomError
from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.work.webhooks import WebhookReceiver
from app.store.labels import Labels
from app.tracing import MemoryTracer
from tests.rendering.work.test_webhooks import a_stage
from tests.support.render_world import NOON, RenderWorld, in_time


@pytest.fixture
def tracer():
    return MemoryTracer()


async def film(stage, tracer, parent="span-of-a-question"):
    studio = stage.studio(tracer=tracer, **in_time(FakeTime(NOON)))
    wanted = studio.wanted(
        stage.avatar, text="Hello.", locale="en", labels=Labels.from_json({"locale": "en", "traceparent": parent})
    )
    return await studio.clip(wanted, avatar=stage.avatar)


async def test_a_render_is_a_span_with_the_points_of_its_work(tmp_path, tracer):
    await film(RenderWorld(tmp_path), tracer)

    (render,) = tracer.named("render")
    assert render.parent == "span-of-a-question"
    assert render.attributes["provider"] == "fake"
    assert render.events[:2] == ["claimed", "prepared"]
    assert render.events[-1] == "stored"
    assert render.ended
    assert render.error == ""


async def test_what_failed_names_its_code(tmp_path, tracer):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(refuse_times=9)))

    with pytest.raises(GreenroomError) as raised:
        await film(stage, tracer)

    assert tracer.named("render")[-1].error == raised.value.code


async def test_the_ledger_keeps_the_parent_and_the_store_does_not(tmp_path, tracer):
    stage = RenderWorld(tmp_path)

    entry = await film(stage, tracer)

    (render,) = await stage.ledger.list()
    assert render.labels.traceparent == "span-of-a-question"
    assert "traceparent" not in entry.labels.to_json()


async def test_who_asked_is_no_part_of_the_recipe(tmp_path, tracer):
    stage = RenderWorld(tmp_path)

    first, second = await film(stage, tracer, "one"), await film(stage, tracer, "another")

    assert first == second
    assert len(tracer.named("render")) == 1


async def test_a_webhook_belongs_to_what_wanted_the_render(tmp_path, tracer):
    stage = a_stage(tmp_path, lose_times=1)
    with pytest.raises(GreenroomError):
        await film(stage, tracer)
    ((request_id, job),) = stage.renderer._jobs.items()

    await WebhookReceiver(stage.studio(tracer=tracer, **in_time(FakeTime(NOON)))).receive(
        "fake", job["token"], headers={}, body=request_id.encode()
    )

    assert tracer.named("webhook")[0].parent == "span-of-a-question"
