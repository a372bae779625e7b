import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.importers import cleaned, from_dialogflow, from_pairs, from_rasa, slug

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nlu", "intent", "examples", "responses", "rules", "steps", "name", "data"]), inner
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Can I park?", "can-i-park"), ("???", "intent"), ("don't", "dont"), ("x " * 60, "x-" * 23 + "x")],
)
def test_an_id_is_made_of_the_words(text: str, expected: str):
    assert slug(text) == expected


def test_two_titles_with_the_same_words_get_two_ids():
    drafts = from_pairs([{"question": "Park?", "answer": "x"}, {"question": "park!", "answer": "y"}])

    assert [draft.id for draft in drafts] == ["park", "park-2"]


def test_texts_are_put_on_one_clean_line():
    assert cleaned(" a\n\tb\u2028c\x00 ") == "a b c"
    assert cleaned(12) == "12"
    assert [cleaned(value) for value in (None, True, ["a"])] == ["", "", ""]


@given(JSON)
def test_anything_unexpected_is_passed_over(document: object):
    from_rasa([document])
    from_dialogflow([(document, document)])
