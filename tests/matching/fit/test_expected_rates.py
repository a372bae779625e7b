import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.matching.fit.dry_run import rehearse
from app.matching.fit.expected_rates import expect
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

OVERLAPPING = {
    **PHRASES,
    "bikes": ["Where can I park my bike?", "Is there a bike park?", "Parking bikes near the entrance", "Bike parking"],
}
NEAR = an_intent("wifi", ["Do you have wifi?", "The wifi code"], not_phrases={"en": ("Do you have wine?",)})


@pytest.fixture(scope="module")
def matcher():
    return a_matcher(a_catalog(OVERLAPPING, intents=[NEAR]), HashingEncoder())


@pytest.fixture(scope="module")
def expected(matcher):
    return expect(matcher.prepared, matcher.fitted)


def test_every_phrase_is_asked_while_it_and_while_its_intent_is_unknown(matcher):
    rows = rehearse(matcher.prepared, matcher.fitted)

    phrases = sum(len(texts) for texts in OVERLAPPING.values()) + 2
    counts = {group: sum(row.group == group for row in rows) for group in ("phrase", "near topic", "near miss")}
    assert counts == {"phrase": phrases, "near topic": phrases, "near miss": 1}
    assert all(row.phrase != row.question for row in rows if row.group == "phrase")
    assert all(row.meant is None for row in rows if row.group != "phrase")


def test_the_curve_only_rises(expected):
    wrong, right = ([getattr(point, name) for point in expected.curve] for name in ("false_hit_rate", "hit_rate"))

    assert wrong == sorted(wrong)
    assert right == sorted(right)
    assert [point.probability for point in expected.curve] == sorted(
        (point.probability for point in expected.curve), reverse=True
    )


def test_confusable_intents_are_named_with_the_phrases_and_a_way_out(expected):
    pair = next(one for one in expected.confusable if {one.meant, one.taken_for} == {"bikes", "parking"})

    assert pair.count >= 1
    assert pair.examples[0].question in (*OVERLAPPING["bikes"], *OVERLAPPING["parking"])
    assert pair.examples[0].phrase in (*OVERLAPPING["bikes"], *OVERLAPPING["parking"])
    assert pair.advice


def test_the_worst_intents_come_first(expected):
    shares = [one.hits / one.questions for one in expected.worst]

    assert shares == sorted(shares)
    assert all(share < 1 for share in shares)


def test_shares_are_of_what_they_say(expected):
    assert expected.hit_rate.value + expected.false_hit_rate.value <= 1
    assert expected.hit_rate.value <= expected.recall.value
    assert expected.refused.value > 0.9


def test_a_catalog_without_phrases_promises_nothing():
    empty = a_matcher(a_catalog({}), HashingEncoder())

    expected = expect(empty.prepared, empty.fitted)

    assert (expected.questions, expected.curve, expected.confusable) == (0, (), ())


def test_help_is_a_clip_or_a_chip_and_needless_chips_are_weighed_seven_to_three(matcher, expected):
    rows = rehearse(matcher.prepared, matcher.fitted)
    own = [row for row in rows if row.group == "phrase"]
    chips = {group: [bool(row.choices) for row in rows if row.group == group] for group in ("off topic", "near topic")}

    helped = sum((row.plays and row.right) or row.meant in row.choices for row in own)
    assert expected.helped.value == pytest.approx(helped / len(own))
    assert expected.helped.value > expected.recall.value
    shares = {group: sum(each) / len(each) for group, each in chips.items()}
    assert expected.needless_chips.value == pytest.approx(0.7 * shares["off topic"] + 0.3 * shares["near topic"])
