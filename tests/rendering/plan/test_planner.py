import json
from dataclasses import replace
from decimal import Decimal

import pytest

from app.catalog.model import Intent, Role, Voice
from app.rendering.fakes import FakeRenderer
from app.rendering.plan.clips import CatalogLine, catalog_clips, catalog_lines
from app.rendering.plan.plan_json import plan_document
from app.rendering.plan.planner import PlanAction, make_plan, take_stock
from app.rendering.plan.pricing import ClipLength, PlanRefusal, SpeechRate, quote
from app.rendering.ports import Capabilities
from app.rendering.tariffs import CallKind, Tariff
from app.rendering.work.warm import warm
from app.runtime.commands.warm import part_of
from app.store.labels import Labels
from app.store.recipes import SpeechRecipe
from tests.support.render_world import RenderWorld, a_catalog, an_avatar, an_intent

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
    clips = catalog_clips(catalog, stage.studio().providers(catalog.avatar))
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


def test_the_same_words_in_two_intents_are_one_clip(tmp_path):
    stage = RenderWorld(tmp_path)
    catalog = a_catalog(stage.avatar, HOURS, an_intent("times", "We are  open from ten to six."), SHOP)

    clips = catalog_clips(catalog, stage.studio().providers(stage.avatar))

    assert len(clips) == 3
    assert [line.intent for line in clips[0].lines] == ["hours", "times"]


def test_the_silent_loop_has_no_words(tmp_path):
    assert catalog_lines(a_catalog(an_avatar(tmp_path), IDLE)) == (
        CatalogLine("idle", "en", 0, Role.IDLE, "Idle", None),
    )


async def test_an_empty_store_makes_everything_new(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))

    plan = await a_plan(stage, IDLE, HOURS)

    assert [item.action for item in plan.items] == [PlanAction.NEW, PlanAction.NEW]
    assert plan.items[0].seconds == 5.0
    assert plan.items[0].price == Decimal("0.575")
    assert plan.price == sum(item.price for item in plan.items)
    assert plan.wall_s == plan.seconds * 2.0 / 2


async def test_after_warming_nothing_is_left_to_do(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, IDLE, HOURS, SHOP)

    plan = await a_plan(stage, IDLE, HOURS, SHOP)

    assert plan.todo == ()
    assert plan.unreferenced == ()
    assert plan.items[1].seconds == 2.1
    assert (plan.price, plan.wall_s) == (0, 0.0)


async def test_a_changed_word_names_the_text_and_touches_nothing_else(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, IDLE, HOURS, SHOP)

    plan = await a_plan(stage, IDLE, an_intent("hours", "We are open from nine to six."), SHOP)

    (item,) = plan.todo
    assert item.action is PlanAction.STALE
    assert fields(item) == [("text", "We are open from ten to six.", "We are open from nine to six.")]
    assert plan.unreferenced == ()


async def test_a_changed_voice_leaves_the_silent_loop_alone(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, IDLE, HOURS)

    faster = an_avatar(tmp_path, voice=Voice(speech="fake", speed=1.25))
    plan = await a_plan(stage, IDLE, HOURS, avatar=faster)

    (item,) = plan.todo
    assert fields(item) == [("voice.speed", "1", "1.25")]


async def test_a_changed_portrait_makes_all_of_it_stale(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, IDLE, HOURS)

    plan = await a_plan(stage, IDLE, HOURS, avatar=an_avatar(tmp_path, portrait_digest="0" * 64))

    assert [[change.field for change in item.changes] for item in plan.todo] == [["portrait"], ["portrait"]]


async def test_a_removed_intent_leaves_its_clip_and_voice_unreferenced(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, HOURS, SHOP)

    plan = await a_plan(stage, HOURS)

    assert sorted(leftover.kind for leftover in plan.unreferenced) == ["clip", "clip", "speech", "speech"]


