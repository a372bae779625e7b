"""Whether a sentence stands on others: by its words."""

from collections.abc import Sequence

from app.matching.normalise import normalise, words

SHARED = 0.5
"""The share of a sentence's words of weight that must stand in what it is said to come from."""

_STEM = 5
"""Letters that tell a word: `build`, `builds` and `building` are one."""

_LIGHT = 3
"""Words this short carry no weight, in most languages: articles, prepositions, pronouns."""


def stands_on(sentence: str, sources: Sequence[str]) -> bool:
    """Whether half of its words of weight are theirs; one that has none says nothing, and stands on anything."""
    weighty = _weighty(sentence)
    known = frozenset[str]().union(*(_weighty(source) for source in sources))
    return len(weighty & known) >= SHARED * len(weighty)


def _weighty(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words(normalise(text)) if len(word) > _LIGHT)
