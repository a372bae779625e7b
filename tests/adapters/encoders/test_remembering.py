"""The remembering encoder: what was encoded last is not encoded again for those who recall it."""

from collections.abc import Sequence

import numpy as np

from app.adapters.encoders.remembering import MOST_TOGETHER, REMEMBERED, RememberingEncoder


class Counting:
    """An encoder that says how long a text is, and what it was asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]):
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_a_question_is_encoded_once_for_all_who_recall_it():
    counting = Counting()
    encoder = RememberingEncoder(counting)

    encoder.encode(["who built it"])
    rows = encoder.recalling.encode(["who built it", "mill", "who built it", "wheel"])

    assert counting.asked == ["who built it", "mill", "wheel"]
    assert rows.tolist() == [[12, 1], [4, 1], [12, 1], [5, 1]]
    assert encoder.recalling.encode(["wheel"]).tolist() == [[5, 1]]
    assert counting.asked[3:] == []
    assert encoder.recalling.name == encoder.name == "counting"


def test_it_never_saves_the_one_who_encodes_a_decision():
    counting = Counting()
    encoder = RememberingEncoder(counting)

    encoder.encode(["a"])
    encoder.encode(["a"])

    assert counting.asked == ["a", "a"]


def test_memory_is_bounded_and_the_oldest_goes_first():
    counting = Counting()
    encoder = RememberingEncoder(counting)

    encoder.encode([f"phrase {number}" for number in range(MOST_TOGETHER)])
    for number in range(REMEMBERED + 1):
        encoder.encode([f"question {number}"])
    counting.asked.clear()
    encoder.recalling.encode(["phrase 1", "question 0", "question 5"])

    assert counting.asked == ["phrase 1", "question 0"]


def test_no_texts_are_no_rows():
    assert RememberingEncoder(Counting()).recalling.encode([]).shape == (0, 2)
