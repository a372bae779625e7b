import json

import pytest

from app.store.labels import Labels

LINE = (
    '{"intent": "hours", "locale": "de", "variant": 1, "role": "answer", "title": "Zeiten", "text": "Um neun.", '
    '"part": 2, "audio": "sha256", "also": [["prices", "de", 0]]}'
)
ANSWER = '{"generated": true, "text": "Yes.", "locale": "en", "traceparent": "00-1", "of_a_later_version": [1, {}]}'


def labels(document: str) -> Labels:
    return Labels.from_json(json.loads(document))


@pytest.mark.parametrize("document", [LINE, ANSWER, '{"text": null}', '{"locale": "en", "text": "Yes."}', "{}"])
def test_what_was_stored_is_stored_again_to_the_byte(document: str):
    assert json.dumps(labels(document).to_json()) == document


def test_a_line_is_known_by_its_labels():
    line = labels(LINE)

    assert (line.intent, line.locale, line.variant, line.text) == ("hours", "de", 1, "Um neun.")
    assert (line.part, line.recording, line.generated, line.rejected) == (2, "sha256", False, 0)
    assert line.addresses == (("hours", "de", 1), ("prices", "de", 0))


def test_a_generated_answer_is_stored_without_who_asked():
    answer = Labels.generated_answer("Yes.", locale="en", traceparent="00-1")

    assert (answer.generated, answer.intent, answer.traceparent) == (True, None, "00-1")
    assert json.dumps(answer.without_trace().to_json()) == '{"generated": true, "text": "Yes.", "locale": "en"}'


def test_an_old_entry_without_labels_says_nothing():
    nothing = Labels()

    assert (nothing.intent, nothing.text, nothing.locale, nothing.part, nothing.traceparent) == (None,) * 3 + (0, "")
    assert nothing.addresses == ((None, None, None),)


def test_refusals_are_counted_at_the_end_and_left_out_again():
    twice = labels('{"text": "Yes.", "locale": "en"}').with_rejected(1).with_rejected(2)

    assert json.dumps(twice.to_json()) == '{"text": "Yes.", "locale": "en", "rejected": 2}'
    assert twice.with_rejected(0) == labels('{"text": "Yes.", "locale": "en"}')


def test_words_keep_their_place_or_come_last():
    spoken = Labels.spoken("Yes.", locale="en")

    assert list(spoken.with_text("No.").to_json()) == ["text", "locale"]
    assert list(spoken.without_text().with_text("No.").to_json()) == ["locale", "text"]


@pytest.mark.parametrize("document", [[], "text", None])
def test_anything_but_an_object_is_refused(document: object):
    with pytest.raises(TypeError, match="Expected labels as an object"):
        Labels.from_json(document)
