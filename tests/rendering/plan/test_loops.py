"""Loops beside the first idle one: planned where they cost nothing, else on request; no other key changes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.adapters.catalog_files.loader import content_digest
from app.catalog.findings import Level, SourceLines
from app.catalog.model import Catalog, Role
from app.catalog.picture import Video
from app.rendering.fakes import FakeRenderer
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.loops import LOOPS, Motion
from app.rendering.plan.planner import make_plan
from app.rendering.ports import Capabilities
from app.runtime.commands.provider_findings import provider_findings
from tests.support.render_world import RenderWorld, a_catalog, an_avatar, an_intent

FREE = Capabilities(name="fake", models=("fake",), poll_every_s=0.01, min_portrait_px=1, silent_idle=True)
MOVED = replace(FREE, motions=tuple(Motion))
PAID = replace(MOVED, price_per_s=Decimal("0.1"))
IDLE = an_intent("idle", role=Role.IDLE)
HOURS = an_intent("hours", "We are open from ten to six.")


def providers_of(folder):
    stage = RenderWorld(folder, renderer=FakeRenderer(FREE))
    return stage.studio().providers(an_avatar(folder))


def clips_of(folder, facts, loops="free"):
    stage = RenderWorld(folder, renderer=FakeRenderer(facts))
    who = an_avatar(folder, loops=loops)
    return catalog_clips(a_catalog(who, IDLE, HOURS), stage.studio().providers(who))


def test_a_free_renderer_films_listening_thinking_and_three_idle_loops(tmp_path):
    clips = clips_of(tmp_path, MOVED)

    motions = [clip.recipe.parameters.get("motion") for clip in clips if clip.speech is None]
    assert motions == [None, "listening", "thinking", "idle", "idle", "idle"]
    assert [clip.lines[0].address for clip in clips if clip.speech is None] == [("idle", "en", n) for n in range(6)]
    assert len({clip.key for clip in clips}) == 7


def test_one_round_of_idle_loops_shows_nothing_twice_within_30_seconds(tmp_path):
    idles = [clip.recipe for clip in clips_of(tmp_path, MOVED) if clip.speech is None]

    round_s = sum(recipe.idle_s or 0 for recipe in idles if recipe.parameters.get("motion", "idle") == "idle")
    assert round_s >= 30
    assert sum(recipe.parameters.get("motion", "idle") == "idle" for recipe in idles) >= 3


@pytest.mark.parametrize(("facts", "loops", "films"), [
    (FREE, "all", 0), (MOVED, "none", 0), (PAID, "free", 0), (PAID, "all", 5), (MOVED, "free", 5),
])  # fmt: skip
def test_nobody_pays_for_loops_that_he_has_not_asked_for(tmp_path, facts, loops, films):
    clips = clips_of(tmp_path, facts, loops=loops)
    plan = make_plan(clips, (), capabilities={"fake": facts})

    items = [item for item in plan.items if item.wanted.recipe.parameters]
    assert len(items) == films
    assert sum(item.price for item in items) == Decimal(str(facts.price_per_s)) * sum(
        Decimal(str(loop.length_s)) for loop in LOOPS if films
    )


def test_loops_change_no_other_key(tmp_path):
    without = {clip.key for clip in clips_of(tmp_path, FREE)}

    assert without < {clip.key for clip in clips_of(tmp_path, PAID, loops="all")}
    assert without == {clip.key for clip in clips_of(tmp_path, PAID)}


def test_the_digest_of_a_catalog_counts_loops_only_if_they_are_given(tmp_path):
    here, there = (a_catalog(an_avatar(tmp_path, loops=loops), IDLE, HOURS) for loops in ("free", "all"))
    before = here.model_dump(mode="json", by_alias=True)
    del before["avatar"]["loops"]

    assert content_digest(Catalog.model_validate(before)) == content_digest(here)
    assert content_digest(there) != content_digest(here)


def test_a_shape_changes_keys_and_digest_and_its_absence_changes_none(tmp_path):
    upright, square = ({"height": 720, "shape": "portrait"}, {"height": 720, "width": 720})
    plain, tall, wide = (an_avatar(tmp_path, video=Video.model_validate(one)) for one in ({}, upright, square))
    before = a_catalog(plain, IDLE, HOURS).model_dump(mode="json", by_alias=True)
    del before["avatar"]["video"]["shape"]

    keys = [{clip.key for clip in catalog_clips(a_catalog(one, IDLE, HOURS), providers_of(tmp_path))}
            for one in (plain, tall, wide)]  # fmt: skip
    assert keys[0].isdisjoint(keys[1])
    assert keys[0] == keys[2]
    assert content_digest(Catalog.model_validate(before)) == content_digest(a_catalog(plain, IDLE, HOURS))


@pytest.mark.parametrize(("renderers", "loops", "warned"), [
    (("heygen",), "all", ["loops-unfilmed"]), (("heygen",), "free", []), (("heygen", "local"), "all", []),
])  # fmt: skip
def test_check_warns_where_no_renderer_films_the_loops_that_are_asked_for(tmp_path, renderers, loops, warned):
    catalog = a_catalog(an_avatar(tmp_path, loops=loops, renderers=renderers), IDLE, HOURS)

    found = provider_findings(catalog, SourceLines(), tmp_path)

    assert [(one.rule, one.level) for one in found if one.rule == "loops-unfilmed"] == [
        (one, Level.WARNING) for one in warned
    ]
