"""A short slice of `make bench-mix` on the sample catalog: half of its intents are the catalog, the rest is unknown."""

import numpy as np
import pytest

from app.catalog.model import Role
from tests.benchmarks.matching.data import Labelled
from tests.benchmarks.matching.mix import WAYS, Draw, draw, runs
from tests.support.matching import real_encoder
from tests.support.museum import english_museum

TAUGHT = 8
"""Phrases of an intent that are taught; the others are asked."""


@pytest.fixture(scope="module")
def draws() -> list[Draw]:
    catalog = english_museum()
    phrases = {one.id: one.phrases.get("en", ()) for one in catalog.intents if one.role is Role.ANSWER}
    names = sorted(name for name, texts in phrases.items() if len(texts) > TAUGHT)
    chosen = frozenset(names[::2])
    train = [(text, name) for name in sorted(chosen) for text in phrases[name][:TAUGHT]]
    test = [(text, name) for name in names for text in phrases[name][TAUGHT if name in chosen else 0 :]]
    made = [Labelled(tuple(text for text, _ in pairs), tuple(name for _, name in pairs)) for pairs in (train, test)]
    return [draw(made[0], made[1], chosen, real_encoder())]


@pytest.fixture(scope="module")
def wrong(draws):
    """Mean share of wrong clips by way and mix."""
    return {
        (way.name, mix): float(np.mean([run.wrong for run in runs(draws, way, mix, 3, questions=600)]))
        for way in (WAYS[0], WAYS[1], WAYS[3])
        for mix in (0.9, 0.3)
    }


@pytest.mark.long
def test_following_the_traffic_halves_what_is_wrong_where_little_is_in_the_catalog(wrong):
    phrases, unlabelled, labelled = (wrong[way.name, 0.3] for way in (WAYS[0], WAYS[1], WAYS[3]))

    assert phrases > 0.03
    assert unlabelled < phrases / 2
    assert labelled <= 0.03


@pytest.mark.long
def test_it_keeps_the_promise_where_the_fit_was_right(wrong):
    assert max(wrong[way.name, 0.9] for way in (WAYS[0], WAYS[1], WAYS[3])) <= 0.03
