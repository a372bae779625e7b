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


async def test_what_it_is_is_named_in_the_passage_before(responder):
    assert "sails in 1901" in "".join(await said(responder, "what took the sails of the mill"))


async def test_the_question_before_says_what_is_meant(responder):
    pieces = [
        piece async for piece in responder.respond("and when?", locale="en", previous="when did a storm take the sails")
    ]

    assert "A storm took the sails in 1901." in "".join(pieces)


def test_only_what_the_documents_say_exactly_goes_before_chips(responder):
    responder.warm_up()

    assert "Hanne Brodersen" in (responder.exact_words("Who built the mill?") or "")
    assert responder.exact_words("Is there something old here?") is None
    assert responder.exact_words("and who built it?") is None
    assert KnowledgeResponder(DOCUMENTS, real_encoder()).exact_words("Who built the mill?") is None


def test_it_explains_why_it_is_silent(responder):
    assert responder.explain("Who built the mill?").startswith(
        "The documents answer, and go before chips (0.62 or more)"
    )
    told = responder.explain("How heavy is the mill?")
    assert "The documents do not answer. Nearest is “The mill was built in 1743" in told
    assert "stopped by `kind of question`: the question asks for a measure (heavy)" in told
    assert KnowledgeResponder((), real_encoder()).explain("x") == "There are no documents to answer it."


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