async def test_one_of_two_intents_with_the_same_words_changes(tmp_path):
    stage = RenderWorld(tmp_path)
    times = an_intent("times", "We are open from ten to six.")
    await warmed(stage, HOURS, times)

    plan = await a_plan(stage, HOURS, an_intent("times", "From ten to six."))

    (item,) = plan.todo
    assert (item.action, item.replaces, [change.field for change in item.changes]) == (PlanAction.STALE, None, ["text"])


async def test_generated_clips_are_counted_and_left_alone(tmp_path):
    stage = RenderWorld(tmp_path)
    studio = stage.studio()
    generated = studio.wanted(stage.avatar, text="Yes.", locale="en", labels=Labels.from_json({"generated": True}))
    await studio.clip(generated, avatar=stage.avatar)

    plan = await a_plan(stage, HOURS)

    assert plan.generated == 1
    assert plan.unreferenced == ()


async def test_a_clip_whose_bytes_are_gone_is_wanted_again(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, HOURS)
    (entry,) = [entry async for entry in stage.recipes.scan() if entry.kind == "clip"]
    await stage.blobs.delete(entry.blobs["video"])

    plan = await a_plan(stage, HOURS)

    assert [item.action for item in plan.todo] == [PlanAction.NEW]


async def test_the_document_is_json_and_says_it_all(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))
    await warmed(stage, HOURS, SHOP)

    document = plan_document(await a_plan(stage, an_intent("hours", "Open."), IDLE))

    assert json.loads(json.dumps(document)) == document
    assert document["counts"] == {"new": 1, "stale": 1, "unchanged": 0, "refused": 0, "unreferenced": 4}
    assert document["stale"][0]["changes"] == [{"field": "text", "was": "We are open from ten to six.", "now": "Open."}]
    assert document["has_work"]
    assert document["renderers"][0]["currency"] == "USD"


async def test_the_plan_names_the_starter_pack_of_an_intent(tmp_path):
    hello = an_intent("hello", "Hello.").model_copy(update={"topic": "starters/small-talk"})

    document = plan_document(await a_plan(RenderWorld(tmp_path), hello, HOURS))

    assert {clip["text"]: clip["packs"] for clip in document["new"]} == {
        "Hello.": ["small-talk"],
        HOURS.answer["en"][0]: [],
    }


async def test_ten_thousand_intents_are_planned(tmp_path):
    stage = RenderWorld(tmp_path)
    intents = [an_intent(f"intent-{n}", f"These are the words of intent number {n}.") for n in range(10_000)]

    plan = await a_plan(stage, IDLE, *intents)

    assert len(plan.of(PlanAction.NEW)) == 10_001


async def test_estimates_learn_from_what_is_stored(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, *(an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(5)))

    entries = [entry async for entry in stage.recipes.scan() if entry.kind == "speech"]
    pace = SpeechRate.from_entries(entries)

    fields = {name: entries[0].recipe[name] for name in ("provider", "version", "voice", "locale")}
    six = SpeechRecipe(**fields, speed=1.0, text="Exactly five words, number 7.")
    assert len(entries) == 5
    assert pace.seconds(six) == pytest.approx(1.5, rel=0.05)
    assert pace.seconds(replace(six, speed=2.0)) == 1.0
    assert pace.seconds(replace(six, voice="another")) == SpeechRate().seconds(six)


DEAR = Capabilities(name="dear", models=("m",), price_per_s=Decimal("0.20"), max_duration_s=2.0, min_portrait_px=1)
CHEAP = Capabilities(
    name="cheap", models=("pro", "plain"), model_prices={"pro": Decimal("0.15"), "plain": Decimal("0.05")},
    guessed_prices=frozenset({"plain"}), per_minute=1, concurrency=5,
)  # fmt: skip


