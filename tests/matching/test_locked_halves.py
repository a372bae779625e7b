"""Locked halves: floors a little under what was measured; at first sight, where nothing was mended since."""

import pytest

from tests.support.locked_halves import decided, is_helped, rows


@pytest.fixture(scope="module")
def typos():
    return [(row, decided(row, row["question"])) for row in rows("typos")]


def test_mistyped_questions_are_helped_and_do_not_mislead(typos):
    wrong = [row["question"] for row, one in typos if one.intent not in (None, row["intent"])]
    helped = [row for row, one in typos if is_helped(one, row["intent"])]

    assert len(wrong) <= 2, wrong
    assert len(helped) >= HELPED_TYPOS


def test_questions_of_fact_are_helped_though_they_are_negated():
    found = [(row, decided(row, row["question"])) for row in rows("negated") if row["kind"] == "harmless"]

    silent = [row["question"] for row, one in found if not is_helped(one, row["intent"])]
    assert len(silent) <= MOST_SILENT, silent


def test_a_wish_for_the_contrary_hardly_ever_plays():
    found = [(row, decided(row, row["question"])) for row in rows("negated") if row["kind"] == "reversal"]

    plays = [row["question"] for row, one in found if one.intent == row["intent"] != row.get("may_play")]
    assert len(plays) <= MOST_REVERSED, plays


def test_exchanged_roles_hardly_ever_play():
    found = [(row, decided(row, row["question"])) for row in rows("exchanged_roles")]

    plays = [row["question"] for row, one in found if one.intent == row["intent"]]

    assert len(plays) <= MOST_EXCHANGED, plays


def test_words_aimed_at_machines_are_hardly_ever_answered():
    found = [(row, decided({"catalog": "museum", **row}, row["text"])) for row in rows("machine_sentences")]

    answered = [row["text"] for row, one in found if row["machine"] and one.intent]
    stopped = [
        row["text"]
        for row, one in found
        if not row["machine"] and any("machine" in verdict.guard for verdict in one.receipt.guards)
    ]
    assert len(answered) <= MOST_ORDERS, answered
    assert stopped == []


HELPED_TYPOS, MOST_SILENT, MOST_REVERSED, MOST_EXCHANGED, MOST_ORDERS = 60, 6, 3, 4, 2
