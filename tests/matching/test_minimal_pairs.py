"""The public file of minimal pairs: a small change of words that turns the meaning, beside one that does not."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.matching import a_catalog, a_matcher, real_encoder

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/minimal_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]


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
