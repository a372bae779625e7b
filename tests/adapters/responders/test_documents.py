import pytest

from app.adapters.responders.documents import MOST_WORDS, KnowledgeResponder
from app.catalog.model import Document
from tests.support.matching import real_encoder

DOCUMENTS = (
    Document(
        id="mill",
        title="The old mill",
        passages=(
            "The mill was built in 1743 by a baker named Hanne Brodersen. It ground rye for the whole valley.",
            "A storm took the sails in 1901. They were never put back, because steam was cheaper by then.",
        ),
    ),
    Document(id="pond", title="The pond", passages=("Eleven kinds of dragonfly live at the pond. " * 12,)),
)


@pytest.fixture(scope="module")
def responder():
    return KnowledgeResponder(DOCUMENTS, real_encoder())


async def said(responder, question):
    return [piece async for piece in responder.respond(question, locale="en")]


@pytest.mark.parametrize(
    ("question", "words"),
    [("who built the mill", "Hanne Brodersen"), ("what happened to the sails of the mill", "storm took the sails")],
)
async def test_it_says_the_sentences_that_fit(responder, question, words):
    pieces = await said(responder, question)

    assert len(pieces) > 1
    assert words in "".join(pieces)


@pytest.mark.parametrize("question", ["what is the capital of Peru", "how do I reset my router", "hello", "", "👋"])
async def test_it_says_nothing_when_nothing_fits(responder, question):
    assert await said(responder, question) == []


async def test_it_is_never_long(responder):
    words = "".join(await said(responder, "which dragonflies live at the pond")).split()

    assert 0 < len(words) <= MOST_WORDS


async def test_it_invents_nothing(responder):
    text = "".join(await said(responder, "who built the mill"))

    assert text in DOCUMENTS[0].passages[0]


async def test_no_documents_are_no_words():
    assert await said(KnowledgeResponder((), real_encoder()), "who built the mill") == []
