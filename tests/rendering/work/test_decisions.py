"""A person says what became of a parked render: adopted, resolved, and never ordered again without a word."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.errors import ChargedWithoutClipError, OutcomeUnknownError, RenderStateError
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ledger.operator import RenderAdmin, ways_out
from app.rendering.ledger.states import RenderState
from app.rendering.ports import Capabilities, JobStatus
from app.rendering.work.reconciler import Reconciler
from app.store.labels import Labels
from tests.support.render_world import RenderWorld

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


def a_stage(tmp_path, **script: int):
    renderer = FakeRenderer(PAID, script=RendererBehaviour(**script), service=tmp_path / "bill", can_find=False)
    return RenderWorld(tmp_path, renderer=renderer)


async def film(stage):
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text=WORDS, locale="en", labels=Labels.spoken(WORDS, locale="en"))
    return await studio.clip(wanted, avatar=stage.avatar)


async def parked(stage):
    """A render whose job was taken, and whose answer was lost."""
    with pytest.raises(OutcomeUnknownError):
        await film(stage)
    return (await stage.ledger.list())[0]


def desk_of(stage):
    return RenderAdmin(stage.ledger, lambda: datetime.now(UTC))


def reconciler_of(stage):
    return Reconciler(studio=stage.studio(), avatars=(stage.avatar,))


async def test_a_job_that_a_person_found_is_fetched_and_stored(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)
    (job,) = stage.renderer._all_jobs()

    after = await reconciler_of(stage).adopt(render, job, stage.ledger)

    assert (after.state, after.provider_request_id, after.spent) == (RenderState.READY, job, Decimal("0.21"))
    assert await film(stage)
    assert len(stage.renderer.bill) == 1


async def test_a_job_that_is_not_there_or_has_failed_is_not_adopted(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)
    (job,) = stage.renderer._all_jobs()
    stage.renderer._endings[job] = JobStatus("failed", charged=True)

    for own, why in (("job-x", "unknown there"), (job, "failed there")):
        with pytest.raises(RenderStateError, match=why):
            await reconciler_of(stage).adopt(render, own, stage.ledger)

    assert await stage.ledger.counts() == {RenderState.PARKED: 1}


async def test_another_render_s_job_is_not_adopted(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)
    studio = stage.studio()
    other = studio.wanted(stage.avatar, text="Other words.", locale="en", labels=Labels())
    await studio.clip(other, avatar=stage.avatar)
    job = (await stage.ledger.latest(other.key)).request_id

    with pytest.raises(RenderStateError, match="'s"):
        await reconciler_of(stage).adopt(render, job, stage.ledger)


async def test_a_video_that_a_person_has_is_judged_and_stored(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)
    (job,) = stage.renderer._all_jobs()
    await stage.renderer.fetch(job, tmp_path / "found.mp4")

    after = await reconciler_of(stage).deliver(render, tmp_path / "found.mp4", stage.ledger)

    assert (after.state, after.spent) == (RenderState.READY, Decimal("0.21"))
    assert len(stage.renderer.bill) == 1


@pytest.mark.parametrize("ordered", [True, False])
async def test_what_was_not_billed_is_free_and_may_be_ordered_again(tmp_path, ordered):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)

    after = await desk_of(stage).resolve(render.id, billed=None, ordered=ordered)

    assert (after.state, after.reserved, after.spent) == (RenderState.FAILED, 0, 0)
    assert await film(stage)


async def test_what_was_billed_is_booked_and_ordered_again_on_a_person_s_word_alone(tmp_path):
    stage = a_stage(tmp_path, lose_times=1)
    render = await parked(stage)

    after = await desk_of(stage).resolve(render.id, billed=Decimal("0.40"))

    assert (after.reserved, after.spent) == (0, Decimal("0.40"))
    for _ in range(2):
        with pytest.raises(ChargedWithoutClipError, match="renders retry"):
            await film(stage)
    assert len(stage.renderer.bill) == 1
    await desk_of(stage).retry(render.id)
    assert await film(stage)
    assert len(stage.renderer.bill) == 2


async def test_only_what_is_parked_with_money_is_resolved(tmp_path):
    stage = a_stage(tmp_path)
    await film(stage)

    with pytest.raises(RenderStateError, match="ready"):
        await desk_of(stage).resolve((await stage.ledger.list())[0].id, billed=None)


async def test_the_ways_out_say_where_to_look_and_what_each_costs(tmp_path):
    render = await parked(a_stage(tmp_path, lose_times=1))

    told = "\n".join(ways_out(render, "the video whose title is TOKEN"))

    assert f"the video whose title is {render.token}" in told
    assert "--never-ordered (frees 0.21 USD)" in told
    assert all(word in told for word in ("adopt", "--not-billed", "--billed AMOUNT", "retry", "cancel"))
