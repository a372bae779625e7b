import json
import time
from decimal import Decimal

from app.catalog.model import Intent, Role, Voice
from app.rendering.estimate import Pace
from app.rendering.fakes import FakeRenderer
from app.rendering.lines import Line, catalog_clips, catalog_lines, spoken_locale
from app.rendering.plan_document import plan_document
from app.rendering.planner import Action, make_plan, take_stock
from app.rendering.ports import Capabilities
from app.rendering.warm import warm
from tests.support.stages import Stage, a_catalog, an_avatar, an_intent

PRICED = Capabilities(
    name="fake",
    models=("fake",),
    price_per_s=Decimal("0.115"),
    seconds_per_second=2.0,
    concurrency=4,
    poll_every_s=0.01,
    min_portrait_px=1,
    silent_idle=True,
)
IDLE = an_intent("idle", role=Role.IDLE)
HOURS = an_intent("hours", "We are open from ten to six.")
SHOP = an_intent("shop", "The shop is beside the entrance.", "You find the shop beside the entrance.")


async def a_plan(stage, *intents: Intent, avatar=None):
    catalog = a_catalog(avatar or stage.avatar, *intents)
    clips = catalog_clips(catalog, stage.studio().cast(catalog.avatar))
    entries = await take_stock(stage.recipes, clips)
    return make_plan(clips, entries, capabilities={"fake": stage.renderer.capabilities})


async def warmed(stage, *intents: Intent):
    await warm(await a_plan(stage, *intents), stage.studio(), avatar=stage.avatar)


def fields(item):
    return [(change.field, change.was, change.now) for change in item.changes]


def test_what_a_visitor_meets_first_comes_first(tmp_path):
    order = ["answer", "farewell", "unclear", "apology", "holding", "greeting", "idle"]
    intents = [an_intent(role, f"Words for {role}.", role=Role(role)) for role in order]

    lines = catalog_lines(a_catalog(an_avatar(tmp_path), *intents, an_intent("last", "Words.")))

    assert [line.intent for line in lines] == [
        "idle", "greeting", "holding", "apology", "unclear", "farewell", "answer", "last",
    ]  # fmt: skip


def test_every_locale_and_variant_is_a_line(tmp_path):
    german = SHOP.model_copy(update={"answer": {**SHOP.answer, "de": ("Neben dem Eingang.",)}})

    lines = catalog_lines(a_catalog(an_avatar(tmp_path), german))

    assert [line.address for line in lines] == [("shop", "en", 0), ("shop", "en", 1), ("shop", "de", 0)]
    assert spoken_locale(german, "de", "en") == "de"
    assert spoken_locale(SHOP, "de", "en") == "en"


def test_the_same_words_in_two_intents_are_one_clip(tmp_path):
    stage = Stage(tmp_path)
    catalog = a_catalog(stage.avatar, HOURS, an_intent("times", "We are  open from ten to six."), SHOP)

    clips = catalog_clips(catalog, stage.studio().cast(stage.avatar))

    assert len(clips) == 3
    assert [line.intent for line in clips[0].lines] == ["hours", "times"]


def test_the_silent_loop_has_no_words(tmp_path):
    assert catalog_lines(a_catalog(an_avatar(tmp_path), IDLE)) == (Line("idle", "en", 0, Role.IDLE, "Idle", None),)


async def test_an_empty_store_makes_everything_new(tmp_path):
    stage = Stage(tmp_path, renderer=FakeRenderer(PRICED))

    plan = await a_plan(stage, IDLE, HOURS)

    assert [item.action for item in plan.items] == [Action.NEW, Action.NEW]
    assert plan.items[0].seconds == 5.0
    assert plan.items[0].price == Decimal("0.575")
    assert plan.price == sum(item.price for item in plan.items)
    assert plan.wall_s == plan.seconds * 2.0 / 2


async def test_after_warming_nothing_is_left_to_do(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, IDLE, HOURS, SHOP)

    plan = await a_plan(stage, IDLE, HOURS, SHOP)

    assert plan.todo == ()
    assert plan.unreferenced == ()
    assert plan.items[1].seconds == 2.1
    assert (plan.price, plan.wall_s) == (0, 0.0)


