import pytest

from app.text import question_key


@pytest.mark.parametrize("other", ["where is  the café", "WHERE IS THE CAFÉ??", " “Where is the cafe\u0301?” "])
def test_equal_questions_have_one_key(other):
    assert question_key(other) == question_key("Where is the café?")


@pytest.mark.parametrize("other", ["Where isn't the café?", "Where is the café 2?", "Where is the cafe?"])
def test_words_that_matter_are_kept(other):
    assert question_key(other) != question_key("Where is the café?")


def test_punctuation_alone_is_a_question_too():
    assert question_key("???") == "???"
