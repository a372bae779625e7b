"""Clips on their way from the store to a visitor: found by variant and locale, forgotten when they are collected."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.conversation.clip_source import StoredClips, StudioClipRequester, playable
from app.digest import Digest
from app.errors import BudgetExceededError, ConsentMissingError
from app.rendering.fakes import FakeRenderer
from app.rendering.plan.clips import catalog_clips
from app.rendering.ports import Capabilities
from tests.support.render_world import RenderWorld, a_catalog, an_intent
from tests.support.stores import an_entry, in_memory, stored


@pytest.fixture
def store(tmp_path):
    return in_memory(tmp_path)


class Clock:
    """Seconds, as told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def clips_of(store, keys, *, clock=None):
    return StoredClips(store.recipes, "en", "https://clips.example", keys, clock or Clock())


async def an_answer(store, name: str, text: str) -> tuple[tuple[Digest, ...], str]:
    entry = await stored(store, name)
    return (entry.key,), text


def test_a_stored_clip_becomes_something_to_play(store):
    entry = an_entry("hello", {"video": Digest("a" * 64), "poster": Digest("b" * 64)})
    face = {"x": 0.3, "y": 0.2, "width": 0.4, "height": 0.5}
    captions = [{"start_s": 0.0, "end_s": 1.0, "text": "Hi"}]
    entry = replace(entry, media={"duration_s": 2.5, "captions": captions, "face": face})

    clip = playable(entry, text="Hi there.", base_url="https://clips.example")

    assert clip.url == f"https://clips.example/clips/{'a' * 64}.mp4"
    assert clip.poster == f"https://clips.example/clips/{'b' * 64}.jpg"
    assert (clip.duration_s, clip.media_type, clip.text) == (2.5, "video/mp4", "Hi there.")
    assert [caption.text for caption in clip.captions] == ["Hi"]
    assert clip.face.document() == face


async def test_an_entry_that_is_looked_up_is_told_of_once(store):
    seen = []
    keys = {("hours", "en"): [await an_answer(store, "one", "One.")]}
    clips = replace(clips_of(store, keys), looked_up=seen.append)

    await clips.for_intent("hours", locale="en", variant=0)
    await clips.for_intent("hours", locale="en", variant=0)

    assert [entry.labels.intent for entry in seen] == ["one"]


async def test_variants_are_counted_round(store):
    keys = {("hours", "en"): [await an_answer(store, "one", "One."), await an_answer(store, "two", "Two.")]}
    clips = clips_of(store, keys)

    texts = [(await clips.for_intent("hours", locale="en", variant=number)).text for number in range(3)]

    assert texts == ["One.", "Two.", "One."]


async def test_another_variant_plays_while_one_is_not_filmed(store):
    one, two, three = [await an_answer(store, "one", "One."), ((Digest("e" * 64),), "Two."), ((Digest("f" * 64),), "")]
    clips = clips_of(store, {("hours", "en"): [one, two, three]})

    texts = [(await clips.for_intent("hours", locale="en", variant=number)).text for number in range(3)]

    assert texts == ["One.", "One.", "One."]


async def test_to_count_what_is_filmed_counts_each_variant_and_misses_none(store):
    keys = {("hours", "en"): [await an_answer(store, "one", "One."), ((Digest("e" * 64),), "Two.")]}
    missed: list[object] = []
    clips = replace(clips_of(store, keys), missed=missed.append)

    stored = [await clips.is_stored("hours", locale="en", variant=number) for number in range(2)]

    assert stored == [True, False]
    assert not await clips.is_stored("dogs", locale="en", variant=0)
    assert missed == []


async def test_a_locale_that_is_not_filmed_falls_back_to_the_default(store):
    clips = clips_of(store, {("hours", "en"): [await an_answer(store, "one", "One.")]})

    assert (await clips.for_intent("hours", locale="de", variant=0)).text == "One."
    assert await clips.for_intent("dogs", locale="en", variant=0) is None


async def test_the_second_renderers_clip_serves_where_the_first_has_none(store):
    (key,), text = await an_answer(store, "one", "One.")
    clips = clips_of(store, {("hours", "en"): [((Digest("f" * 64), key), text)]})

    assert (await clips.for_intent("hours", locale="en", variant=0)).text == "One."


async def test_a_clip_that_comes_later_is_found(store):
    entry = an_entry("late", {})
    clips = clips_of(store, {("hours", "en"): [((entry.key,), "Late.")]})
    before = await clips.for_intent("hours", locale="en", variant=0)

    await stored(store, "late")

    assert before is None
    assert (await clips.for_intent("hours", locale="en", variant=0)).text == "Late."


async def test_a_clip_that_was_collected_is_not_offered_any_more(store):
    clock = Clock()
    keys = {("hours", "en"): [await an_answer(store, "one", "One.")]}
    clips = clips_of(store, keys, clock=clock)
    found = await clips.for_intent("hours", locale="en", variant=0)

    await store.blobs.delete(Digest(found.digest))
    clock.now += clips.trusted_s + 0.1

    assert await clips.for_intent("hours", locale="en", variant=0) is None


async def test_a_clip_is_not_looked_for_at_every_question(store):
    keys = {("hours", "en"): [await an_answer(store, "one", "One.")]}
    clips = clips_of(store, keys)
    first = await clips.for_intent("hours", locale="en", variant=0)

    await store.blobs.delete(Digest(first.digest))

    assert await clips.for_intent("hours", locale="en", variant=0) is first


async def test_the_clips_of_a_catalog_are_those_of_its_lines(tmp_path):
    stage = RenderWorld(tmp_path)
    studio = stage.studio()
    catalog = a_catalog(stage.avatar, an_intent("hours", "We open at ten.", "From ten on."))
    clips = StoredClips.of(catalog_clips(catalog, studio.providers(stage.avatar)), studio.recipes, default_locale="en")
    before = await clips.for_intent("hours", locale="en", variant=1)

    film = StudioClipRequester(studio, stage.avatar)
    made = await film.film("From ten on.", locale="en")

    assert before is None
    assert (await clips.for_intent("hours", locale="en", variant=1)).digest == made.digest


async def test_a_session_without_money_left_gets_no_film(tmp_path):
    paid = Capabilities(name="fake", models=("fake",), price_per_s=Decimal("0.10"), min_portrait_px=1)
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(paid))
    film = StudioClipRequester(stage.studio(), stage.avatar, session_limit=Decimal("0.01"))

    with pytest.raises(BudgetExceededError, match="session"):
        await film.film("Something new and rather long.", locale="en", session="s1")


async def test_a_clip_is_shown_only_while_and_where_the_consent_covers_it(store):
    keys = {
        ("hours", "en"): [await an_answer(store, "one", "One.")],
        ("hours", "de"): [await an_answer(store, "eins", "Eins.")],
    }
    allowed = {"en"}
    asked: list[object] = []
    clips = replace(clips_of(store, keys), may_show=lambda locale: locale in allowed, missed=asked.append)

    shown = [await clips.for_intent("hours", locale=locale, variant=0) for locale in ("en", "de", "fr")]
    allowed.clear()

    assert [clip and clip.text for clip in shown] == ["One.", None, "One."]
    assert await clips.for_intent("hours", locale="en", variant=0) is None
    assert asked == []


async def test_no_clip_is_made_or_shown_beyond_the_consent(tmp_path):
    stage = RenderWorld(tmp_path)
    film = StudioClipRequester(stage.studio(), stage.avatar, may_show=lambda locale: locale == "en")

    with pytest.raises(ConsentMissingError, match="does not cover 'de' today"):
        await film.film("Hallo.", locale="de")

    assert stage.renderer.busiest == 0