async def a_quoted_plan(tmp_path):
    stage = RenderWorld(tmp_path)
    avatar = an_avatar(tmp_path, renderers=("dear", "fake"))
    studio = stage.studio(renderers={"dear": FakeRenderer(DEAR), "fake": FakeRenderer(PRICED)})
    long = an_intent("long", "One two three four five six seven eight nine ten, and so on for a good long while.")
    clips = catalog_clips(a_catalog(avatar, IDLE, an_intent("short", "Hello."), long), studio.providers(avatar))
    known = {"dear": DEAR, "fake": PRICED, "cheap": CHEAP}
    return make_plan(clips, (), capabilities=known)


async def test_each_clip_is_priced_by_the_renderer_that_takes_it(tmp_path):
    plan = await a_quoted_plan(tmp_path)

    idle, short, long = plan.todo
    assert [item.filmed_by.recipe.renderer for item in plan.todo] == ["fake", "dear", "fake"]
    assert (idle.price, short.price) == (5 * PRICED.price_per_s, 1 * DEAR.price_per_s)
    assert plan.prices(long) == {"dear/m": None, "fake/fake": long.price}
    assert {total.renderer: total.clips for total in plan.totals} == {"dear": 1, "fake": 2}
    assert plan.price == sum(item.price for item in plan.todo)


async def test_the_whole_is_priced_for_every_renderer_and_for_cheaper_ones(tmp_path):
    plan = await a_quoted_plan(tmp_path)

    dear, fake = plan.chain
    assert (dear.renderer, dear.clips, dear.unable) == ("dear/m", 1, 2)
    assert (fake.clips, fake.price) == (3, sum(plan.prices(item)["fake/fake"] for item in plan.todo))
    assert [one.renderer for one in plan.cheaper] == ["cheap/pro", "cheap/plain"]
    assert [one.price_known for one in plan.cheaper] == [True, False]
    assert [one.clips for one in plan.cheaper] == [1, 1]
    assert (
        quote([ClipLength(item.wanted, 1.0) for item in plan.todo[1:]], CHEAP, "pro").wall_s == 2 * 60.0
    )  # one a minute
    document = json.loads(json.dumps(plan_document(plan)))
    assert "compared" not in document
    assert document["chain"][0]["price"] == "0.2"
    assert document["new"][2]["prices"]["dear/m"] is None


async def test_every_renderer_is_compared_with_its_tier_and_the_plays_that_pay_for_it(tmp_path):
    plan = await a_quoted_plan(tmp_path)

    document = json.loads(json.dumps(plan_document(plan, compare=True)))

    compared = {one["renderer"]: one for one in document["compared"]}
    assert {"dear/m", "fake/fake", "cheap/pro", "cheap/plain"} <= compared.keys()
    assert [one["price"] for one in document["compared"] if one["clips"] == 2] == sorted(
        one["price"] for one in document["compared"] if one["clips"] == 2
    )
    assert compared["dear/m"]["dear"]
    assert compared["dear/m"]["break_even"] == {"fewest": 2, "most": 5}  # one clip at 0.20
    assert document["live"] == {"minute_usd": ["0.06", "0.2"], "session_s": 45}
    assert document["new"][1]["break_even"] == {"fewest": 2, "most": 5}


async def test_a_part_of_a_plan_costs_what_its_clips_cost(tmp_path):
    plan = await a_quoted_plan(tmp_path)

    part = part_of(plan, ["short"])

    assert (part.price, part.seconds) == (DEAR.price_per_s, 1.0)
    assert [total.clips for total in part.totals] == [1]


LONG = an_intent("saga", "Once there was a clock. " * 20)
"""33 seconds at the usual pace."""


async def test_words_that_no_renderer_takes_are_refused_before_anything_is_priced(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(replace(PRICED, max_duration_s=20.0)))

    plan = await a_plan(stage, HOURS, LONG)

    (refused,) = plan.of(PlanAction.REFUSED)
    assert (refused.wanted.lines[0].intent, refused.price, refused.refusal.code) == ("saga", 0, "limit_exceeded")
    assert "takes up to 20 s, these words last about 38 s" in refused.refusal.message
    assert [item.wanted.lines[0].intent for item in plan.todo] == ["hours"]
    assert plan.price == plan.todo[0].price
    assert plan_document(plan)["refused"][0]["refusal"]["code"] == "limit_exceeded"


