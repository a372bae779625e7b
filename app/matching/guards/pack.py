"""Guard on starter packs: small talk answers small talk alone.

Its phrases are made of words that any question may have ("who made you", "are you real"), and no author has seen
them beside those of the site. So its intents are played by meaning only where every word of weight is one of theirs.
"""

from functools import lru_cache

from app.matching.decision import Verdict
from app.matching.guards.compare import stem
from app.matching.guards.topic import LIGHT_WORDS
from app.matching.normalise import words
from app.matching.word_lists import FUNCTION_WORDS


def within_pack(question: str, own: frozenset[str]) -> Verdict:
    """Fail if a question has a word of weight that is none of the pack's `own`."""
    known = _stems(own)
    heavy = (word for word in words(question) if word not in FUNCTION_WORDS and word not in LIGHT_WORDS)
    strange = next((word for word in heavy if stem(word) not in known), None)
    if strange is None:
        return Verdict(guard="starter pack", passed=True)
    return Verdict(
        guard="starter pack", passed=False, reason=f"speaks of “{strange}”, which no phrase of the pack does"
    )


@lru_cache(maxsize=64)
def _stems(own: frozenset[str]) -> frozenset[str]:
    return frozenset(map(stem, own))
