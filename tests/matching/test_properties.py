"""What holds for any catalog: order is nothing, a phrase is its intent's, a near miss keeps out."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.encoder import HashingEncoder
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

QUESTIONS = ["may we bring a dog", "when do you close today", "what is the price", "zzz", "turn it off", "parking?"]
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decided(phrases, questions, not_phrases=None):
    intents = [
        an_intent(name, texts, not_phrases={"en": tuple((not_phrases or {}).get(name, ()))})
        for name, texts in phrases.items()
    ]
    return a_matcher(a_catalog({}, intents=intents), HashingEncoder()).decide_many(questions)


@FEW
@given(st.randoms(use_true_random=False))
def test_the_order_of_phrases_never_changes_a_decision(random):
    turned = {name: random.sample(texts, len(texts)) for name, texts in random.sample(list(PHRASES.items()), 5)}

    assert decided(turned, QUESTIONS) == decided(PHRASES, QUESTIONS)


@FEW
@given(st.sampled_from(sorted(PHRASES)), st.data())
def test_an_exact_phrase_always_reaches_its_intent(name, data):
    phrase = data.draw(st.sampled_from(PHRASES[name]))

    decision = decided(PHRASES, [phrase.upper() + " !"])[0]

    assert (decision.outcome, decision.intent) == ("answer", name)


@FEW
@given(st.sampled_from(QUESTIONS), st.sampled_from(sorted(PHRASES)))
def test_adding_a_near_miss_never_lets_it_in(question, name):
    decision = decided(PHRASES, [question], {name: [question]})[0]

    assert decision.intent != name
    assert name not in decision.choices