async def test_a_portrait_that_cannot_be_used_prices_nothing(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))
    clips = catalog_clips(a_catalog(stage.avatar, HOURS), stage.studio().providers(stage.avatar))

    refusal = PlanRefusal("portrait_unusable", "Expected a face, found none.")
    plan = make_plan(clips, (), capabilities={"fake": PRICED}, refused={"fake/fake": refusal})

    assert (plan.todo, plan.price) == ((), 0)
    assert plan.of(PlanAction.REFUSED)[0].refusal == refusal


async def test_warming_tells_what_nobody_films_and_speaks_none_of_it(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(replace(PRICED, max_duration_s=20.0)))

    summary = await warm(await a_plan(stage, HOURS, LONG), stage.studio(), avatar=stage.avatar)

    assert (summary.clips_done, summary.clips_failed, summary.clips_left) == (1, 1, 0)
    assert [(failure.intent, failure.code) for failure in summary.failures] == [("saga", "limit_exceeded")]
    assert [request.text for request in stage.speech.requests] == ["We are open from ten to six."]


VOICE = Tariff(CallKind.SPEECH, "fake", "m", Decimal(100))


async def a_spoken_plan(stage, *intents: Intent, tariff: Tariff = VOICE):
    clips = catalog_clips(a_catalog(stage.avatar, *intents), stage.studio().providers(stage.avatar))
    entries = await take_stock(stage.recipes, clips)
    return make_plan(clips, entries, capabilities={"fake": PRICED}, tariffs={"fake": tariff})


async def test_a_paid_voice_is_priced_by_its_characters_and_stands_in_the_total(tmp_path):
    plan = await a_spoken_plan(RenderWorld(tmp_path), IDLE, HOURS, SHOP)
    spoken = [text for intent in (HOURS, SHOP) for text in intent.answer["en"]]
    films = sum(item.price for item in plan.todo)

    (voice,) = plan.voices
    assert (voice.texts, voice.characters) == (3, sum(map(len, spoken)))
    assert voice.price == Decimal(voice.characters) / 10_000
    assert plan.price == films + voice.price
    assert plan_document(plan)["price"] == str((films + voice.price).normalize())
    assert plan_document(plan)["voices"] == [
        {
            "voice": "fake", "model": "m", "locales": ["en"], "texts": 3, "characters": voice.characters,
            "price": str(voice.price.normalize()), "currency": "USD", "price_from": "listed", "needs": None,
        }
    ]  # fmt: skip


async def test_speech_that_is_stored_is_not_paid_again(tmp_path):
    stage = RenderWorld(tmp_path)
    await warmed(stage, HOURS)
    stage.avatar = stage.avatar.model_copy(update={"portrait_digest": "1" * 64})

    plan = await a_spoken_plan(stage, HOURS)

    assert [item.action for item in plan.items] == [PlanAction.STALE]
    assert plan.voices == ()


async def test_a_part_of_the_plan_has_the_voices_of_that_part(tmp_path):
    plan = await a_spoken_plan(RenderWorld(tmp_path), HOURS, SHOP)

    (voice,) = part_of(plan, ["hours"]).voices
    assert voice.texts == 1


async def test_an_own_voice_is_in_the_plan_at_no_price(tmp_path):
    own = Tariff(CallKind.SPEECH, "fake", "kokoro", Decimal(0), basis="own")
    plan = await a_spoken_plan(RenderWorld(tmp_path), HOURS, tariff=own)

    (voice,) = plan.voices
    assert (voice.price, plan_document(plan)["voices"][0]["price_from"]) == (0, "own")
