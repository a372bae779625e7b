import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Question
from app.matching.fit.catalog_tests import enough_questions, evaluate
from app.matching.wilson_interval import wilson
from tests.support.matching import PHRASES, a_catalog, a_matcher


def asked(ask: str, **expectation: object) -> Question:
    return Question.model_validate({"ask": ask, **expectation})


QUESTIONS = [
    asked("Where can I park?", expect="parking"),
    asked("Is my puppy welcome?", expect="parking"),
    asked("Is my puppy welcome?", expect="none"),
    asked("zzz qqq xxx", expect="none"),
    asked("zzz qqq", expect="dogs"),
    asked("Can I bring my dog?", **{"not": "parking"}),
    asked("Can I bring my dog?", **{"not": ["dogs"]}),
]


@pytest.fixture(scope="module")
def evaluation():
    return evaluate(QUESTIONS, a_matcher(a_catalog(), HashingEncoder()), promise=0.02)


def test_every_question_is_judged(evaluation):
    kinds = [result.kind for result in evaluation.results]
    assert kinds == ["hit", "wrong clip", "wrong clip", "refused", "missed", "refused", "wrong clip"]
    assert [result.ok for result in evaluation.results] == [True, False, False, True, False, True, False]
    assert all(result.why for result in evaluation.results if not result.ok)


def test_the_figures_follow(evaluation):
    assert evaluation.hit_rate.value == pytest.approx(1 / 7)
    assert evaluation.false_hit_rate.value == pytest.approx(3 / 7)
    assert evaluation.refused.value == pytest.approx(1 / 2)
    assert evaluation.worst[0].intent == "dogs"
    assert {(one.expected, one.played) for one in evaluation.confusions} >= {("parking", "dogs"), ("none", "dogs")}
    assert not evaluation.kept


def test_a_chip_of_the_right_intent_helps_and_one_for_nothing_is_needless():
    both = a_catalog({**PHRASES, "garage": ["Where can I park?"]})
    questions = [asked("Where can I park?", expect="garage"), asked("Where can I park?", expect="none")]

    evaluation = evaluate(questions, a_matcher(both, HashingEncoder()), promise=1)

    assert (evaluation.recall.value, evaluation.helped.value, evaluation.needless_chips.value) == (0, 1, 1)


def test_a_question_that_may_miss_fails_only_by_a_wrong_clip():
    questions = [
        asked("zzz qqq", expect="dogs", may_miss=True),
        asked("Is my puppy welcome?", expect="parking", may_miss=True),
    ]

    evaluation = evaluate(questions, a_matcher(a_catalog(), HashingEncoder()), promise=1)

    assert [(result.kind, result.ok) for result in evaluation.results] == [("missed", True), ("wrong clip", False)]
    assert (evaluation.kept, evaluation.failed, evaluation.passed) == (True, 1, False)


def test_too_few_questions_are_said():
    few = evaluate(QUESTIONS[:1], a_matcher(a_catalog(), HashingEncoder()), promise=0.02)

    assert any("can't prove 2.0%" in note for note in few.notes)
    assert wilson(0, enough_questions(0.02)).high <= 0.02 < wilson(0, enough_questions(0.02) - 1).high


def test_no_question_is_no_figure():
    evaluation = evaluate([], a_matcher(a_catalog(), HashingEncoder()), promise=0.02)

    assert (evaluation.hit_rate.low, evaluation.hit_rate.high) == (0.0, 1.0)


def test_zero_of_a_hundred_is_not_proof_of_zero():
    share = wilson(0, 100)

    assert share.low == 0.0
    assert 0.03 < share.high < 0.04
