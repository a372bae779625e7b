"""Documents go before chips, and nothing else, where they say exactly what is asked."""

from typing import cast

import pytest

from app.adapters.responders.documents import KnowledgeResponder
from app.catalog.model import Document
from app.conversation.fakes import FakeDecider
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.receipt_text import explain
from app.runtime.serving.served_release import LoadingDecider
from tests.support.matching import real_encoder

MILL = Document(id="mill", title="The old mill", passages=("The mill was built in 1743 by Hanne Brodersen.",))


async def decide(decision: tuple[str, ...] | str, question: str) -> Decision:
    documents = KnowledgeResponder((MILL,), real_encoder())
    documents.warm_up()
    decider = LoadingDecider(documents)
    decider.use(cast("Matcher", FakeDecider({question: decision} if decision else {})))
    return await decider.decide(question)


async def test_chips_give_way_to_what_the_documents_say_exactly():
    left = await decide(("hours", "dogs"), "Who built the mill?")

    assert (left.outcome, left.choices) == ("miss", ())
    told = "Chips were left out: the documents say exactly that: “The mill was built"
    assert any(told in line for line in explain(left))


@pytest.mark.parametrize(
    ("decision", "question", "outcome"),
    [
        (("hours", "dogs"), "How much is the mill?", "clarify"),
        ("hours", "Who built the mill?", "answer"),
        ((), "Who built the mill?", "miss"),
    ],
)
async def test_nothing_else_changes(decision: tuple[str, ...] | str, question: str, outcome: str):
    decided = await decide(decision, question)

    assert decided.outcome == outcome
    assert not decided.receipt.guards
