"""Language detection for short texts: by script, else by a vote of the commonest words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import lru_cache

from app.matching.normalise import normalise, words

_COMMON = {
    "en": "the a an is are was were do does did can could i you we they he she it this that there what when "
    "where who why how which your my our of to in on at for with and or not have has will would please "
    "from by about any",
    "de": "der die das den dem des ein eine einen einem ist sind war waren kann können ich du sie wir ihr er es "
    "was wann wo wer warum wie welche welcher ihre mein unser von zu im am für mit und oder nicht haben "
    "hat gibt bitte aus über auf man wird sich bei nach wieviel viel",
    "es": "el la los las un una unos es son está están era puede puedo yo tú usted nosotros ellos qué que "
    "cuándo cuando dónde donde quién por cómo como cuál su mi nuestro de del a en con para y o no hay "
    "tiene tienen cuánto cuesta al",
    "fr": "le la les un une des est sont était peut puis je tu vous nous ils elle il que quoi quand où qui "
    "pourquoi comment quel quelle votre mon notre de du à au aux en avec pour et ou ne pas avez a combien "
    "y ce cette ces sur",
    "it": "il lo la i gli le un una è sono era può posso io tu lei noi voi che cosa quando dove chi perché come "
    "quale quanto di del della a al in con per e o non avete ha c'è ci sono questo questa",
    "pt": "o a os as um uma é são era pode posso eu você nós eles que quando onde quem por como qual quanto seu "
    "meu de do da em no na com para e ou não tem há este esta ao",
    "nl": "de het een is zijn was kan kunnen ik jij u wij zij hij wat wanneer waar wie waarom hoe welke hoeveel "
    "uw mijn ons van naar in op met voor en of niet hebben heeft er dit dat",
    "pl": "jest są był może mogę ja ty pan my oni co kiedy gdzie kto dlaczego jak który ile w na z do dla i lub "
    "nie mają ma czy to ten ta",
}
"""The commonest words of each language; written for this file."""

_VOTES = {code: frozenset(listed.split()) for code, listed in _COMMON.items()}

_SCRIPTS = {
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "CJK": ("zh", "ja"),
    "CYRILLIC": ("ru", "uk", "bg", "sr"),
    "GREEK": ("el",),
    "ARABIC": ("ar", "fa", "ur"),
    "HEBREW": ("he",),
    "THAI": ("th",),
    "DEVANAGARI": ("hi",),
}
"""First words of Unicode names and the languages in that script; the first served language is taken."""

_LEAST_VOTES = 2
"""Fewer common words than this decide nothing."""


def language_of(question: str, served: Collection[str]) -> str | None:
    """Return the served language that a question is written in; None if that is not clear."""
    script = _script(question)
    if script:
        return next((language for language in script if language in served), None)
    asked = words(normalise(question))
    votes = {code: sum(map(_VOTES[code].__contains__, asked)) for code in served if code in _VOTES}
    ranked = sorted(votes.items(), key=lambda vote: -vote[1])
    if not ranked or ranked[0][1] < _LEAST_VOTES or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0][0]


_SURE_VOTES = 3
"""Common words of another language from which a written text is taken for it, where it has none of its own."""

_LONGEST_NAME = 7
"""Words without a sentence's end that may be a name or a title: `El jardín de las delicias`."""

_CLEARLY_MORE = 4
"""How many times the own language's common words those of another one must be, where a text has both."""


def foreign_language(text: str, locale: str) -> str | None:
    """Return the language of a text that is clearly not the one of its locale; None if it may be.

    Names and titles of another language inside a text are no reason: its own common words are counted against them.
    """
    own = locale.lower().partition("-")[0]
    script = _script(text)
    if script:
        return None if own in script or (own not in _VOTES and own not in _SCRIPTED) else script[0]
    if own not in _VOTES:
        return None  # Serbian, too, is written in Latin letters, and nothing tells it from another language
    written = words(normalise(text))
    if len(written) <= _LONGEST_NAME and not _SENTENCE.search(text):
        return None
    votes = {code: sum(map(listed.__contains__, written)) for code, listed in _VOTES.items()}
    mine = votes.pop(own, 0)
    best = max(votes, key=lambda code: votes[code])
    return best if votes[best] >= max(_SURE_VOTES, _CLEARLY_MORE * mine) else None


_SENTENCE = re.compile(r"[?？¿]|[.!…。！][\"'”’»)\]]*\s*\Z")
_SCRIPTED = frozenset(code for listed in _SCRIPTS.values() for code in listed)


def _script(question: str) -> tuple[str, ...]:
    """Return the languages of the script that most letters have; none for Latin letters."""
    if question.isascii():
        return ()
    letters = Counter(_script_of(char) for char in question if char.isalpha())
    kana = letters["HIRAGANA"] + letters["KATAKANA"]
    if kana and kana + letters["CJK"] > letters.total() / 2:
        return _SCRIPTS["HIRAGANA"]
    name = letters.most_common(1)[0][0] if letters else ""
    return _SCRIPTS.get(name, ())


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    """Return the script of a letter, as `_SCRIPTS` names it; empty for Latin."""
    return next((name for name in _SCRIPTS if unicodedata.name(char, "").startswith(name)), "")
