from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.catalog.model import Intent
from app.conversation.clip_source import StoredClips
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.plan.clips import catalog_clips, pieces_of
from app.rendering.plan.planner import PlanAction, make_plan, take_stock
from app.rendering.work.warm import warm
from app.text import estimate_seconds
from tests.support.render_world import RenderWorld, a_catalog, an_intent

SENTENCES = tuple(f"This is sentence number {number} of a long story." for number in range(1, 9))
STORY = " ".join(SENTENCES)
"""About 23 seconds."""

BRIEF = replace(
    FakeRenderer().capabilities, price_per_s=Decimal("0.1"), max_duration_s=10.0, min_portrait_px=1, silent_idle=True
)


def saga(**changes: Any):
    return an_intent("saga", STORY).model_copy(update={"split": True, **changes})


def a_stage(tmp_path, **script: int):
    return RenderWorld(tmp_path, renderer=FakeRenderer(BRIEF, script=RendererBehaviour(**script)))


async def planned(stage, *intents: Intent):
    clips = catalog_clips(a_catalog(stage.avatar, *intents), stage.studio().providers(stage.avatar))
    return make_plan(clips, await take_stock(stage.recipes, clips), capabilities={"fake": BRIEF})


def test_pieces_hold_every_word_once_and_fit():
    pieces = pieces_of(STORY, longest_s=10.0, speed=1.0)

    assert " ".join(pieces) == STORY
    assert len(pieces) == 4
    assert all(estimate_seconds(piece) <= 8.5 for piece in pieces)


def test_what_fits_stays_whole_and_a_sentence_that_does_not_is_never_cut():
    assert pieces_of(STORY, longest_s=30.0, speed=1.0) == (STORY,)
    assert pieces_of("word " * 100 + ".", longest_s=10.0, speed=1.0) == ()


async def test_a_long_answer_is_priced_by_its_pieces(tmp_path):
    plan = await planned(a_stage(tmp_path), saga())

    assert [bool(item.wanted.parts) for item in plan.todo] == [False] * 4 + [True]
    assert plan.todo[-1].price == 0
    assert plan.price == sum(item.price for item in plan.todo[:-1])
    assert plan.totals[0].clips == 4


async def test_without_the_authors_word_it_is_refused(tmp_path):
    plan = await planned(a_stage(tmp_path), saga(split=False))

    assert plan.todo == ()
    assert "split: true" in plan.of(PlanAction.REFUSED)[0].refusal.message


async def test_the_pieces_are_filmed_once_and_joined_to_the_clip_that_is_played(tmp_path):
    stage = a_stage(tmp_path)

    summary = await warm(await planned(stage, saga()), stage.studio(), avatar=stage.avatar, concurrency=2)
    again = await planned(stage, saga())

    assert summary.complete
    assert len(stage.renderer.bill) == 4
    assert (again.todo, again.unreferenced) == ((), ())
    played = await _played(stage)
    assert played.duration_s == pytest.approx(sum(0.3 * len(sentence.split()) for sentence in SENTENCES), abs=0.01)
    assert " ".join(caption.text.replace("\n", " ") for caption in played.captions) == STORY
    starts = [caption.start_s for caption in played.captions]
    assert starts == sorted(starts)


async def test_a_piece_that_fails_leaves_the_others_paid_once(tmp_path):
    stage = a_stage(tmp_path, fail_times=1)

    first = await warm(await planned(stage, saga()), stage.studio(), avatar=stage.avatar)
    second = await warm(await planned(stage, saga()), stage.studio(), avatar=stage.avatar)

    assert first.clips_failed >= 1
    assert second.complete
    assert len(stage.renderer.bill) == 5


async def test_another_ending_films_only_the_piece_that_changed(tmp_path):
    stage = a_stage(tmp_path)
    await warm(await planned(stage, saga()), stage.studio(), avatar=stage.avatar)

    changed = STORY.replace("number 8", "number nine")
    plan = await planned(stage, saga(answer={"en": (changed,)}))

    assert [(item.action, bool(item.wanted.parts)) for item in plan.todo] == [
        (PlanAction.NEW, False),
        (PlanAction.STALE, True),
    ]


async def _played(stage):
    clips = catalog_clips(a_catalog(stage.avatar, saga()), stage.studio().providers(stage.avatar))
    stored = StoredClips.of(clips, stage.recipes, default_locale="en")
    return await stored.for_intent("saga", locale="en", variant=0)
