import numpy as np
import pytest

from app.matching.spelling_features import PLACES, WEIGHT, features

NOTHING = np.zeros((1, 4), dtype=np.float32)


def spelled(text: str):
    return features([text], NOTHING)[0, 4:] / WEIGHT


def test_it_stands_beside_the_encoders_vector():
    rows = features(["one", "two"], np.eye(2, 4, dtype=np.float32))

    assert rows.shape == (2, 4 + PLACES)
    assert rows.dtype == np.float32
    assert np.array_equal(rows[:, :4], np.eye(2, 4))


def test_the_same_words_are_near_and_others_far():
    near, far = (spelled("when are you open on sundays") @ spelled(text) for text in ("are you open sundays", "my dog"))

    assert near > 0.4
    assert far < 0.2


def test_order_counts():
    assert spelled("from the station to the house") @ spelled("from the house to the station") < 0.99


@pytest.mark.parametrize("text", ["a", "über öffnungszeiten", "日曜日は開いていますか", "متى تفتحون"])
def test_any_script_has_a_vector_of_length_one(text: str):
    assert np.linalg.norm(spelled(text)) == pytest.approx(1.0, abs=1e-5)


def test_nothing_said_points_nowhere():
    assert not spelled("").any()


def test_no_text_is_no_row():
    assert features([], np.zeros((0, 4), dtype=np.float32)).shape == (0, 4 + PLACES)
