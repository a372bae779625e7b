"""The order in which clips are rendered, and what a budget that ends early has bought."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.catalog.model import Catalog, Intent, Role
from app.rendering.plan.clips import catalog_clips, catalog_lines, group_lines
from app.rendering.plan.planner import make_plan
from app.rendering.work.warm_order import Asked, in_order, opens_talk
from tests.support.render_world import RenderWorld, a_catalog, an_intent


def an_answer(name: str, *variants: str, chips: Sequence[str] = (), **more: Any) -> Intent:
    intent = an_intent(name, *(variants or (f"Words of {name}.",)), **more)
    return intent.model_copy(update={"next": tuple(chips)})


GREETING = an_answer("hello", chips=["tickets", "hours"], role=Role.GREETING)
IDLE = an_intent("idle", role=Role.IDLE)
ROLES = [
    an_answer("bye", role=Role.FAREWELL),
    an_answer("sorry", role=Role.APOLOGY),
    an_answer("moment", "One moment.", "I look it up.", role=Role.HOLDING),
    an_answer("please-wait", role=Role.HOLDING),
    GREETING,
    IDLE,
]
ANSWERS = [
    an_answer("cafe"),
    an_answer("dogs"),
    an_answer("hours", "From ten on.", "At ten.", chips=["parking"]),
    an_answer("parking"),
    an_answer("tickets", chips=["hours", "dogs"]),
]


def the_plan(tmp_path, catalog: Catalog):
    world = RenderWorld(tmp_path)
    clips = catalog_clips(catalog, world.studio().providers(world.avatar))
    return make_plan(clips, (), capabilities={"fake": world.renderer.capabilities})


def ordered(tmp_path, *intents: Intent, asked: Asked | None = None) -> list[str]:
    catalog = a_catalog(RenderWorld(tmp_path).avatar, *intents)
    plan = in_order(the_plan(tmp_path, catalog), catalog, asked or {})
    return [f"{line.intent}.{line.locale}.{line.variant}" for item in plan.todo for line in item.wanted.lines[:1]]


def test_the_first_talk_comes_first_then_the_chips_then_the_rest(tmp_path):
    assert ordered(tmp_path, *ROLES, *ANSWERS) == [
        "idle.en.0", "hello.en.0", "moment.en.0",  # a talk can begin
        "tickets.en.0", "hours.en.0",  # the greeting's chips
        "please-wait.en.0", "sorry.en.0", "bye.en.0",
        "dogs.en.0", "parking.en.0",  # chips of the chips
        "cafe.en.0",  # no chip leads there
        "moment.en.1", "hours.en.1",
    ]  # fmt: skip


def test_what_is_asked_most_comes_before_the_chips(tmp_path):
    asked = {("cafe", "en"): 3, ("hours", "en"): 9, ("gone", "en"): 99}

    assert ordered(tmp_path, *ROLES, *ANSWERS, asked=asked) == [
        "idle.en.0", "hello.en.0", "moment.en.0",
        "please-wait.en.0", "sorry.en.0",  # every talk may play them
        "hours.en.0", "cafe.en.0",
        "tickets.en.0",
        "bye.en.0",
        "dogs.en.0", "parking.en.0",
        "moment.en.1", "hours.en.1",  # other wordings of what is asked
    ]  # fmt: skip


def test_another_locale_comes_when_it_is_asked_for(tmp_path):
    hours = an_answer("hours").model_copy(update={"answer": {"en": ("From ten on.",), "de": ("Ab zehn.",)}})
    hello = GREETING.model_copy(update={"answer": {"en": ("Welcome.",), "de": ("Willkommen.",)}, "next": ()})
    intents = [IDLE, hello, an_answer("dogs"), hours]

    unasked = ordered(tmp_path, *intents)
    asked = ordered(tmp_path, *intents, asked={("hours", "de"): 5, ("dogs", "de"): 2})

    assert unasked == ["idle.en.0", "hello.en.0", "dogs.en.0", "hours.en.0", "hello.de.0", "hours.de.0"]
    # Dogs have no German answer: the default one plays, and counts.
    assert asked == ["idle.en.0", "hello.en.0", "hello.de.0", "hours.de.0", "dogs.en.0", "hours.en.0"]


def test_a_clip_of_several_lines_comes_as_early_as_the_first_of_them(tmp_path):
    same = [an_answer("aardvarks", "Ask at the desk."), an_answer("tickets", "Ask at the desk.")]

    assert ordered(tmp_path, GREETING, an_answer("bees"), *same) == ["hello.en.0", "aardvarks.en.0", "bees.en.0"]


def test_pieces_of_a_long_answer_stay_before_their_whole(tmp_path):
    world = RenderWorld(tmp_path)
    catalog = a_catalog(world.avatar, an_answer("cafe"), an_answer("tour", "One. Two."))
    *others, tour = catalog_lines(catalog)
    pieces = ("One.", "Two.")
    lines = [replace(tour, text=text, part=number) for number, text in enumerate(pieces, 1)]
    clips = group_lines(
        [*others, *lines, replace(tour, pieces=pieces)], world.avatar, world.studio().providers(world.avatar)
    )

    plan = make_plan(clips, (), capabilities={"fake": world.renderer.capabilities})
    made = in_order(plan, catalog, {("tour", "en"): 4})

    assert [item.wanted.text for item in made.items] == ["One.", "Two.", "One. Two.", "Words of cafe."]


def test_the_same_input_gives_the_same_order(tmp_path):
    asked = {(intent.id, "en"): 2 for intent in ANSWERS}
    shuffled = list(asked.items())
    random.Random(45).shuffle(shuffled)

    assert ordered(tmp_path, *ROLES, *ANSWERS, asked=asked) == ordered(tmp_path, *ROLES, *ANSWERS, asked=dict(shuffled))


def test_a_talk_opens_with_the_idle_loop_and_the_greeting(tmp_path):
    catalog = a_catalog(RenderWorld(tmp_path).avatar, *ROLES, *ANSWERS)

    assert [line.intent for line in catalog_lines(catalog) if opens_talk(line, catalog)] == ["idle", "hello"]
