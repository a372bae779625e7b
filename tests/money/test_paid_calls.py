"""Paid calls of a real site at the simulators: nothing without a budget, never over one, all of it in the ledger."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.ledger import SqlLedger
from app.conversation.erasing.pseudonym import session_scope
from app.conversation.responders import FallbackResponder
from app.errors import BudgetExceededError
from app.rendering.ledger.calls import CallState
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.work.warm import RunLimits, warm
from app.runtime.commands.plan import plan_catalog
from app.runtime.settings.site import load_settings
from app.runtime.wiring import responders as wiring
from app.runtime.wiring.database import open_database
from app.runtime.wiring.responders import SiteResponders, open_responders
from app.runtime.wiring.site import Site, open_site
from app.simulators.clock import Clock
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from tests.money.crash.places import Place, write_place
from tests.money.crash.worker import Orders, run, start
from tests.support.catalogs import write_catalog
from tests.support.matching import real_encoder
from tests.support.simulated import served
from tests.support.sites import SAMPLE_PORTRAIT

ANSWERS = {"hours": "We are open from nine to five.", "dogs": "Dogs wait at the door.", "lift": "Take the lift."}
CHARACTERS = sum(len(answer) for answer in ANSWERS.values())


@dataclass
class CountingApp:
    """The simulators; notes every request that came, and may keep one waiting."""

    inner: Any
    requests: list[str] = field(default_factory=list)
    held: Callable[[str], bool] = lambda _path: False
    arrived: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.requests.append(scope["path"])
            if self.held(scope["path"]):
                self.arrived.set()
                await asyncio.Event().wait()
        await self.inner(scope, receive, send)


@pytest.fixture
def simulators():
    stage = SimulatorContext(latency_s=0.1, media=PlainMedia(longest_px=128), clock=Clock())
    app = CountingApp(create_app(stage))
    with served(app) as url:
        app.url = url  # type: ignore[attr-defined]
        yield app


@asynccontextmanager
async def a_site(place: Place, monkeypatch, **environment: str) -> AsyncIterator[Site]:
    for name, value in {**place.environment, **environment}.items():
        monkeypatch.setenv(name, value)
    async with open_site(load_settings()) as site:
        yield site


@pytest.mark.parametrize("voice", ["elevenlabs", "openai"])
async def test_without_a_budget_no_voice_is_called(tmp_path, monkeypatch, simulators, voice):
    place = Place(tmp_path, "fal", simulators.url, voice=voice)
    write_place(place, ANSWERS)

    async with a_site(place, monkeypatch, GREENROOM_BUDGET_DAY_USD="0") as site:
        plan = await plan_catalog(site)
        summary = await warm(plan, site.studio, avatar=site.catalog.avatar, concurrency=3)

    (total,) = plan.voices
    assert (total.texts, total.characters) == (3, CHARACTERS)
    assert total.price > 0
    assert summary.ended == "budget"
    assert (summary.spent, simulators.requests) == (0, [])


async def test_a_budget_of_the_run_bounds_the_voices_too(tmp_path, monkeypatch, simulators):
    place = Place(tmp_path, "fal", simulators.url, voice="elevenlabs")
    write_place(place, ANSWERS)

    async with a_site(place, monkeypatch) as site:
        plan, limits = await plan_catalog(site), RunLimits(Decimal("0.0045"))
        summary = await warm(plan, site.studio, avatar=site.catalog.avatar, limits=limits, concurrency=3)

    assert summary.ended == "budget"
    assert 0 < summary.spent <= Decimal("0.0045")
    assert 1 <= sum("text-to-speech" in path for path in simulators.requests) < 3


def test_voices_stand_in_the_plan_the_spending_and_the_audit_log_and_stored_ones_cost_nothing(
    tmp_path, monkeypatch, simulators
):
    place = Place(tmp_path, "fal", simulators.url, voice="elevenlabs")
    write_place(place, ANSWERS)
    assert run(Orders(place, at_once=2)) == 0
    spoken = [path for path in simulators.requests if "text-to-speech" in path]
    shutil.rmtree(place.cache / "v1" / "recipes")  # the films are gone, and so is the speech

    async def look() -> None:
        async with a_site(place, monkeypatch) as site:
            report = await RenderAdmin(site.studio.ledger, site.studio.clock, site.studio.calls).spend()
            kinds = {line.kind: line for line in report.lines}
            voices = [line for line in report.lines if line.kind == "speech"]
            assert {line.provider for line in voices} == {"elevenlabs"}
            assert {line.intent for line in voices} == set(ANSWERS)
            assert sum(line.spent for line in voices) == Decimal(CHARACTERS) * Decimal("0.0001")
            day = f"day:{site.studio.clock():%Y-%m-%d}"
            assert (await site.studio.ledger.spend(day)).spent == report.spent
            assert set(kinds) == {"film", "speech"}
            acts = [row.act for row in await site.audit.list(actions=["money.spent"])]
            assert sum(act.details.get("kind") == "speech" for act in acts) == 3
            records = await site.studio.calls.list()
            assert all(one.used.request_id and one.used.units_in for one in records)

    asyncio.run(look())
    assert len(spoken) == 3


def test_a_worker_that_is_killed_before_the_answer_leaves_its_call_counted(tmp_path, simulators):
    place = Place(tmp_path, "fal", simulators.url, voice="elevenlabs")
    write_place(place, {"hours": ANSWERS["hours"]})
    simulators.held = lambda path: "text-to-speech" in path
    process = start(Orders(place))
    assert simulators.arrived.wait(120)
    process.kill()
    process.join()

    async def left() -> tuple[list[CallState], Decimal, Decimal]:
        async with open_database(load_settings(database_url=place.environment["GREENROOM_DATABASE_URL"])) as database:
            records = await SqlPaidCalls(database).list()
            spend = await SqlLedger(database).spend(records[0].scopes[0])
            return [one.state for one in records], records[0].call.estimate, spend.committed

    states, estimate, committed = asyncio.run(left())
    assert states == [CallState.RESERVED]
    assert committed == estimate > 0


@asynccontextmanager
async def talking(
    tmp_path: Path, monkeypatch, simulators, **environment: str
) -> AsyncIterator[tuple[Site, SiteResponders]]:
    place = Place(tmp_path, "fal", simulators.url)
    write_catalog(tmp_path, fallback={"responder": "chat"})
    shutil.copy(SAMPLE_PORTRAIT, tmp_path / "intents" / "avatars" / "mira.png")
    # On a busy machine the model may take longer than a visitor would wait for it.
    monkeypatch.setattr(wiring, "FallbackResponder", partial(FallbackResponder, patience_s=120.0))
    async with (
        a_site(place, monkeypatch, GREENROOM_MODERATION="openai", **environment) as site,
        open_responders(site.settings, site.catalog, real_encoder(), site.studio) as words,
    ):
        yield site, words


ASKED = "When was the museum built?"


async def said(words: SiteResponders, session: str = "one") -> str:
    pieces = words.responder.respond(ASKED, locale="en", session=session)
    return "".join([piece async for piece in pieces])


async def test_without_a_budget_neither_chat_nor_moderation_is_called_and_the_documents_are_quoted(
    tmp_path, monkeypatch, simulators
):
    async with talking(tmp_path, monkeypatch, simulators) as (site, words):
        answer = await said(words)
        booked = await site.studio.calls.list()

    assert answer
    assert (booked, simulators.requests) == ((), [])


async def test_an_answer_is_booked_on_the_day_and_on_the_session_that_asked(tmp_path, monkeypatch, simulators):
    async with talking(tmp_path, monkeypatch, simulators, GREENROOM_BUDGET_DAY_USD="1") as (site, words):
        answer = await said(words)
        booked = await site.studio.calls.list()
        session = await site.studio.ledger.spend(session_scope("one"))

    assert answer
    assert {one.call.kind.value for one in booked} == {"chat", "moderation"}
    assert {one.state for one in booked} == {CallState.SETTLED}
    assert all(one.scopes[-1] == session_scope("one") for one in booked)
    assert session.spent == sum(one.charged for one in booked) > 0


async def test_a_session_without_money_is_quoted_the_documents(tmp_path, monkeypatch, simulators):
    limits = {"GREENROOM_BUDGET_DAY_USD": "1", "GREENROOM_BUDGET_SESSION_USD": "0"}
    async with talking(tmp_path, monkeypatch, simulators, **limits) as (_, words):
        answer = await said(words)

    assert answer
    assert simulators.requests == []


async def test_a_model_on_an_own_server_without_a_price_is_bound_by_no_budget(tmp_path, monkeypatch, simulators):
    async with talking(tmp_path, monkeypatch, simulators, GREENROOM_CHAT_MODEL="qwen3:8b") as (site, words):
        answer = await said(words)
        booked = await site.studio.calls.list()

    assert answer
    assert {one.charged for one in booked} == {Decimal(0)}
    assert "/openai/v1/chat/completions" in simulators.requests


async def test_three_voices_at_once_never_exceed_the_day(tmp_path, monkeypatch, simulators):
    place = Place(tmp_path, "fal", simulators.url, voice="elevenlabs")
    write_place(place, ANSWERS)

    async with a_site(place, monkeypatch, GREENROOM_BUDGET_DAY_USD="0.0045") as site:
        avatar, caps = site.catalog.avatar, site.studio.standing_caps(site.studio.clock())
        wanted = [item.wanted for item in (await plan_catalog(site)).todo]
        made = await asyncio.gather(*(site.studio.clip(one, avatar=avatar) for one in wanted), return_exceptions=True)
        (cap,) = caps
        used = await site.studio.ledger.spend(cap.scope)

    assert any(isinstance(one, BudgetExceededError) for one in made)
    assert 0 < used.committed <= cap.limit
