"""Clips that are heard back: what a wrong word costs, and what a person may do about it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.catalog.model import Voice
from app.errors import ClipRejectedError, RenderStateError
from app.rendering.fakes import FakeRecogniser, FakeRenderer, silence
from app.rendering.ledger.operator import RenderAdmin, ways_out
from app.rendering.ledger.states import RenderState
from app.rendering.media.hearing.ear import Ear
from app.rendering.ports import Capabilities
from app.rendering.text_normalisation import AsWritten
from app.rendering.work.reconciler import Reconciler
from app.store.labels import Labels
from tests.support.render_world import RenderWorld, an_avatar

WORDS = "We are open from ten to six."
WRONG = "We are open from ten to five."
PAID = Capabilities(
    name="fake", models=("fake",), price_per_s=Decimal("0.10"), poll_every_s=0.01, min_portrait_px=1, silent_idle=True
)
SPEECH = silence(7 * 0.3)
"""What the fake voice gives for the words."""


def a_stage(tmp_path, facts=PAID):
    return RenderWorld(tmp_path, renderer=FakeRenderer(facts, service=tmp_path / "bill"))


def an_ear(always=WORDS, listening="paid", **changes: Any):
    return Ear(FakeRecogniser(always, **changes), AsWritten(), listening)


def wanted(studio, stage, locale="en"):
    return studio.wanted(
        stage.avatar, text=WORDS, locale=locale, labels=Labels.from_json({"intent": "hours", "locale": locale})
    )


async def film(stage, ear, locale="en", **changes: Any):
    studio = stage.studio(ear=ear, **changes)
    return await studio.clip(wanted(studio, stage, locale), avatar=stage.avatar)


async def test_a_paid_clip_is_heard_before_it_is_ordered_and_when_it_comes(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear("we are open from 10 to 6")

    entry = await film(stage, ear)

    assert [name.partition("-")[0] for name, _, _ in ear.recogniser.asked] == ["speech", "video.mp4"]
    origin = json.loads(await stage.blobs.read(entry.blobs["provenance"]))
    assert origin["heard"] == {"by": "fake", "text": "we are open from 10 to 6", "wrong_share": 0.0, "doubtful": []}


async def test_a_voice_that_says_something_else_is_not_filmed_and_forgotten(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)

    with pytest.raises(ClipRejectedError, match=r"no film was ordered\. other_number: Expected `open from 10 to 6`"):
        await film(stage, ear)

    assert not stage.renderer.bill
    assert await stage.recipes.get(wanted(stage.studio(), stage).speech.key) is None
    with pytest.raises(ClipRejectedError, match="renders retry"):
        await film(stage, an_ear())
    assert len(stage.speech.requests) == 1


async def test_a_film_with_other_words_is_ordered_again_within_the_bound_alone(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, heard={SPEECH: WORDS})

    for _ in range(2):
        with pytest.raises(ClipRejectedError, match="other_number"):
            await film(stage, ear)

    assert len(stage.renderer.bill) == 2
    kept = stage.folder / "worker" / "rejected"
    (told, *_) = [json.loads(path.read_text()) for path in kept.glob("*.json")]
    assert told["heard"]["text"] == WRONG
    assert told["reasons"][0]["fault"] == "other_number"


async def test_what_seems_wrong_is_heard_once_more_carefully(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, careful=WORDS)

    assert await film(stage, ear)

    assert [carefully for _, _, carefully in ear.recogniser.asked] == [False, True, False, True]


@pytest.mark.parametrize(("listening", "times"), [("paid", 0), ("all", 1)])
async def test_a_clip_that_costs_nothing_is_heard_on_wish_and_once(tmp_path, listening, times):
    stage, ear = (
        a_stage(tmp_path, Capabilities(name="fake", models=("fake",), min_portrait_px=1)),
        an_ear(listening=listening),
    )

    await film(stage, ear)

    assert len(ear.recogniser.asked) == times


async def test_a_language_that_is_not_judged_is_not_heard(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear("something else")

    assert await film(stage, ear, locale="nl")

    assert ear.recogniser.asked == []


async def test_facts_are_heard_as_written(tmp_path):
    stage = a_stage(tmp_path)
    stage.avatar = an_avatar(tmp_path, facts={"": ("open from ten",)}, voice=Voice(speech="fake"))

    with pytest.raises(ClipRejectedError, match="other_fact"):
        await film(stage, an_ear("We are shut from ten to six."))


async def test_a_person_accepts_a_kept_clip_and_nothing_is_ordered(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, heard={SPEECH: WORDS})
    with pytest.raises(ClipRejectedError):
        await film(stage, ear, per_clip_attempts=1)
    refused = (await stage.ledger.list())[0]
    assert [way.partition(":")[0] for way in ways_out(refused, "")] == ["its words are right", "render it once more"]
    reconciler = Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar])

    accepted = await reconciler.accept(refused, stage.ledger)

    assert accepted.state is RenderState.READY
    assert len(stage.renderer.bill) == 1
    assert (await film(stage, ear)).key == refused.recipe_key
    with pytest.raises(RenderStateError, match="ready"):
        await reconciler.accept(accepted, stage.ledger)


async def test_a_person_accepts_a_speech_and_the_next_run_orders_its_film(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)
    with pytest.raises(ClipRejectedError):
        await film(stage, ear)
    refused = await RenderAdmin(stage.ledger, lambda: datetime.now(UTC)).find((await stage.ledger.list())[0].id)

    accepted = await Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar]).accept(refused, stage.ledger)

    assert accepted.state is RenderState.WANTED
    assert not stage.renderer.bill
    assert await film(stage, ear)
    assert len(stage.renderer.bill) == 1
