"""A guard against questions that want another thing done: "how do I loosen the chain" is not "how do I tighten it".

No list says which verbs are opposites. Where a question is a phrase but for what is to be done, it is taken for another
question, unless a phrase of the intent speaks of that too.
"""

from collections.abc import Sequence

from app.matching.classes import MEMBERS
from app.matching.compared import Compared, stem
from app.matching.decision import Verdict
from app.matching.language import COURTESIES, FUNCTION_WORDS, word_list
from app.matching.normalise import words

_BEFORE_A_VERB = word_list("i we you to please can ich wir sie zu")

_MEAN_LITTLE = FUNCTION_WORDS.union(
    MEMBERS,
    word_list(
        "get find need show tell give see use make go take know put set try help ask look check say said come keep let "
        "mean going gets getting yes hi hello hey actually well so sorry excuse now today currently also again maybe "
        "just got where's how's who's when's machen mache macht geht gehen komme kommen bekomme bekommen finde finden "
        "hallo zeigen zeig sagen sag geben gib brauche brauchen later soon"
    ),
)
"""Verbs that stand for many others, words that only begin a sentence, and days, places... that other guards see to."""

_VERB_ENDINGS = ("en", "ern", "eln")
_LEAST_LONG = 5


def action(seen: Compared) -> Verdict:
    """Fails when all words are those of a phrase but the verb, and no phrase of the intent has that verb."""
    asked = _bare(seen.question)
    spoken = {stem(word) for phrase in seen.every for word in words(phrase)}
    for phrase in seen.near:
        found = _replaced_verb(asked, _bare(phrase))
        if found and stem(found[0]) not in spoken:
            reason = f"wants to “{found[0]}” where the phrase says “{found[1]}”: “{phrase}”"
            return Verdict(guard="action", passed=False, reason=reason)
    return Verdict(guard="action", passed=True)


def _bare(text: str) -> list[str]:
    return [word for word in words(text) if word not in COURTESIES]


def _replaced_verb(asked: Sequence[str], said: Sequence[str]) -> tuple[str, str] | None:
    """The only word in which the two differ, if it stands where a verb does and means something."""
    if len(asked) != len(said) or len(asked) < 2:
        return None
    places = [at for at, (mine, theirs) in enumerate(zip(asked, said, strict=True)) if mine != theirs]
    if len(places) != 1:
        return None
    at, (mine, theirs) = places[0], (asked[places[0]], said[places[0]])
    if {mine, theirs} & _MEAN_LITTLE or stem(mine) == stem(theirs):
        return None
    leads = at == 0 or asked[at - 1] in _BEFORE_A_VERB
    closes = at == len(asked) - 1 and all(_is_infinitive(word) for word in (mine, theirs))
    return (mine, theirs) if leads or closes else None


def _is_infinitive(word: str) -> bool:
    return len(word) >= _LEAST_LONG and word.endswith(_VERB_ENDINGS)
