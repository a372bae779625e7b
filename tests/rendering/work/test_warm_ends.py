"""How a run ends: by which cause, after how many orders, and what is told of pauses."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.catalog.model import Voice
from app.errors import (
    ChargedWithoutClipError,
    ClipRejectedError,
    GreenroomError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
    StateUnavailableError,
    StoreFullError,
)
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.ledger.circuit_breaker import COOL_S, Opening, opening
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import make_plan, take_stock
from app.rendering.ports import Spoken
from app.rendering.tariffs import CallKind, Tariff
from app.rendering.work.ending import Cause, cause_of, most_urgent
from app.rendering.work.warm import RunLimits, warm
from app.rendering.work.warm_events import ClipFailed, ProviderPaused, ProviderResumed
from app.rendering.work.warm_waits import BreakerWatch
from tests.rendering.plan.test_planner import a_plan
from tests.rendering.work.test_warm import INTENTS, PRICED
from tests.support.render_world import NOON, RenderWorld, a_catalog, an_avatar, an_intent

AUTH = ProviderRefusedError("HeyGen answered 401; check the API key in HEYGEN_API_KEY.", reason="auth")


class Locked(FakeRenderer):
    """Renderer that refuses the account when a portrait is uploaded, which takes it a while."""

    def __init__(self, facts, error: GreenroomError = AUTH) -> None:
        super().__init__(facts)
        self.error = error
        self.uploads = 0

    async def prepare(self, job) -> None:  # noqa: ARG002 -- the port's
        self.uploads += 1
        for _ in range(20):
            await asyncio.sleep(0)
        raise self.error


@pytest.mark.parametrize("reason", ["auth", "payment"])
async def test_the_first_refused_account_ends_the_run_after_one_upload(tmp_path, reason):
    locked = Locked(PRICED, error=ProviderRefusedError("No.", reason=reason))
    world = RenderWorld(tmp_path, renderer=locked)
    events = []

    summary = await warm(
        await a_plan(world, *INTENTS), world.studio(), avatar=world.avatar, concurrency=4, on_event=events.append
    )

    assert (summary.ended, summary.cause, summary.clips_failed, summary.clips_left) == ("account", Cause.ACCOUNT, 1, 5)
    assert locked.uploads == 1
    assert sum(isinstance(event, ClipFailed) for event in events) == 1


async def test_a_portrait_that_is_refused_does_not_end_it(tmp_path):
    locked = Locked(PRICED, error=ProviderRefusedError("No.", reason="input"))
    world = RenderWorld(tmp_path, renderer=locked)

    summary = await warm(await a_plan(world, *INTENTS), world.studio(), avatar=world.avatar, concurrency=4)

    assert (summary.ended, summary.cause, summary.clips_failed) == ("finished", Cause.FAILED, 6)


async def test_without_a_key_nothing_is_spoken_and_the_setting_is_named(tmp_path):
    world = RenderWorld(tmp_path, renderer=Locked(replace(PRICED, needs="HEYGEN_API_KEY")))

    summary = await warm(await a_plan(world, *INTENTS), world.studio(), avatar=world.avatar, concurrency=4)

    assert (summary.ended, summary.cause, summary.clips_failed) == ("account", Cause.ACCOUNT, 1)
    assert "HEYGEN_API_KEY" in summary.failures[0].message
    assert (world.speech.requests, world.renderer.uploads) == ([], 0)


class Mute(FakeSpeech):
    """Voice of a vendor that refuses the account."""

    tariff = Tariff(CallKind.SPEECH, "vendor", "m", Decimal(100))

    async def speak(self, request) -> Spoken:
        self.requests.append(request)
        raise ProviderRefusedError("OpenAI answered 401; check the API key in OPENAI_API_KEY.", reason="auth")


async def two_voices(folder: Path, vendor: FakeSpeech, *, needs: str = "", locales=("en", "de")):
    """Warm answers in English, by a voice that works, and in German, by the vendor's."""
    world = RenderWorld(folder)
    world.avatar = an_avatar(folder, voice={"en": Voice(speech="here"), "de": Voice(speech="vendor")})
    answers = {"en": "Yes, number {}.", "de": "Ja, Nummer {}."}
    intents = [
        an_intent(f"i{n}").model_copy(update={"answer": {tag: (answers[tag].format(n),) for tag in locales}})
        for n in range(3)
    ]
    studio = world.studio(speech={"here": FakeSpeech("here"), "vendor": vendor})
    clips = catalog_clips(a_catalog(world.avatar, *intents), studio.providers(world.avatar))
    tariffs = {"vendor": replace(Mute.tariff, needs=needs)}
    facts = {"fake": world.renderer.capabilities}
    plan = make_plan(clips, await take_stock(world.recipes, clips), capabilities=facts, tariffs=tariffs)
    return await warm(plan, studio, avatar=world.avatar)


@pytest.mark.parametrize("needs", ["", "OPENAI_API_KEY"], ids=["refused", "no key"])
async def test_a_voice_that_is_refused_ends_its_own_clips_and_no_others(tmp_path, caplog, needs):
    vendor = Mute("vendor")

    summary = await two_voices(tmp_path, vendor, needs=needs)

    assert (summary.ended, summary.clips_done, summary.clips_failed) == ("finished", 3, 3)
    assert (summary.cause, {one.locale for one in summary.failures}) == (Cause.ACCOUNT, {"de"})
    assert all("OPENAI_API_KEY" in one.message for one in summary.failures)
    assert len(vendor.requests) == (0 if needs else 1)
    assert "renderer.account_refused" not in [record.getMessage() for record in caplog.records]


