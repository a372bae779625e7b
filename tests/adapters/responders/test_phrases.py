"""Phrases by a chat model: what is read as a proposal, and what the call is booked as."""

import pytest

from app.adapters.http.endpoint import Access
from app.adapters.responders.phrases import ChatPhrases, read_phrases
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from tests.support.accounts import an_account
from tests.support.matching import an_intent
from tests.support.simulated import simulators


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


LIFT = an_intent("lift", ["Is there a lift?"])


def said(content):
    return {"choices": [{"message": {"content": content}}]}


@pytest.mark.parametrize(
    ("document", "phrases"),
    [
        (said('{"phrases": ["is there an  elevator", 3, "", "up"]}'), ("is there an elevator", "up")),
        (said('{"phrases": "lift"}'), ()),
        (said("Here are some phrases"), ()),
        ({"choices": []}, ()),
        (None, ()),
        (said('{"phrases": ["' + "x" * 201 + '"]}'), ()),
    ],
)
def test_only_a_list_of_short_texts_is_a_proposal(document, phrases):
    assert read_phrases(document) == phrases


@pytest.mark.parametrize(("model", "phrases"), [("gpt-5-nano", ("Hello, Is there a lift?",)), ("simulated-prose", ())])
async def test_a_call_is_booked_and_prose_proposes_nothing(simulated, model, phrases):
    calls = MemoryPaidCalls()
    proposer = ChatPhrases(
        Access("key-secret", base_url=f"{simulated.url}/openai"), an_account("1", calls), model=model
    )

    found = await proposer.phrases(LIFT, "en")
    await proposer.aclose()

    assert found == phrases
    assert len(await calls.list()) == 1