async def test_a_changed_word_names_the_text_and_touches_nothing_else(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, IDLE, HOURS, SHOP)

    plan = await a_plan(stage, IDLE, an_intent("hours", "We are open from nine to six."), SHOP)

    (item,) = plan.todo
    assert item.action is Action.STALE
    assert fields(item) == [("text", "We are open from ten to six.", "We are open from nine to six.")]
    assert plan.unreferenced == ()


async def test_a_changed_voice_leaves_the_silent_loop_alone(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, IDLE, HOURS)

    faster = an_avatar(tmp_path, voice=Voice(speech="fake", speed=1.25))
    plan = await a_plan(stage, IDLE, HOURS, avatar=faster)

    (item,) = plan.todo
    assert fields(item) == [("voice.speed", "1", "1.25")]


async def test_a_changed_portrait_makes_all_of_it_stale(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, IDLE, HOURS)

    plan = await a_plan(stage, IDLE, HOURS, avatar=an_avatar(tmp_path, portrait_digest="0" * 64))

    assert [[change.field for change in item.changes] for item in plan.todo] == [["portrait"], ["portrait"]]


async def test_a_removed_intent_leaves_its_clip_and_voice_unreferenced(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, HOURS, SHOP)

    plan = await a_plan(stage, HOURS)

    assert sorted(leftover.kind for leftover in plan.unreferenced) == ["clip", "clip", "speech", "speech"]


async def test_one_of_two_intents_with_the_same_words_changes(tmp_path):
    stage = Stage(tmp_path)
    times = an_intent("times", "We are open from ten to six.")
    await warmed(stage, HOURS, times)

    plan = await a_plan(stage, HOURS, an_intent("times", "From ten to six."))

    (item,) = plan.todo
    assert (item.action, item.replaces, [change.field for change in item.changes]) == (Action.STALE, None, ["text"])


async def test_generated_clips_are_counted_and_left_alone(tmp_path):
    stage = Stage(tmp_path)
    studio = stage.studio()
    generated = studio.wanted(stage.avatar, text="Yes.", locale="en", labels={"generated": True})
    await studio.clip(generated, avatar=stage.avatar)

    plan = await a_plan(stage, HOURS)

    assert plan.generated == 1
    assert plan.unreferenced == ()


async def test_a_clip_whose_bytes_are_gone_is_wanted_again(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, HOURS)
    (entry,) = [entry async for entry in stage.recipes.scan() if entry.kind == "clip"]
    await stage.blobs.delete(entry.blobs["video"])

    plan = await a_plan(stage, HOURS)

    assert [item.action for item in plan.todo] == [Action.NEW]


async def test_the_document_is_json_and_says_it_all(tmp_path):
    stage = Stage(tmp_path, renderer=FakeRenderer(PRICED))
    await warmed(stage, HOURS, SHOP)

    document = plan_document(await a_plan(stage, an_intent("hours", "Open."), IDLE))

    assert json.loads(json.dumps(document)) == document
    assert document["counts"] == {"new": 1, "stale": 1, "unchanged": 0, "unreferenced": 4}
    assert document["stale"][0]["changes"] == [{"field": "text", "was": "We are open from ten to six.", "now": "Open."}]
    assert document["has_work"]
    assert document["renderers"][0]["currency"] == "USD"


async def test_ten_thousand_intents_are_planned_in_seconds(tmp_path):
    stage = Stage(tmp_path)
    intents = [an_intent(f"intent-{n}", f"These are the words of intent number {n}.") for n in range(10_000)]
    began = time.perf_counter()

    plan = await a_plan(stage, IDLE, *intents)

    assert len(plan.of(Action.NEW)) == 10_001
    assert time.perf_counter() - began < 20


async def test_estimates_learn_from_what_is_stored(tmp_path):
    stage = Stage(tmp_path)
    await warmed(stage, *(an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(5)))

    pace = Pace.from_entries([entry async for entry in stage.recipes.scan() if entry.kind == "clip"])

    assert pace.chars_per_s == len("Exactly five words, number 1.") / 1.5
