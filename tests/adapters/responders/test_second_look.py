"""The second look's adapter against the simulator's wire: what is read as yes, what as no, and what is booked."""

import pytest

from app.adapters.http.endpoint import Access
from app.adapters.responders.second_look import ChatSecondLook
from app.errors import BudgetExceededError, ProviderRefusedError, ProviderUnavailableError
from app.matching.ports import LookRequest
from app.rendering.ledger.calls import CallRecord, CallState
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.simulators.faults import Fault
from tests.support.accounts import CHAT, an_account
from tests.support.simulated import simulators

PARKING = ("Where can I park?", "Is there a car park?")


def request_of(question: str) -> LookRequest:
    return LookRequest(question, "parking", "Parking", PARKING, "Behind the house.", "en")


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


@pytest.fixture
async def look(simulated):
    """Take a second look; the verdict, and the calls that were booked."""
    opened: list[ChatSecondLook] = []

    async def ask(question, *, model="gpt-5-nano", day="1", suffix="", calls=None):
        calls = calls or MemoryPaidCalls()
        access = Access("key-secret", base_url=f"{simulated.url}/openai{suffix}")
        looking = ChatSecondLook(access, an_account(day, calls), model=model)
        opened.append(looking)
        return await looking.verdict(request_of(question))

    yield ask
    for looking in opened:
        await looking.aclose()
    simulated.stage.faults.clear()


async def booked(calls: MemoryPaidCalls) -> list[CallRecord]:
    return list(await calls.list())


@pytest.mark.parametrize("suffix", ["", "/v1"])
@pytest.mark.parametrize(("question", "said"), [("may I leave a bike", "no"), ("where is it, please", "yes")])
async def test_the_verdict_is_what_the_model_says(look, question, said, suffix):
    """The simulated model says yes where a long word is shared with a phrase: here `where`."""
    assert await look(question, suffix=suffix) == said


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("simulated-agrees", "yes"),
        ("simulated-doubts", "unsure"),
        ("simulated-refuses", "no"),
        ("simulated-prose", "unsure"),
        ("simulated-plain", "yes"),
    ],
)
async def test_doubt_and_prose_are_no_yes_and_a_plain_server_is_asked_again(look, model, said):
    assert await look("where is it, please", model=model) == said


async def test_a_verdict_is_booked_by_the_tokens_that_the_server_counts(look):
    calls = MemoryPaidCalls()

    await look("where is it, please", calls=calls)

    (record,) = await booked(calls)
    assert (record.state, record.call.intent) == (CallState.SETTLED, "parking")
    assert 0 < record.charged == CHAT.price(record.used) < record.call.estimate
    assert record.used.units_in <= record.call.most.units_in


async def test_without_money_nobody_is_asked(look):
    calls = MemoryPaidCalls()

    with pytest.raises(BudgetExceededError):
        await look("where is it, please", day="0", calls=calls)
    assert await booked(calls) == []


@pytest.mark.parametrize(
    ("fault", "error", "state"),
    [
        (Fault.UNAUTHORIZED, ProviderRefusedError, CallState.RELEASED),
        (Fault.RATE_LIMITED, ProviderUnavailableError, CallState.RELEASED),
        (Fault.UNAVAILABLE, ProviderUnavailableError, CallState.RELEASED),
        (Fault.SERVER_ERROR, ProviderUnavailableError, CallState.UNKNOWN),
        (Fault.RESET, ProviderUnavailableError, CallState.UNKNOWN),
        (Fault.HTML_200, ProviderUnavailableError, CallState.UNKNOWN),
    ],
)
async def test_trouble_is_an_error_and_books_what_may_be_charged(look, simulated, fault, error, state):
    calls = MemoryPaidCalls()
    simulated.trouble("openai", fault)

    with pytest.raises(error) as told:
        await look("where is it, please", calls=calls)

    (record,) = await booked(calls)
    assert record.state is state
    assert "key-secret" not in str(told.value)
