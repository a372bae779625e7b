"""Clips that are heard back: what a wrong word costs, and what a person may do about it."""

import errno
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.catalog.model import Voice
from app.errors import (
    ClipRejectedError,
    MediaError,
    ProviderUnavailableError,
    RenderStateError,
    StateUnavailableError,
    StoreFullError,
)
from app.rendering.fakes import FakeMediaTools, FakeRecogniser, FakeRenderer, FakeSpeech, FakeTime, silence
from app.rendering.ledger.operator import RenderAdmin, ways_out
from app.rendering.ledger.port import Cap, RenderRequest
from app.rendering.ledger.states import Render, RenderState
from app.rendering.media.hearing.ear import Ear
from app.rendering.ports import Capabilities, MediaFacts, SpeechRequest, Spoken
from app.rendering.tariffs import CallKind, Tariff, Usage
from app.rendering.text_normalisation import AsWritten
from app.rendering.work.reconciler import Reconciler
from app.store.labels import Labels
from tests.support.render_world import NOON, RenderWorld, an_avatar, in_time

WORDS = "We are open from ten to six."
WRONG = "We are open from ten to five."
PAID = Capabilities(
    name="fake", models=("fake",), price_per_s=Decimal("0.10"), poll_every_s=0.01, min_portrait_px=1, silent_idle=True
)
FREE = Capabilities(name="fake", models=("fake",), poll_every_s=0.01, min_portrait_px=1, silent_idle=True)
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


async def test_a_speech_is_heard_once_however_often_its_film_is_tried(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear()
    stage.renderer.script.refuse_times = 2

    await film(stage, ear, **in_time(FakeTime(NOON)))

    assert [name.partition("-")[0] for name, _, _ in ear.recogniser.asked] == ["speech", "video.mp4"]


async def test_a_voice_that_says_something_else_is_not_filmed_and_kept_to_be_heard(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)

    with pytest.raises(ClipRejectedError, match=r"no film was ordered\. other_number: Expected `open from 10 to 6`"):
        await film(stage, ear)

    assert not stage.renderer.bill
    refused = (await stage.ledger.list())[0]
    kept = stage.folder / "worker" / "rejected"
    assert (kept / f"{refused.id}.wav").read_bytes() == SPEECH
    assert json.loads((kept / f"{refused.id}.json").read_text())["heard"]["text"] == WRONG
    assert not list((stage.folder / "worker").glob("speech-*"))
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
        a_stage(tmp_path, FREE),
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


async def test_a_clip_can_be_accepted_once_there_is_room_and_its_video(tmp_path, monkeypatch):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, heard={SPEECH: WORDS})
    with pytest.raises(ClipRejectedError):
        await film(stage, ear, per_clip_attempts=1)
    refused = (await stage.ledger.list())[0]
    reconciler = Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar])
    kept = stage.folder / "worker" / "rejected" / f"{refused.id}.mp4"

    with monkeypatch.context() as full:
        full.setattr("app.rendering.work.studio.shutil.copyfile", _full_disk)
        with pytest.raises(StoreFullError):
            await reconciler.accept(refused, stage.ledger)
    away = kept.rename(kept.with_suffix(".away"))
    with pytest.raises(RenderStateError, match="not kept on this computer"):
        await reconciler.accept(refused, stage.ledger)
    away.rename(kept)

    assert (await reconciler.accept(refused, stage.ledger)).state is RenderState.READY
    assert len(stage.renderer.bill) == 1
    assert [path.name for path in (stage.folder / "worker").iterdir()] == ["rejected"]


async def test_no_other_computer_orders_a_clip_that_is_being_accepted(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, heard={SPEECH: WORDS})
    with pytest.raises(ClipRejectedError):
        await film(stage, ear, per_clip_attempts=1)
    refused = (await stage.ledger.list())[0]
    ledger = InterruptedLedger(stage.ledger)
    reconciler = Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar])
    with pytest.raises(StateUnavailableError):
        await reconciler.accept(refused, ledger)

    with pytest.raises(ProviderUnavailableError, match="another computer"):
        await stage.studio("another", ear=ear).clip(wanted(stage.studio(), stage), avatar=stage.avatar)
    swept = await reconciler.sweep()

    assert swept.carried_on == 1
    assert len(stage.renderer.bill) == 1
    assert (await stage.ledger.latest(refused.recipe_key)).state is RenderState.READY


async def test_a_person_accepts_a_speech_and_the_next_run_films_just_that_one(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)
    refused = await a_refused_speech(stage, ear)
    assert [way.partition(":")[0] for way in ways_out(refused, "")] == ["its words are right", "render it once more"]
    assert "orders its film" in next(ways_out(refused, ""))

    accepted = await Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar]).accept(refused, stage.ledger)

    assert accepted.state is RenderState.WANTED
    assert not stage.renderer.bill
    heard = len(ear.recogniser.asked)
    assert await film(stage, ear)
    assert len(stage.renderer.bill) == 1
    assert len(stage.speech.requests) == 1
    assert len(ear.recogniser.asked) == heard