async def test_the_only_voice_ends_the_run_with_its_first_refusal(tmp_path):
    summary = await two_voices(tmp_path, Mute("vendor"), locales=("de",))

    assert (summary.ended, summary.cause, summary.clips_failed, summary.clips_left) == ("account", Cause.ACCOUNT, 1, 2)


async def test_with_another_renderer_one_upload_is_tried_too_and_told(tmp_path, caplog):
    world = RenderWorld(tmp_path)
    world.avatar = an_avatar(tmp_path, renderers=("locked", "fake"))
    locked = Locked(replace(PRICED, name="locked"))
    studio = world.studio(renderers={"locked": locked, "fake": world.renderer})
    clips = catalog_clips(a_catalog(world.avatar, *INTENTS), studio.providers(world.avatar))
    facts = {name: one.capabilities for name, one in studio.renderers.items()}
    plan = make_plan(clips, await take_stock(world.recipes, clips), capabilities=facts)

    summary = await warm(plan, studio, avatar=world.avatar)

    assert (summary.complete, summary.cause, locked.uploads) == (True, None, 1)
    assert [record.getMessage() for record in caplog.records].count("renderer.account_refused") == 1


async def test_tries_of_one_command_share_its_budget(tmp_path):
    world = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))
    limits = RunLimits(Decimal("0.50"))
    plan = await a_plan(world, *INTENTS)

    tries = [await warm(plan, world.studio(), avatar=world.avatar, limits=limits) for _ in range(2)]

    assert [(one.ended, one.cause, one.spent) for one in tries] == 2 * [("budget", Cause.BUDGET, Decimal("0.45"))]
    assert len(world.renderer.bill) == 3
    assert "its budget is 0.50" in (tries[0].why or "")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OutcomeUnknownError("Lost."), Cause.PARKED),
        (ChargedWithoutClipError("Billed."), Cause.PARKED),
        (AUTH, Cause.ACCOUNT),
        (ProviderRefusedError("No.", reason="input"), Cause.FAILED),
        (ClipRejectedError("Black."), Cause.FAILED),
        (StoreFullError("Full."), Cause.STORAGE),
        (StateUnavailableError("Away."), Cause.STORAGE),
        (ProviderUnavailableError("Down."), Cause.PROVIDER),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_cause(error, cause):
    assert cause_of(error) is cause


def test_the_cause_that_needs_a_person_most_is_reported():
    assert most_urgent([Cause.PROVIDER, Cause.BUDGET, Cause.PARKED, Cause.FAILED]) is Cause.PARKED
    assert most_urgent([]) is None


@dataclass
class Health:
    """Ledger of one provider's verdicts, for the watch."""

    verdicts_now: list[tuple[datetime, str]] = field(default_factory=list)

    async def verdicts(self, provider, *, since):  # noqa: ARG002 -- the port's
        return tuple(self.verdicts_now)


async def test_an_open_breaker_is_told_once_and_its_end_once():
    ledger, events, now = Health(), [], [NOON]
    watch = BreakerWatch(ledger, lambda: now[0], asyncio.sleep, events.append)

    await watch.look("heygen")
    ledger.verdicts_now = [(NOON, "bad")] * 3
    for _ in range(3):
        await watch.look("heygen")
    now[0] += timedelta(seconds=COOL_S)
    for _ in range(3):
        await watch.look("heygen")
    ledger.verdicts_now = [(now[0], "bad"), *ledger.verdicts_now]
    await watch.look("heygen")

    first, end, again = events
    assert first == ProviderPaused(
        provider="heygen", until=NOON + timedelta(seconds=COOL_S), reason="3 failures in a row"
    )
    assert end == ProviderResumed(provider="heygen")
    assert again.until == NOON + timedelta(seconds=2 * COOL_S)


def test_the_breaker_says_why_it_is_open():
    now = datetime(2026, 11, 29, tzinfo=UTC)

    lost = opening([(now, "unknown")] * 3, now)

    assert isinstance(lost, Opening)
    assert lost.reason.startswith("3 lost answers")
    assert opening([(now, "good")], now) is None


async def test_a_run_tells_of_a_breaker_that_is_open(tmp_path, monkeypatch):
    monkeypatch.setattr("app.rendering.work.attempt.RETRY_S", 0.01)
    monkeypatch.setattr("app.rendering.work.warm_waits.LOOK_EVERY_S", 0.01)
    monkeypatch.setattr("app.rendering.ledger.circuit_breaker.COOL_S", 0.3)
    world = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))
    world.renderer.script.refuse_times = 3
    events = []

    summary = await warm(await a_plan(world, *INTENTS[:3]), world.studio(), avatar=world.avatar, on_event=events.append)

    kinds = [type(event) for event in events]
    assert kinds.index(ProviderPaused) < kinds.index(ProviderResumed)
    assert (summary.clips_done, summary.cause) == (2, Cause.PROVIDER)
