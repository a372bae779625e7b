"""Stand-ins of stale clips: the clip of before, the words, or nothing, as the authors chose."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest

from app.catalog.model import Role, Voice
from app.conversation.clip_source import StoredClips, StudioClipRequester
from app.conversation.script import DayScripts
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.meanwhile import until_rendered
from app.rendering.plan.planner import PlanAction, make_plan, take_stock
from app.runtime.commands.forecast.recorded import stale_intents
from app.runtime.serving.stand_ins import StandIns
from tests.support.render_world import RenderWorld, a_catalog, an_intent

OLD, NEW = "We open at ten.", "We open at nine."
TODAY = date(2026, 11, 30)


@dataclass
class World:
    """Clips of an old catalog in a store, and a node that serves a new one."""

    stage: RenderWorld
    changes: dict = field(default_factory=dict)
    secret: set = field(default_factory=set)

    async def was_public(self):
        return lambda key: key not in self.secret

    def catalog(self, text, *, greeting="Hello.", **of_intent: object):
        hours = an_intent("hours", text).model_copy(update=of_intent)
        avatar = self.stage.avatar.model_copy(update=self.changes)
        return a_catalog(avatar, hours, an_intent("dogs", "Woof."), an_intent("hi", greeting, role=Role.GREETING))

    async def render(self, catalog):
        studio = self.stage.studio()
        wanted = catalog_clips(catalog, studio.providers(catalog.avatar))
        for clip in wanted:
            await studio.clip(clip, avatar=catalog.avatar)

    def wanted(self, catalog):
        return catalog_clips(catalog, self.stage.studio().providers(catalog.avatar))

    async def node(self, catalog, run=None):
        studio = self.stage.studio()
        stand_ins = StandIns(
            catalog=catalog,
            wanted=self.wanted(catalog),
            recipes=studio.recipes,
            capabilities={"fake": self.stage.renderer.capabilities},
            was_public=self.was_public,
            run=run,
        )
        clips = StoredClips.of(self.wanted(catalog), studio.recipes, default_locale="en", kept=stand_ins.kept)
        await stand_ins.load()
        return clips, stand_ins

    async def plan(self, catalog):
        stock = await take_stock(self.stage.studio().recipes, self.wanted(catalog))
        return make_plan(self.wanted(catalog), stock, capabilities={"fake": self.stage.renderer.capabilities})


@pytest.fixture
async def world(tmp_path):
    made = World(RenderWorld(tmp_path))
    await made.render(made.catalog(OLD))
    return made


async def said(clips, intent="hours"):
    clip = await clips.for_intent(intent, locale="en", variant=0)
    return clip.text if clip else None


async def test_words_that_nobody_published_are_never_kept(world):
    """A draft that is filmed ahead, or an edit that was refused, is the newest clip of the intent."""
    draft = world.catalog("SECRET: we close for good in May.")
    await world.render(draft)
    world.secret |= {key for clip in world.wanted(draft) if clip.labels.intent == "hours" for key in clip.keys}

    clips, _ = await world.node(world.catalog(NEW, meanwhile="keep"))

    assert await said(clips) == OLD


async def test_unless_somebody_chooses_a_stale_answer_is_words(world):
    clips, stand_ins = await world.node(world.catalog(NEW))

    assert await said(clips) is None
    assert stand_ins.pulled() == frozenset()
    assert await said(clips, "dogs") == "Woof.", "what did not change plays as ever"


@pytest.mark.parametrize("wish", ["text", "pull"])
async def test_an_old_clip_that_says_the_same_plays_on_whatever_was_chosen(world, wish):
    """After an upgrade a renderer draws in another way: no visitor reads words for that."""
    world.stage.renderer.version = "drawn-anew"
    catalog = world.catalog(OLD)
    clips, stand_ins = await world.node(catalog, wish)
    (first, *_) = (await world.plan(catalog)).of(PlanAction.STALE)

    assert {change.field for change in first.changes} == {"renderer_version"}
    assert await said(clips) == OLD
    assert stand_ins.pulled() == frozenset()
    assert until_rendered(first, catalog, wish) == "keep"
    (told, *_) = stale_intents(await world.plan(catalog), catalog, {}, wish)
    assert (told.wish, told.meanwhile) == (wish, "keep")
    assert told.choices[wish] == "0 plays see the clip of before, which says the same words."


async def test_a_site_that_wants_words_serves_before_the_store_is_compared(world):
    world.stage.renderer.version = "drawn-anew"
    catalog = world.catalog(OLD)
    stand_ins = (await world.node(catalog))[1]
    later = replace(stand_ins, kept={})

    assert later.can_wait
    await later.watch(asyncio.sleep)

    assert set(later.kept) == {("hours", "en"), ("dogs", "en"), ("hi", "en")}
    assert not replace(later, run="pull").can_wait


async def test_the_store_is_not_read_where_nothing_is_drawn_anew_and_nobody_asks(world):
    stand_ins = (await world.node(world.catalog(OLD)))[1]

    def read(*_: object) -> None:
        raise AssertionError("the whole store was read")

    stand_ins.recipes.scan = read
    await stand_ins.load()

    assert stand_ins.kept == {}


@pytest.mark.parametrize("by", ["the run", "the intent", "the catalog"])
async def test_kept_the_old_clip_says_its_own_words_until_the_new_one_is_there(world, by):
    catalog = world.catalog(NEW, **({"meanwhile": "keep"} if by == "the intent" else {}))
    catalog = catalog.model_copy(update={"meanwhile": "keep"}) if by == "the catalog" else catalog
    clips, _ = await world.node(catalog, "keep" if by == "the run" else None)

    assert await said(clips) == OLD
    assert not await clips.is_stored("hours", locale="en", variant=0), "it is still to be rendered"
    await world.render(catalog)

    assert await said(clips) == NEW


async def test_an_intents_own_choice_is_stronger_than_the_runs(world):
    clips, stand_ins = await world.node(world.catalog(NEW, meanwhile="text"), "keep")
    pulled = (await world.node(world.catalog(NEW, meanwhile="pull"), "keep"))[1]

    assert await said(clips) is None
    assert stand_ins.pulled() == frozenset()
    assert pulled.pulled() == {"hours"}


@pytest.mark.parametrize(
    "changes", [{"voice": Voice(speech="fake", id="another")}, {"portrait_digest": "e" * 64}], ids=["voice", "face"]
)
async def test_another_face_or_voice_is_never_kept_because_it_may_have_been_taken_back(world, changes):
    world.changes = changes
    catalog = world.catalog(NEW)
    clips, _ = await world.node(catalog, "keep")
    (one, *_) = stale_intents(await world.plan(catalog), catalog, {}, "keep")

    assert await said(clips) is None
    assert await said(clips, "dogs") is None
    assert (one.wish, one.meanwhile, one.kept) == ("keep", "text", 0)
    assert "not possible" in one.choices["keep"]


async def test_where_its_sound_is_gone_nobody_knows_the_voice_and_words_come(world):
    recipes = world.stage.recipes
    for entry in [one async for one in recipes.scan() if one.kind == "speech"]:
        await recipes.delete(entry.key)

    clips, _ = await world.node(world.catalog(NEW), "keep")

    assert await said(clips) is None


async def test_pulled_an_intent_is_as_if_it_were_not_there_until_its_clip_is(world):
    catalog = world.catalog(NEW, greeting="Hi there.")
    clips, stand_ins = await world.node(catalog, "pull")
    scripts = DayScripts(catalog, lambda: TODAY, stand_ins.pulled)
    before = scripts()

    slept: list[float] = []

    async def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 2:
            await world.render(catalog)

    await stand_ins.watch(sleep)

    assert before.intent("hours") is None
    assert before.intent("dogs") is not None
    assert before.first(Role.GREETING) == "hi", "a talk keeps its greeting, as words"
    assert len(slept) == 2
    assert scripts().intent("hours") is not None
    assert await said(clips) == NEW


async def test_an_intent_is_back_as_soon_as_one_of_its_wordings_is_rendered(world):
    two = an_intent("hours", NEW, "From nine on.").model_copy(update={"meanwhile": "pull"})
    catalog = a_catalog(world.stage.avatar, two)
    _, stand_ins = await world.node(catalog)
    studio = world.stage.studio()

    assert stand_ins.pulled() == {"hours"}
    await StudioClipRequester(studio, catalog.avatar).film("From nine on.", locale="en")
    await stand_ins.look()

    assert stand_ins.pulled() == frozenset()


async def test_what_was_never_rendered_is_no_stale_clip(world):
    catalog = a_catalog(
        world.stage.avatar, an_intent("lift", "Behind the desk.").model_copy(update={"meanwhile": "pull"})
    )

    clips, stand_ins = await world.node(catalog)

    assert stand_ins.pulled() == frozenset()
    assert await said(clips, "lift") is None


async def test_the_forecast_says_what_each_choice_means_for_how_many_plays(world):
    renderer = world.stage.renderer
    renderer.capabilities = replace(renderer.capabilities, price_per_s=Decimal("0.10"))
    catalog = world.catalog(NEW)
    plan = await world.plan(catalog)
    (one,) = stale_intents(plan, catalog, {("hours", "en"): 12}, "keep")

    assert (one.intent, one.plays, one.clips, one.kept, one.wish, one.meanwhile) == ("hours", 12, 1, 1, "keep", "keep")
    assert one.price == plan.price > Decimal(0)
    assert (one.was, one.now) == (OLD, NEW)
    assert one.choices["keep"] == f"12 plays see the clip of before and hear the old words, “{OLD}”."
    assert one.choices["text"].startswith("12 plays get the new words to read")
    assert one.choices["pull"].startswith("12 plays get nothing of it")