async def test_another_speech_than_the_accepted_one_is_heard_and_not_filmed(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)
    refused = await a_refused_speech(stage, ear)
    await Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar]).accept(refused, stage.ledger)
    await stage.recipes.delete(wanted(stage.studio(), stage).speech.key)
    stage.speech = OtherSpeech()

    with pytest.raises(ClipRejectedError, match="no film was ordered"):
        await film(stage, ear)

    assert len(stage.speech.requests) == 1
    assert not stage.renderer.bill


async def test_a_speech_is_accepted_only_where_it_can_be_heard(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)
    refused = await a_refused_speech(stage, ear)
    elsewhere = Reconciler(studio=stage.studio("another", ear=ear), avatars=[stage.avatar])

    with pytest.raises(RenderStateError, match="not kept on this computer"):
        await elsewhere.accept(refused, stage.ledger)

    assert (await stage.ledger.latest(refused.recipe_key)).id == refused.id


async def test_a_word_for_one_clip_is_no_word_for_the_next(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG, heard={SPEECH: WORDS})
    with pytest.raises(ClipRejectedError):
        await film(stage, ear, per_clip_attempts=1)
    refused = (await stage.ledger.list())[0]
    studio = stage.studio(ear=ear, media_tools=NothingPlays())
    again = await Reconciler(studio=studio, avatars=[stage.avatar]).accept(refused, stage.ledger)
    assert again.state is RenderState.FAILED
    await RenderAdmin(stage.ledger, lambda: datetime.now(UTC)).retry(again.id)

    with pytest.raises(ClipRejectedError, match="other_number"):
        await film(stage, ear, per_clip_attempts=1)

    assert len(stage.renderer.bill) == 2


async def test_a_paid_voice_is_heard_before_its_free_film(tmp_path):
    stage, ear = a_stage(tmp_path, FREE), an_ear(WRONG)
    stage.speech = PaidVoice()

    with pytest.raises(ClipRejectedError, match="The speech was refused"):
        await film(stage, ear, standing_caps=lambda _now: [Cap("day", Decimal(1))])

    assert not stage.renderer.bill


@pytest.mark.parametrize("facts", [FREE, PAID], ids=["free", "paid"])
async def test_a_retry_speaks_refused_words_anew_and_once(tmp_path, facts):
    stage, time = a_stage(tmp_path, facts), FakeTime(NOON)
    refused = await a_refused_speech(stage, an_ear(WRONG, listening="all"), **in_time(time))
    stage.speech = OtherSpeech()
    stage.renderer.script.refuse_times = 2

    await RenderAdmin(stage.ledger, lambda: time.now + timedelta(seconds=1)).retry(refused.id)
    entry = await film(stage, an_ear(listening="all"), **in_time(time))

    assert len(stage.speech.requests) == 1
    assert "speak_again" not in entry.labels.to_json()


async def test_a_speech_that_was_spoken_anew_can_be_accepted(tmp_path):
    stage, ear = a_stage(tmp_path), an_ear(WRONG)
    refused = await a_refused_speech(stage, ear)
    await RenderAdmin(stage.ledger, lambda: datetime.now(UTC)).retry(refused.id)
    again = await a_refused_speech(stage, ear)

    await Reconciler(studio=stage.studio(ear=ear), avatars=[stage.avatar]).accept(again, stage.ledger)
    await film(stage, ear)

    assert len(stage.speech.requests) == 2
    assert len(stage.renderer.bill) == 1


async def a_refused_speech(stage, ear, **changes: Any):
    with pytest.raises(ClipRejectedError):
        await film(stage, ear, **changes)
    return await RenderAdmin(stage.ledger, lambda: datetime.now(UTC)).find((await stage.ledger.list())[0].id)


def _full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class InterruptedLedger:
    """Ledger that loses its connection after it has noted what is wanted."""

    def __init__(self, ledger: Any) -> None:
        self.latest = ledger.latest
        self._ledger = ledger

    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        await self._ledger.want(request, now=now)
        raise StateUnavailableError("The database is gone.")


class NothingPlays(FakeMediaTools):
    """Media tools that find every video broken."""

    async def probe(self, video: Path) -> MediaFacts:
        raise MediaError(f"Cannot play {video.name}.")


class PaidVoice(FakeSpeech):
    """The fake voice, at a price."""

    tariff = Tariff(CallKind.SPEECH, "fake", "m", Decimal(100))

    async def speak_billed(self, request: SpeechRequest) -> tuple[Spoken, Usage]:
        return await self.speak(request), Usage(len(request.text), request_id="r")


class OtherSpeech(FakeSpeech):
    """Voice that takes its time: the sound is another one than the first."""

    async def speak(self, request: SpeechRequest) -> Spoken:
        spoken = await super().speak(request)
        return replace(spoken, wav=silence(spoken.duration_s + 0.01))
