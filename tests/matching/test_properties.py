"""What holds for any catalog: order is nothing, a phrase is its intent's, a near miss keeps out."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.matching.normalise import normalise
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

QUESTIONS = ["may we bring a dog", "when do you close today", "what is the price", "zzz", "turn it off", "parking?"]
WORDS = [
    "why",
    "and",
    "not",
    "it",
    "turn",
    "on",
    "off",
    "12",
    "£3",
    "straße",
    "ＡＢＣ",
    "когда",
    "متى",
    "🙂",
    "a",
    "Sunday",
]
CATALOGS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4),
    min_size=1,
)
"""Few odd phrases: follow-ups, negations, other scripts, in catalogs too small for any threshold."""

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decided(phrases, questions, not_phrases=None):
    intents = [
        an_intent(name, texts, not_phrases={"en": tuple((not_phrases or {}).get(name, ()))})
        for name, texts in phrases.items()
    ]
    return a_matcher(a_catalog({}, intents=intents), HashingEncoder()).decide_many(questions)


def owned(phrases):
    """The intents of every phrase, by what is left of it."""
    owners: dict[str, set[str]] = {}
    for name, texts in phrases.items():
        for text in filter(None, map(normalise, texts)):
            owners.setdefault(text, set()).add(name)
    return owners


@FEW
@given(st.randoms(use_true_random=False))
def test_the_order_of_phrases_never_changes_a_decision(random):
    turned = {name: random.sample(texts, len(texts)) for name, texts in random.sample(list(PHRASES.items()), 5)}

    assert decided(turned, QUESTIONS) == decided(PHRASES, QUESTIONS)


@FEW
@given(CATALOGS)
def test_an_exact_phrase_always_reaches_its_intent(phrases):
    owners = owned(phrases)
    alone = {text: next(iter(found)) for text, found in owners.items() if len(found) == 1}
    shared = [text for text, found in owners.items() if len(found) > 1]

    decisions = dict(
        zip([*alone, *shared], decided(phrases, [f" {text.upper()} !" for text in (*alone, *shared)]), strict=True)
    )

    assert {text: decisions[text].intent for text in alone} == alone
    assert all(decisions[text].outcome == "clarify" and set(decisions[text].choices) <= owners[text] for text in shared)


@FEW
@given(st.sampled_from(QUESTIONS), st.sampled_from(sorted(PHRASES)))
def test_adding_a_near_miss_never_lets_it_in(question, name):
    decision = decided(PHRASES, [question], {name: [question]})[0]

    assert decision.intent != name
    assert name not in decision.choices
