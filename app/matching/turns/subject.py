"""Subject of a follow-up: the intent that was just answered, with its title, its phrases and what its answer says."""

import re
from dataclasses import dataclass

from app.catalog.model import Intent
from app.matching.guards.compare import content, stem
from app.matching.guards.topic import LIGHT_WORDS, leans_back
from app.matching.normalise import normalise, words
from app.matching.reading.gloss import in_english
from app.matching.turns.aspects import asked_aspects, told_aspects, without_aspect
from app.matching.turns.previous import Previous
from app.matching.word_lists import ANAPHORS, FUNCTION_WORDS, LEANING_STARTS, word_list

_FRAGMENT = re.compile(
    r"^(?:for|by|in|on|at|with|without|from|until|till|since|as|via|per|during|near|to|"
    r"für|mit|ohne|am|an|im|bei|ab|bis|seit|zum|zur|als|nach|während|auch|only|nur|even|sogar)\b"
)
_IN_SENTENCES = word_list(
    "is are was were do does did can could may might will would shall should must has have had i you we they he she "
    "ist sind war hat habe haben kann können darf dürfen muss müssen soll gibt ich du sie wir ihr er"
)
_SAY_LITTLE = (
    FUNCTION_WORDS | LIGHT_WORDS | word_list("until till since during as than via per bis seit während als ab")
)
_THERE_IS = re.compile(r"\b(?:is|are|was|were|isn't|aren't) there\b|\bthere (?:is|are|was|were)\b|\bgibt es\b")
_LONGEST_FRAGMENT = 5
_LONGEST_QUESTION = 8
"""Most words of a question that leaves out its subject."""
_FEW = 2
_SHORT = 3


@dataclass(frozen=True, slots=True)
class TurnSubject:
    """Subject of a follow-up: one intent, in the words that a visitor knows of it."""

    intent: str
    title: str
    question: str
    """The question that it answered, or else one of its phrases."""
    vocabulary: frozenset[str]
    """Stems of all words in its title, phrases, answer and card."""
    aspects: frozenset[str]
    """What its phrases ask for or its answer tells."""
    then: tuple[str, ...]
    """The intents that its author offers next."""
    repeats: bool
    """Set if playing it again would be the same clip: it was just played, and has one variant."""

    def tells(self, question: str) -> bool:
        """Return whether the intent speaks of all that a follow-up names: its words, and the aspect it asks for."""
        aspects, own = asked_aspects(question), own_words(question)
        if not aspects and not own:
            return False
        return aspects <= self.aspects and own <= self.vocabulary


def subject_of(intent: Intent, before: Previous, *, locale: str, default: str) -> TurnSubject:
    """Return an intent as the subject of what is asked after it."""
    spoken = locale if intent.phrases.get(locale) else default
    phrases = [normalise(text) for text in intent.phrases.get(spoken, ())]
    answers, said_in = intent.answers(locale, default), locale if intent.answer.get(locale) else default
    card = (intent.card.title, intent.card.body or "") if intent.card else ()
    title = normalise(intent.title)
    plain = [in_english(text, spoken) for text in phrases]
    told = [in_english(normalise(text), said_in) for text in answers] + [normalise(text) for text in card]
    asked = normalise(before.question)
    return TurnSubject(
        intent=intent.id,
        title=title,
        question=asked if asked and not leans_back(in_english(asked, locale)) else (phrases or [title])[0],
        vocabulary=frozenset(stem(word) for text in (title, *plain, *told) for word in words(text)),
        aspects=frozenset().union(*map(asked_aspects, plain), *map(told_aspects, told)),
        then=intent.next,
        repeats=before.intent == intent.id and not before.repeated and len(answers) < _FEW,
    )


def bare(question: str) -> str:
    """Return a normalised question without the "and" or "what about" that it begins with."""
    rest = question
    while found := LEANING_STARTS.match(rest):
        rest = rest[found.end() :].strip()
    return rest or question


def own_words(question: str) -> frozenset[str]:
    """Return the stems of the words that say more than which aspect is meant."""
    return frozenset(stem(word) for word in words(without_aspect(question)) if word not in _SAY_LITTLE)


def refers_back(question: str) -> bool:
    """Return whether a normalised question may lean on the turn before: by its start, a pronoun, or its shortness."""
    if leans_back(question) or is_fragment(question):
        return True
    pointing = ANAPHORS.intersection(words(_THERE_IS.sub(" ", question)))
    return may_refer(question) and bool(pointing) and len(content(question)) <= _FEW


def is_fragment(question: str) -> bool:
    """Return whether a question is a piece of one: "for a student", "in french", "until when"."""
    spoken = words(question)
    if len(spoken) > _LONGEST_FRAGMENT or _IN_SENTENCES.intersection(spoken):
        return False
    return bool(_FRAGMENT.match(question)) or len(spoken) < _SHORT


def may_refer(question: str) -> bool:
    """Return whether a question that nothing answers by itself is short enough to be about the turn before."""
    return len(words(question)) <= _LONGEST_QUESTION
