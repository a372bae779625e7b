"""Pool of proposals for one intent: every source, the most likely wordings first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain, pairwise
from typing import Literal, TypeVar

from app.authoring.proposals.forms import is_plural, sisters, taken_apart
from app.authoring.proposals.inversion import questions, things
from app.catalog.model import Intent
from app.matching.normalise import normalise
from app.text import wordless

Element = TypeVar("Element")

ProposalSource = Literal["visitors", "form", "synonym", "answer", "model"]
"""Where a phrase comes from: asked by visitors, another form of a phrase, other words, the answer turned round, or a
chat model."""

_LONGEST = 6
"""Most words of an entry of the list of synonyms."""

_COUNTED = frozenset(("is", "are", "does", "a", "an", "was"))
"""Words that say whether there is one or more."""

_DETERMINERS = frozenset(("a", "an", "the", "my", "our", "your", "some", "any", "somewhere"))

LARGEST = 150
"""Most phrases of a pool: enough to choose a score from, few enough to be compared at once."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Phrase that may be proposed, normalised, and where it comes from."""

    text: str
    source: ProposalSource


def pool_of(intent: Intent, locale: str, *, visitors: Sequence[str] = (), default: str = "en") -> tuple[Pooled, ...]:
    """Return what might be proposed for an intent, without its own phrases and near misses, each once.

    In a language without forms, what visitors said is the only source.
    """
    own = [normalise(text) for text in intent.phrases.get(locale, ()) if not wordless(text)]
    barred = {normalise(text) for texts in intent.not_phrases.values() for text in texts}
    said = (Pooled(normalise(text), "visitors") for text in visitors)
    made = _english(intent, own, locale, default) if locale.partition("-")[0] == "en" else iter(())
    found: dict[str, Pooled] = {}
    for one in chain(said, made):
        if one.text and one.text not in own and one.text not in barred:
            found.setdefault(one.text, one)
        if len(found) >= LARGEST:
            break
    return tuple(found.values())


def _english(intent: Intent, own: Sequence[str], locale: str, default: str) -> Iterator[Pooled]:
    """Yield turn by turn from each source, so that none of them crowds out the others."""
    said = intent.answers(locale, default)
    answers = [text for answer in said for text in (*questions(answer), *things(answer))]
    by_word = [text for phrase in own for text in replaced(phrase)]
    by_form = _interleaved([list(_sisters(phrase)) for phrase in _different(own)])
    both = [other for text in by_form for other in replaced(text)]
    turns = (
        [Pooled(text, "synonym") for text in by_word],
        [Pooled(text, "form") for text in by_form],
        [Pooled(text, "answer") for text in answers],
        [Pooled(text, "synonym") for text in both],
    )
    yield from _interleaved([list(one) for one in turns])


def _sisters(phrase: str) -> Iterator[str]:
    formed = taken_apart(phrase)
    return sisters(formed) if formed else iter(())


def _different(own: Sequence[str]) -> list[str]:
    """Return one phrase of each form and words: two of the same have the same sisters."""
    found = {(formed.kind, formed.words) if (formed := taken_apart(one)) else one: one for one in reversed(own)}
    return list(reversed(found.values()))


def _interleaved(lists: Sequence[list[Element]]) -> list[Element]:
    longest = max((len(one) for one in lists), default=0)
    return [one[at] for at in range(longest) for one in lists if at < len(one)]


def replaced(text: str) -> Iterator[str]:
    """Yield a normalised text with one word, or words that stand together, put in other words."""
    words, table = text.split(), _table()
    counted = not _COUNTED.isdisjoint(words)
    for length in range(_LONGEST, 0, -1):
        for at in range(len(words) - length + 1):
            said, after = words[at : at + length], words[at + length :]
            if said[-1].endswith("ing") and after[:1] and after[0] in _DETERMINERS:
                continue  # a verb here, not the noun of the list: “booking a lane”
            for other in table.get(" ".join(said), ()):
                if counted and is_plural(other) != is_plural(" ".join(said)):
                    continue
                joined = _joined(words[:at], other.split(), after)
                if all(one != two for one, two in pairwise(joined)):
                    yield " ".join(joined)


def _joined(before: list[str], other: list[str], after: list[str]) -> list[str]:
    """Return the words in one list; an article before the new ones follows their first letter."""
    if before and before[-1] in ("a", "an"):
        before = before[:-1] if other[0] in _DETERMINERS else [*before[:-1], "an" if other[0][0] in "aeiou" else "a"]
    return [*before, *other, *after]


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    lines = files("app.authoring.proposals").joinpath("synonyms.txt").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        one_way = " > " in line
        group = [each.strip() for each in line.replace(" > ", " | ").split(" | ")]
        for word in group[:1] if one_way else group:
            found.setdefault(word, []).extend(other for other in group if other != word)
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}
