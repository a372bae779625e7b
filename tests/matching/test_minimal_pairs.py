"""The public files of minimal pairs: a small change of words that turns the meaning, beside one that does not.

`minimal_pairs.jsonl` groups five phrases to an intent and goes through the whole decision. The other two were written
without a look at the guards' word lists, each pair on its own, and are put to the guards alone: what they stop needs no
help from scores.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from app.matching.guards.chain import inspect
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from tests.support.matching import a_catalog, a_matcher, real_encoder


def read(name: str) -> list[dict[str, str]]:
    lines = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


PAIRS = read("minimal_pairs.jsonl")
ALONE = [("held_out_pairs.jsonl", "en", 160, 20), ("german_pairs.jsonl", "de", 60, 12)]


@pytest.fixture(scope="module")
def matcher():
    phrases = defaultdict(list)
    for pair in PAIRS:
        phrases[pair["intent"]].append(pair["phrase"])
    return a_matcher(a_catalog(phrases), real_encoder())


def test_the_file_is_large_and_varied():
    assert len(PAIRS) >= 300
    assert len({pair["kind"] for pair in PAIRS}) >= 20
    assert len({pair["reversed"].casefold() for pair in PAIRS}) == len(PAIRS)


def test_a_reversed_question_hardly_ever_plays_the_clip(matcher):
    decisions = matcher.decide_many([pair["reversed"] for pair in PAIRS])

    wrong = [pair["reversed"] for pair, one in zip(PAIRS, decisions, strict=True) if one.intent is not None]
    assert len(wrong) <= 0.01 * len(PAIRS), wrong


def test_a_harmless_paraphrase_mostly_does(matcher):
    decisions = matcher.decide_many([pair["harmless"] for pair in PAIRS])

    hits = sum(one.intent == pair["intent"] for pair, one in zip(PAIRS, decisions, strict=True))
    assert hits >= 0.85 * len(PAIRS)


@pytest.mark.parametrize(("name", "locale", "pairs", "kinds"), ALONE)
def test_the_guards_alone_tell_a_reversal_from_a_paraphrase(name, locale, pairs, kinds):
    each = read(name)

    through = [one["reversed"] for one in each if passes(one["reversed"], one["phrase"], locale)]
    stopped = [one["harmless"] for one in each if not passes(one["harmless"], one["phrase"], locale)]

    assert len(each) >= pairs
    assert len({one["kind"] for one in each}) >= kinds
    assert len(through) <= 0.01 * len(each), through
    assert len(stopped) <= 0.15 * len(each), stopped


def test_most_reversals_of_kinds_that_no_list_knew_are_stopped():
    """Bicycles, teeth, hotels; at first sight 22 of the first 73 and, after mending, 9 of the other 33 passed."""
    each = read("stranger_pairs.jsonl")

    through = [one["reversed"] for one in each if passes(one["reversed"], one["phrase"], "en")]
    stopped = [one["harmless"] for one in each if not passes(one["harmless"], one["phrase"], "en")]

    assert len(each) >= 100
    assert len(through) <= 0.12 * len(each), through
    assert len(stopped) <= 0.05 * len(each), stopped


def passes(question: str, phrase: str, locale: str) -> bool:
    nearest = Neighbour(LexicalPhrase(normalise(phrase), "it", locale, phrase), 0.9)
    return all(verdict.passed for verdict in inspect(normalise(question), [nearest]))
