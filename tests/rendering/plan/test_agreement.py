"""A plan in a file: what is carried out is what was agreed to."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.catalog.model import Intent
from app.errors import PlanError, ProviderRefusedError
from app.rendering.fakes import FakeRenderer
from app.rendering.plan.agreement import Agreement, agree, held_to, read_agreement
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import Plan, make_plan, take_stock
from app.rendering.work.ending import Cause
from app.rendering.work.warm import warm
from app.runtime.commands.warm import limits_of
from tests.rendering.work.test_failover import FACTS, Refusing
from tests.support.render_world import NOON, RenderWorld, a_catalog, an_avatar, an_intent

HOURS = an_intent("hours", "The museum opens every morning at eleven.")
SHOP = an_intent("shop", "The bookshop is directly beside the entrance.")
DOGS = an_intent("dogs", "Guide dogs are always welcome everywhere.")


class Museum:
    """A world with two renderers, planned and warmed as a site would be."""

    def __init__(self, folder) -> None:
        self.world = RenderWorld(folder)
        self.first = FakeRenderer(FACTS)
        self.second = FakeRenderer(replace(FACTS, name="second"))
        self.avatar = an_avatar(folder, renderers=("first", "second"))

    def studio(self):
        return self.world.studio(renderers={"first": self.first, "second": self.second})

    async def plan(self, *intents: Intent, avatar=None) -> Plan:
        catalog = a_catalog(avatar or self.avatar, *intents)
        clips = catalog_clips(catalog, self.studio().providers(catalog.avatar))
        facts = {one.capabilities.name: one.capabilities for one in (self.first, self.second)}
        return make_plan(clips, await take_stock(self.world.recipes, clips), capabilities=facts)

    async def agreement(self, *intents: Intent) -> Agreement:
        """An agreement that went through a file."""
        made = agree(await self.plan(*intents), made_at=NOON, catalog="c" * 64, release=None, avatar="mira")
        return read_agreement(json.dumps(made.document()), "plan.json")

    async def warm(self, agreement: Agreement, *intents: Intent, budget=None):
        plan = held_to(agreement, await self.plan(*intents))
        return await warm(plan, self.studio(), avatar=self.avatar, limits=limits_of(agreement, budget))


@pytest.fixture
def museum(tmp_path) -> Museum:
    return Museum(tmp_path)


async def test_the_file_says_what_each_clip_is_and_costs(museum):
    plan = await museum.plan(HOURS, SHOP)

    agreement = await museum.agreement(HOURS, SHOP)

    assert [clip.key for clip in agreement.clips] == [item.filmed_by.key for item in plan.todo]
    assert [(clip.intent, clip.renderer, clip.model) for clip in agreement.clips] == [
        ("hours", "first", "m"), ("shop", "first", "m"),
    ]  # fmt: skip
    assert [clip.price for clip in agreement.clips] == [item.price for item in plan.todo]
    assert (agreement.price, agreement.made_at) == (plan.price, NOON)


async def test_what_is_agreed_is_ordered_and_nothing_else(museum):
    agreement = await museum.agreement(HOURS, SHOP)

    summary = await museum.warm(agreement, HOURS, DOGS, SHOP)

    assert (summary.complete, summary.clips_done) == (True, 2)
    assert sorted(museum.first.bill) == sorted(clip.key for clip in agreement.clips)


async def test_clips_that_are_stored_by_now_are_skipped(museum):
    agreement = await museum.agreement(HOURS, SHOP)
    await warm(await museum.plan(HOURS), museum.studio(), avatar=museum.avatar)

    summary = await museum.warm(agreement, HOURS, SHOP)

    assert (summary.complete, summary.clips_done, summary.clips_unchanged) == (True, 1, 1)
    assert len(museum.first.bill) == 2


async def test_no_other_renderer_of_the_chain_is_asked(museum):
    agreement = await museum.agreement(HOURS, SHOP)
    museum.first = Refusing(FACTS, ProviderRefusedError("No.", reason="input"))

    summary = await museum.warm(agreement, HOURS, SHOP)

    assert (summary.clips_done, summary.clips_failed) == (0, 2)
    assert museum.second.bill == ()


async def test_its_total_is_the_budget_of_all_its_runs(museum):
    agreement = await museum.agreement(HOURS, SHOP, DOGS)
    tight = agreement.model_copy(update={"price": agreement.clips[0].price + agreement.clips[1].price})

    runs = [await museum.warm(tight, HOURS, SHOP, DOGS) for _ in range(2)]

    assert [(one.ended, one.cause) for one in runs] == 2 * [("budget", Cause.BUDGET)]
    assert len(museum.first.bill) == 2
    assert (await museum.warm(tight, HOURS, SHOP, DOGS, budget=Decimal(1))).complete


async def test_other_words_stop_it(museum):
    agreement = await museum.agreement(HOURS, SHOP)

    with pytest.raises(PlanError, match=r"1 of its 2 clips .* `hours` \[en\] has other words.*lan again with"):
        held_to(agreement, await museum.plan(an_intent("hours", "We are closed."), SHOP))


async def test_an_answer_that_is_gone_stops_it(museum):
    agreement = await museum.agreement(HOURS, SHOP)

    with pytest.raises(PlanError, match=r"`shop` \[en\] is not in the catalog any more"):
        held_to(agreement, await museum.plan(HOURS))


async def test_a_price_that_rose_stops_it(museum):
    agreement = await museum.agreement(HOURS, SHOP)
    museum.first = FakeRenderer(replace(FACTS, price_per_s=Decimal("0.11")))

    with pytest.raises(PlanError, match=r"2 of its 2 clips .* `hours` \[en\] costs 0\.\d+ now, 0\.\d+ was agreed"):
        held_to(agreement, await museum.plan(HOURS, SHOP))


async def test_a_price_that_fell_does_not(museum):
    agreement = await museum.agreement(HOURS)
    museum.first = FakeRenderer(replace(FACTS, price_per_s=Decimal("0.05")))

    assert (await museum.warm(agreement, HOURS)).complete


async def test_another_renderer_stops_it(museum):
    agreement = await museum.agreement(HOURS)
    other = an_avatar(museum.world.folder, renderers=("second",))

    with pytest.raises(PlanError, match=r"would be rendered by `second/m` now, not by `first/m`"):
        held_to(agreement, await museum.plan(HOURS, avatar=other))


async def test_a_new_order_of_the_renderers_stops_it(museum):
    agreement = await museum.agreement(HOURS)
    other = an_avatar(museum.world.folder, renderers=("second", "first"))

    with pytest.raises(PlanError, match=r"would be rendered by `second/m` now, not by `first/m`"):
        held_to(agreement, await museum.plan(HOURS, avatar=other))


async def test_a_clip_that_is_refused_by_now_stops_it(museum):
    agreement = await museum.agreement(HOURS)
    museum.first = FakeRenderer(replace(FACTS, max_duration_s=0.5))
    museum.second = FakeRenderer(replace(FACTS, name="second", max_duration_s=0.5))

    with pytest.raises(PlanError, match="cannot be rendered now"):
        held_to(agreement, await museum.plan(HOURS))


async def test_a_message_names_some_and_counts_the_others(museum):
    intents = [an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(11)]
    agreement = await museum.agreement(*intents)

    with pytest.raises(PlanError) as caught:
        held_to(agreement, await museum.plan(HOURS))

    assert "11 of its 11 clips" in str(caught.value)
    assert "; and 3 more." in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "no JSON"),
        (lambda _: "[]", "another JSON document"),
        (lambda _: '{"has_work": true}', "another JSON document"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version 1 of a plan in plan.json, got 2"),
        (lambda text: text.replace('"intent": "hours"', '"intent": "shop"'), "changed after it was made"),
        (lambda text: text.replace('"currency"', '"money"'), "is not as it was written"),
    ],
    ids=["cut off", "a list", "plan --json", "version", "edited", "renamed"],
)
async def test_a_file_that_is_no_such_plan_is_told(museum, change: Any, words):
    agreement = await museum.agreement(HOURS)

    with pytest.raises(PlanError, match=words):
        read_agreement(change(json.dumps(agreement.document())), "plan.json")
