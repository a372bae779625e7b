import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.normalise import MAX_CHARS, normalise


@given(st.text(max_size=200))
def test_applying_it_again_changes_nothing(text):
    once = normalise(text)

    assert normalise(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  When are YOU open?! ", "when are you open"),
        ("Don’t close at 10:30, please.", "don't close at 10:30 please"),
        ("It costs 12.50 €", "it costs 12.50 €"),
        ("ＦＵＬＬ－ＷＩＤＴＨ １２", "full width 12"),
        ("hello 👋🏽 there", "hello there"),
        ("STRASSE straße", "strasse strasse"),
        ("zero\u200bwidth and \x00control", "zerowidth and control"),
        ("שלום, עולם", "שלום עולם"),
        ("Привет мир! 你好。", "привет мир 你好"),
        ("5-7 people", "5-7 people"),
        ("well-known", "well known"),
        ("I do NOT want 3", "i do not want 3"),
        ("", ""),
        ("?!… 👍", ""),
        ("❤️", ""),
        ("\u3164 \u2800", ""),
        ("room 1️⃣", "room 1"),
    ],
)
def test_reads_what_visitors_type(text, expected):
    assert normalise(text) == expected


def test_cuts_very_long_text():
    assert len(normalise("word " * 5000)) <= MAX_CHARS


@given(st.sampled_from(["not", "no", "never", "without", "can't", "won't"]), st.text(alphabet=" .,!?👋", max_size=5))
def test_never_drops_a_negation(word, noise):
    assert word in normalise(f"{noise} {word} {noise}").split()


@given(st.integers(min_value=0, max_value=10**9))
def test_never_drops_digits(number):
    assert str(number) in normalise(f"room {number}?").split()
