import pytest

from app.matching.guard import inspect, near_miss
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase


def near(*texts: str) -> list[Neighbour]:
    return [Neighbour(LexicalPhrase(text, "it", "en", text), 0.9) for text in texts]


def failed(question: str, *phrases: str) -> set[str]:
    return {verdict.guard for verdict in inspect(question, near(*phrases)) if not verdict.passed}


@pytest.mark.parametrize(
    ("question", "phrase", "guard"),
    [
        ("how do i turn off the light", "how do i turn on the light", "opposites"),
        ("disable the alarm", "enable the alarm", "opposites"),
        ("unsubscribe me", "subscribe me", "opposites"),
        ("a room without breakfast", "a room with breakfast", "opposites"),
        ("do not call me back", "call me back", "negation"),
        ("i can't swim", "i can swim", "negation"),
        ("the train at 10:45", "the train at 10:30", "numbers"),
        ("a table for five", "a table for 2", "numbers"),
        ("what happened in 1911", "what happened", "numbers"),
        ("who painted the portrait", "where is the portrait", "kind of question"),
        ("wie alt ist das haus", "wo ist das haus", "kind of question"),
        ("why is the cafe open", "is the cafe open", "kind of question"),
        ("the train on tuesday", "the train on monday", "swapped"),
        ("tickets for march", "tickets for may", "swapped"),
        ("how far is it in miles", "how far is it in kilometres", "swapped"),
        ("a flight to oslo", "a flight to rome", "swapped"),
        ("is the red line running", "is the blue line running", "swapped"),
        ("is the cafe cheaper than the bar", "is the cafe more expensive than the bar", "opposites"),
        ("from leeds to bath", "from bath to leeds", "direction"),
    ],
)
def test_reversed_or_changed_meaning_is_stopped(question, phrase, guard):
    assert guard in failed(question, phrase)


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("when do you shut", ("when do you open", "when do you close or shut")),
        ("i don't know where the toilet is", ("where is the toilet",)),
        ("how much for two adults", ("how much is a ticket",)),
        ("transfer 40 euros", ("transfer 5 euros", "transfer 20 euros", "transfer 300 euros")),
        ("a table for 2", ("a table for two",)),
        ("isn't it open", ("it is not open",)),
    ],
)
def test_a_harmless_paraphrase_passes(question, phrases):
    assert failed(question, *phrases) == set()


def test_an_intent_without_phrases_fails_closed():
    assert not inspect("anything", ())[0].passed


def test_a_nearer_or_equally_near_not_phrase_stops_the_intent():
    phrase, barred = near("open today")[0], near("open in 1931")[0]

    verdict = near_miss(phrase, barred)

    assert not verdict.passed
    assert "open in 1931" in verdict.reason
