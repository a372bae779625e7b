"""Control sentences of the museum bear the facts of their language, so that the benchmark judges facts there too."""

from app.adapters.catalog_files.loader import load_or_raise
from tests.benchmarks.hearing.hear import CATALOG, MUSEUM, sentences_of


def test_the_museums_sentences_have_its_facts():
    avatar = load_or_raise(CATALOG).avatar

    facts = {fact for sentence in sentences_of(MUSEUM, avatar) for fact in sentence.facts}

    assert {"the sail loft", "Almost Airborne"} <= facts
