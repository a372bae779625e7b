"""Down the chain of renderers: on failures that leave no doubt, and on no others."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.catalog.model import Role
from app.conversation.clip_source import StoredClips
from app.errors import (
    ChargedWithoutClipError,
    ConsentMissingError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.ledger.states import RenderState
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import PlanAction, make_plan, take_stock
from app.rendering.ports import Capabilities
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.warm import warm
from app.store.labels import Labels
from tests.support.render_world import NOON, RenderWorld, a_catalog, an_avatar, an_intent, in_time

FACTS = Capabilities(
    name="first",
    models=("m",),
    price_per_s=Decimal("0.10"),
    poll_every_s=0.01,
    min_portrait_px=1,
    silent_idle=True,
    find="none",
)
WORDS = "We are open from ten to six."


class Refusing(FakeRenderer):
    """Refuses every job, until its error is gone."""

    def __init__(self, facts, error) -> None:
        super().__init__(facts)
        self.error = error
        self.asked = 0

    async def submit(self, job):
        self.asked += 1
        if self.error is not None:
            raise self.error
        return await super().submit(job)


@pytest.fixture
def stage(tmp_path):
    stage = RenderWorld(tmp_path)
    stage.avatar = an_avatar(tmp_path, renderers=("first", "second"))
    stage.first = FakeRenderer(FACTS)
    stage.second = FakeRenderer(replace(FACTS, name="second"))
    return stage


def studio_of(stage, name="worker", **changes: Any):
    return stage.studio(name, renderers={"first": stage.first, "second": stage.second}, **changes)


async def film(stage, name="worker", text=WORDS, **changes: Any):
    studio = studio_of(stage, name, **changes)
    wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"intent": "hours"}))
    return await studio.clip(wanted, avatar=stage.avatar)


@pytest.mark.parametrize("reason", ["auth", "payment", "input", "moderation", ""])
async def test_a_refusal_goes_to_the_next_renderer(stage, reason):
    stage.first = Refusing(FACTS, ProviderRefusedError("No.", reason=reason))

    entry = await film(stage)

    assert entry.recipe["renderer"] == "second"
    assert len(stage.second.bill) == 1
    assert await stage.ledger.counts() == {RenderState.FAILED: 1, RenderState.READY: 1}


async def test_a_provider_that_takes_nothing_is_tried_some_times_first(stage):
    stage.first = Refusing(FACTS, ProviderUnavailableError("Not now."))
    time = FakeTime(NOON)

    entry = await film(stage, **in_time(time))

    assert entry.recipe["renderer"] == "second"
    assert stage.first.asked == 3


async def test_words_too_long_for_the_first_go_to_the_next(stage):
    stage.first = FakeRenderer(replace(FACTS, max_duration_s=1.0))

    assert (await film(stage)).recipe["renderer"] == "second"


async def test_a_job_that_failed_there_goes_to_the_next(stage):
    stage.first = FakeRenderer(FACTS, script=RendererBehaviour(fail_times=1))

    assert (await film(stage)).recipe["renderer"] == "second"


@pytest.mark.parametrize("script", ["bill_times", "empty_times"])
async def test_a_job_that_may_be_billed_goes_nowhere_else(stage, script):
    stage.first = FakeRenderer(FACTS, script=RendererBehaviour(**{script: 1}))

    for _ in range(2):
        with pytest.raises(ChargedWithoutClipError):
            await film(stage)

    assert stage.second.bill == ()
    assert await stage.ledger.counts() == {RenderState.PARKED: 1}


async def test_a_lost_answer_goes_nowhere_else(stage):
    stage.first = FakeRenderer(FACTS, script=RendererBehaviour(lose_times=1), can_find=False)

    for _ in range(2):
        with pytest.raises(OutcomeUnknownError):
            await film(stage)

    assert stage.second.bill == ()
    assert await stage.ledger.counts() == {RenderState.PARKED: 1}


async def test_no_byte_leaves_without_consent(stage, tmp_path):
    stage.avatar = an_avatar(tmp_path, renderers=("first", "second"), consent=None)

    with pytest.raises(ConsentMissingError):
        await film(stage)

    assert stage.speech.requests == []
    assert stage.first.bill == stage.second.bill == ()


async def test_processes_that_fail_over_together_pay_once(stage):
    stage.first = Refusing(FACTS, ProviderRefusedError("No."))
    stage.second = FakeRenderer(replace(FACTS, name="second"), script=RendererBehaviour(polls=5))

    entries = await asyncio.gather(*(film(stage, f"w{n}") for n in range(4)))

    assert len({entry.key for entry in entries}) == 1
    assert len(stage.second.bill) == 1


async def test_a_clip_under_way_at_the_second_is_waited_for_although_the_first_is_well_again(stage):
    stage.first = Refusing(FACTS, ProviderRefusedError("No."))
    stage.second = FakeRenderer(replace(FACTS, name="second"), script=RendererBehaviour(polls=40))
    early = asyncio.create_task(film(stage, "early"))
    while not stage.second.bill:  # noqa: ASYNC110 -- another task's work
        await asyncio.sleep(0.01)
    stage.first = FakeRenderer(FACTS)

    late = await film(stage, "late")

    assert late == await early
    assert stage.first.bill == ()


async def test_a_provider_that_is_not_well_is_passed_over_by_every_process(stage, monkeypatch):
    monkeypatch.setattr("app.rendering.work.attempt.RETRY_S", 0.01)
    stage.first = Refusing(FACTS, ProviderUnavailableError("Not now."))
    await film(stage)

    await film(stage, "other", "Other words.")

    assert stage.first.asked == 3
    monkeypatch.setattr("app.rendering.ledger.circuit_breaker.COOL_S", 0.0)
    stage.first = FakeRenderer(FACTS)
    assert (await film(stage, "third", "More words.")).recipe["renderer"] == "first"


async def test_a_pause_that_was_asked_for_is_kept(stage):
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})
    times = []
    time = FakeTime(NOON)

    class Busy(FakeRenderer):
        async def submit(self, job):
            times.append(time.now)
            if len(times) <= 5:
                raise ProviderUnavailableError("Slow down.", retry_after_s=40.0)
            return await super().submit(job)

    stage.first = Busy(FACTS)

    await film(stage, **in_time(time))

    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    assert len(times) == 6
    assert all(gap >= 40.0 for gap in gaps)


async def test_a_long_pause_is_left_to_a_later_run_and_nothing_is_sent_meanwhile(stage):
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})
    stage.first = Refusing(FACTS, ProviderUnavailableError("Come back in an hour.", retry_after_s=3600.0))
    time = FakeTime(NOON)
    studio = studio_of(stage, **in_time(time))

    async def one(text):
        wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"intent": "hours"}))
        return await studio.clip(wanted, avatar=stage.avatar)

    for text in (WORDS, "Other words.", WORDS):
        with pytest.raises(ProviderUnavailableError):
            await one(text)
    waited, asked = time.now - NOON, stage.first.asked
    stage.first.error = None
    time.now = NOON + timedelta(hours=1)
    entry = await one(WORDS)

    assert (waited, asked) == (timedelta(0), 1)
    assert entry.recipe["renderer"] == "first"
    assert len(stage.first.bill) == 1


async def test_a_long_pause_sends_the_clip_to_the_next_renderer(stage):
    stage.first = Refusing(FACTS, ProviderUnavailableError("Come back in an hour.", retry_after_s=3600.0))

    assert (await film(stage)).recipe["renderer"] == "second"
    assert stage.first.asked == 1


async def test_a_paid_job_that_never_ends_is_parked_and_comes_home_when_it_ends_after_all(stage):
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})
    priced = replace(FACTS, price_per_s=Decimal("0.05"), job_limit_s=600.0, poll_every_s=60.0)
    stage.first = FakeRenderer(priced, script=RendererBehaviour(polls=1_000))
    time = FakeTime(NOON)

    with pytest.raises(OutcomeUnknownError, match=r"not finished after 10 minutes.*renders reconcile"):
        await film(stage, **in_time(time))
    parked = await stage.ledger.counts()
    stage.first._running.clear()
    swept = await Reconciler(studio=studio_of(stage, **in_time(time)), avatars=(stage.avatar,)).sweep(ask_again=True)

    assert (await film(stage, **in_time(time))).recipe["renderer"] == "first"

    assert parked == {RenderState.PARKED: 1}
    assert time.now - NOON < timedelta(minutes=12)
    assert swept.adopted == 1
    assert await stage.ledger.counts() == {RenderState.READY: 1}
    assert len(stage.first.bill) == 1


async def test_a_paid_job_that_ended_while_the_machine_slept_is_fetched_and_not_parked(stage):
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})
    priced = replace(FACTS, price_per_s=Decimal("0.05"), job_limit_s=600.0, poll_every_s=60.0)
    stage.first = FakeRenderer(priced, script=RendererBehaviour(polls=1_000))
    time = FakeTime(NOON)

    async def closed_lid(seconds):
        if seconds > priced.poll_every_s:
            await time.sleep(seconds)
            return
        time.now += timedelta(hours=1)
        stage.first._running.clear()

    assert (await film(stage, **{**in_time(time), "sleep": closed_lid})).recipe["renderer"] == "first"

    assert await stage.ledger.counts() == {RenderState.READY: 1}
    assert len(stage.first.bill) == 1


async def test_a_pause_that_was_asked_for_is_kept_by_the_other_clips(stage, monkeypatch):
    monkeypatch.setattr("app.rendering.work.attempt.RETRY_S", 0.0)
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})
    times, refused = [], asyncio.Event()

    class Busy(FakeRenderer):
        async def submit(self, job):
            times.append(asyncio.get_running_loop().time())
            if len(times) == 1:
                refused.set()
                raise ProviderUnavailableError("Slow down.", retry_after_s=1.0)
            return await super().submit(job)

    stage.first = Busy(FACTS)
    studio = studio_of(stage)

    async def one(text):
        wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels.from_json({"intent": "hours"}))
        return await studio.clip(wanted, avatar=stage.avatar)

    first = asyncio.create_task(one(WORDS))
    await refused.wait()
    for _ in range(500):
        if not studio._chain.context.held_off:
            await asyncio.sleep(0.01)
    await asyncio.gather(first, one("Other words."))

    assert len(times) == 3
    assert all(later - times[0] >= 1.0 for later in times[1:])


async def test_no_more_jobs_than_the_provider_takes_in_any_process(stage, monkeypatch):
    monkeypatch.setattr("app.rendering.work.attempt.BUSY_S", 0.02)
    stage.first = FakeRenderer(replace(FACTS, concurrency=2), script=RendererBehaviour(polls=3))
    stage.avatar = stage.avatar.model_copy(update={"renderers": ("first",)})

    await asyncio.gather(*(film(stage, f"w{n}", f"Words number {n}.") for n in range(8)))

    assert len(stage.first.bill) == 8
    assert stage.first.busiest == 2


async def test_a_clip_by_any_renderer_of_the_chain_serves_the_line(stage):
    intents = [an_intent("idle", role=Role.IDLE), an_intent("hours", WORDS), an_intent("shop", "Beside the entrance.")]
    catalog = a_catalog(stage.avatar, *intents)
    stage.first = Refusing(FACTS, ProviderRefusedError("No."))
    facts = {"first": FACTS, "second": stage.second.capabilities}

    async def plan():
        clips = catalog_clips(catalog, studio_of(stage).providers(catalog.avatar))
        return make_plan(clips, await take_stock(stage.recipes, clips), capabilities=facts), clips

    summary = await warm((await plan())[0], studio_of(stage), avatar=stage.avatar)
    again, clips = await plan()

    assert summary.complete
    assert [item.action for item in again.items] == [PlanAction.UNCHANGED] * 3
    assert again.unreferenced == ()
    served = StoredClips.of(clips, stage.recipes, default_locale="en")
    assert await served.for_intent("hours", locale="en", variant=0) is not None
    other_first = catalog.avatar.model_copy(update={"renderers": ("second", "first")})
    assert studio_of(stage).wanted(other_first, text=WORDS, locale="en", labels=Labels()).keys == tuple(
        reversed(next(clip for clip in clips if clip.text == WORDS).keys)
    )
