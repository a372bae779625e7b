"""Speech of a paid voice: reserved, booked, and never requested without money."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.errors import (
    BudgetExceededError,
    MediaError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.rendering.fakes import FakeSpeech
from app.rendering.ledger.budgets import MemoryBudgets
from app.rendering.ledger.calls import CallState
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.calls_meter import CallMeter
from app.rendering.ledger.port import Cap
from app.rendering.media.speech_cache import SpeechCache
from app.rendering.ports import SpeechRequest, Spoken
from app.rendering.tariffs import CallKind, Tariff, Usage
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex
from app.store.recipes import SpeechRecipe

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "We are open from ten to six."
PRICE = Decimal(len(TEXT)) / 10_000


class PaidFake(FakeSpeech):
    """The fake voice, at a price; `error` is raised instead of an answer, `gate` is waited for."""

    tariff = Tariff(CallKind.SPEECH, "fake", "m", Decimal(100))
    error: Exception | None = None
    gate: asyncio.Event | None = None

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def speak_billed(self, request: SpeechRequest) -> tuple[Spoken, Usage]:
        spoken = await self.speak(request)
        self.asked.set()
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        return spoken, Usage(len(request.text), request_id="r")


class Till:
    """A speech cache over memory, and what it booked."""

    def __init__(self) -> None:
        self.budgets = MemoryBudgets()
        self.calls = MemoryPaidCalls(self.budgets)
        blobs = MemoryBlobStore()
        meter = CallMeter(self.calls, lambda: NOON)
        self.cache = SpeechCache(blobs, MemoryRecipeIndex(blobs), clock=lambda: NOON, meter=meter)

    async def sound(self, voice: FakeSpeech, *, text: str = TEXT, day: str = "1"):
        recipe = SpeechRecipe(provider="fake", version="1", voice="v", text=text, locale="en", speed=1.0)
        return await self.cache.sound(recipe, voice, caps=(Cap("day", Decimal(day)),), intent="hours")

    async def states(self) -> list[CallState]:
        return [one.state for one in await self.calls.list()]


async def test_speech_is_booked_once_and_free_from_then_on():
    desk, voice = Till(), PaidFake()

    await desk.sound(voice)
    await desk.sound(voice, day="0")

    (record,) = await desk.calls.list()
    assert (record.state, record.charged, record.call.intent) == (CallState.SETTLED, PRICE, "hours")
    assert desk.budgets.of("day").spent == PRICE
    assert len(voice.requests) == 1


async def test_a_voice_without_a_price_is_not_booked():
    desk = Till()

    await desk.sound(FakeSpeech(), day="0")

    assert await desk.states() == []


async def test_without_money_the_voice_is_not_asked():
    desk, voice = Till(), PaidFake()

    with pytest.raises(BudgetExceededError):
        await desk.sound(voice, day="0.0001")
    assert (voice.requests, await desk.states()) == ([], [])


@pytest.mark.parametrize(
    ("error", "seen", "state"),
    [
        (ProviderRefusedError("No."), ProviderRefusedError, CallState.RELEASED),
        (ProviderUnavailableError("Later."), ProviderUnavailableError, CallState.RELEASED),
        (OutcomeUnknownError("Lost."), ProviderUnavailableError, CallState.UNKNOWN),
        (MediaError("No sound."), MediaError, CallState.UNKNOWN),
    ],
    ids=["refused", "later", "lost", "spoilt"],
)
async def test_a_refusal_frees_the_money_and_whatever_else_goes_wrong_is_booked(error, seen, state):
    desk, voice = Till(), PaidFake()
    voice.error = error

    with pytest.raises(seen):
        await desk.sound(voice)
    assert await desk.states() == [state]
    assert desk.budgets.of("day").committed == (PRICE if state is CallState.UNKNOWN else 0)


async def test_a_request_that_is_given_up_on_the_way_counts_as_charged():
    desk, voice = Till(), PaidFake()
    voice.gate = asyncio.Event()
    asking = asyncio.create_task(desk.sound(voice))
    await voice.asked.wait()
    under_way = await desk.states()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    while await desk.states() == [CallState.RESERVED]:  # noqa: ASYNC110 - nobody says when the flight has landed
        await asyncio.sleep(0)

    assert under_way == [CallState.RESERVED]
    assert await desk.states() == [CallState.UNKNOWN]
    assert desk.budgets.of("day").spent == PRICE


async def test_three_sentences_at_once_never_exceed_the_budget():
    desk, voice = Till(), PaidFake()
    limit = str(PRICE * 2)

    made = await asyncio.gather(
        *(desk.sound(voice, text=f"{TEXT[:-1]}{mark}", day=limit) for mark in ".!?"), return_exceptions=True
    )

    assert sum(isinstance(one, BudgetExceededError) for one in made) == 1
    assert desk.budgets.of("day").committed == PRICE * 2
