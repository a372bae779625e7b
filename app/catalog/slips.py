"""Slips: YAML that is valid and says something else than its author meant.

A ` #` ends a text, a comma in `[a, b]` divides it, and a dash of another kind makes no list. The reader notes where
that may have happened; here it is judged by the words, because comments and short lists are good YAML.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.catalog.findings import FACTS_FILE, TESTS_FILE, Complaint, KeyPath, Level

ODD_BLANKS = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"
"""Blanks that are no spaces to YAML, as they stand in a pattern's brackets."""

SlipKind = Literal["comment", "commas", "dash", "lines"]


@dataclass(frozen=True, slots=True)
class Slip:
    """Slip that may be one: what stands at this place, and what stands beside it.

    `comment`: a text and the blanks, `#` and words after it. `commas`: a text of a list in brackets and the one
    before it. `dash`: a text's line that begins with a sign of a list, and that sign, once for each line of the text
    that begins with it. `lines`: a text's first line, and the lines that became one with it.
    """

    kind: SlipKind
    path: KeyPath
    text: str
    beside: str
    line: int = 0
    """Line from 1, where it is not that of the value."""
    above: str = ""
    """Line of the same text above that of `text`; empty at its beginning."""


LIST_SIGNS = "•‣▪●◦·∙*–—−-"
"""Signs that begin the lines of a list on a page."""

_LISTED = re.compile(rf"([{re.escape(LIST_SIGNS)}])(\s*)(?=[^\W\d_]|[¿¡\"'«„“(])")


def sign_of_list(line: str) -> str:
    """Return the sign with which a line begins as if it were a list's; empty if it does not."""
    found = _LISTED.match(line) if line[:1] in LIST_SIGNS else None
    return found[1] if found else ""


_PROSE = frozenset({"title", "phrases", "not_phrases", "answer", "card", "disclosure", "name"})
_SENTENCES = frozenset({"answer", "disclosure"})
_ENDED = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
_NUMBER = re.compile(r"\s?\d")


def judge(file: str, slips: Iterable[Slip]) -> Iterator[Complaint]:
    """Yield a warning for each slip that drops or joins words."""
    everywhere = file in {FACTS_FILE, TESTS_FILE}
    for slip in slips:
        if not slip.path:
            continue  # the whole file is one text: that is told as such
        if everywhere or slip.path[0] in _PROSE:
            complaint = _JUDGES[slip.kind](slip)
            if complaint:
                yield complaint


def _comment(slip: Slip) -> Complaint | None:
    if not _lost(slip.text, slip.beside, sentence=bool(slip.path) and slip.path[0] in _SENTENCES):
        return None
    comment = slip.beside.strip()
    kept = f"only `{_short(slip.text)}` is left" if slip.text else "nothing is left"
    message = f"Expected the whole text, got a comment from `{_short(comment)}` on: {kept}."
    hint = "Put the text in quotes, because ` #` begins a comment; before one that is meant, leave two blanks."
    return Complaint("yaml-comment", slip.path, message, hint, Level.WARNING)


def _lost(text: str, beside: str, *, sentence: bool) -> bool:
    """Return whether words after ` #` look like the rest of the text, and not like a remark on it."""
    gap = len(beside) - len(beside.lstrip())
    if gap > 1:
        return False  # the hint says so
    if not text:
        return True
    remark = beside.strip().lstrip("#")
    if not remark or not any(map(str.isalpha, text)):
        return False  # figures have remarks: `12.50 # 2026 prices`
    ended = _ENDED.search(text) is not None
    if _NUMBER.match(remark):
        return True
    if not remark[0].isspace():
        return not ended
    return not ended and (sentence or remark.rstrip().endswith("?"))


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split("|"))


_COURTESIES = _words(
    "hello|hi|hey|please|thanks|thank you|sorry|excuse me|good morning|well|hallo|guten tag|guten morgen|bitte|danke|"
    "entschuldigung|hola|buenos días|buenas|por favor|gracias|perdón|perdone|bonjour|s'il vous plaît|merci|pardon|"
    "ciao|salve|buongiorno|per favore|grazie|scusi|olá|oi|obrigado|goedendag|alstublieft|dank u"
)
_GREETINGS = ("how are you", "how do you do", "nice to meet", "wie geht", "cómo est", "qué tal", "comment ", "come sta")
"""Beginnings of phrases that stand beside a courtesy because they are greetings, too."""

_LEAST_WORDS = 3
"""Fewer words beside a courtesy are a phrase such as it: `[hi, hey there]`."""

_JOINTS = {
    "en": _words("or|and|but|because|whatever"),
    "de": _words("oder|und|aber|denn|weil|sondern"),
    "es": _words("o|y|e|pero|porque"),
    "fr": _words("ou|et|mais|car"),
    "it": _words("o|e|ma|perché"),
    "nl": _words("of|en|maar|want"),
    "pt": _words("ou|e|mas|porque"),
}
"""Words with which no phrase begins, but the rest of one that was cut at its comma."""

_CONDITIONS = {
    "en": _words("if"),
    "de": _words("falls|wenn"),
    "es": _words("si"),
    "fr": _words("si"),
    "it": _words("se"),
    "nl": _words("als"),
    "pt": _words("se"),
}
"""Words whose sentence goes on after its comma."""


def _commas(slip: Slip) -> Complaint | None:
    """A text in brackets that looks like the rest of the one before it; for answers, one that does not end."""
    if slip.path[0] not in {"phrases", "not_phrases", "answer"}:
        return None
    answer = slip.path[0] == "answer"
    language = str(slip.path[1]).partition("-")[0] if len(slip.path) > 1 else ""
    ended = _ENDED.search(slip.beside) is not None
    if ended or not (slip.text[:1].islower() if answer else _cut_phrase(slip.beside, slip.text, language)):
        return None
    whole = f"{slip.beside}, {slip.text}"
    what = "variants of the answer" if answer else "phrases"
    pair = f"`{_short(slip.beside)}` and `{_short(slip.text)}`"
    message = f"Expected one text, got it cut at its comma: {pair} are two {what}."
    hint = f'Put a text that has a comma in quotes: "{_short(whole)}".'
    return Complaint("yaml-comma", slip.path, message, hint, Level.WARNING)


def _cut_phrase(before: str, text: str, language: str) -> bool:
    if _leads(before, text) or _leads(text, before):
        return True
    if not text[:1].islower():
        return False
    first, conditions = _first(text), _CONDITIONS.get(language, frozenset())
    if first in _JOINTS.get(language, ()) and " " in text:
        return True
    return before[:1].isupper() and _first(before) in conditions and first not in conditions


def _leads(courtesy: str, text: str) -> bool:
    """Return whether one is a courtesy and the other a whole question, not one more courtesy."""
    if _plain(courtesy) not in _COURTESIES or len(text.split()) < _LEAST_WORDS:
        return False
    plain = _plain(text)
    return not plain.startswith(_GREETINGS) and not any(f"{plain} ".startswith(f"{one} ") for one in _COURTESIES)


def _first(text: str) -> str:
    return text.split(" ", maxsplit=1)[0].casefold()


def _plain(text: str) -> str:
    return text.casefold().strip("¡!¿.? ")


_DASHES = "–—−-"


def _goes_on(slip: Slip) -> bool:
    """Return whether a sentence that goes on in the next line does so with a dash, as between two thoughts."""
    sign = slip.beside[0]
    if not slip.above or len(slip.beside) > 1 or slip.path[0] in {"phrases", "not_phrases"}:
        return False
    follows = slip.text[1:2].isspace() and sign in _DASHES
    return follows and (sign != "-" or not _ENDED.search(slip.above))


def _dash(slip: Slip) -> Complaint | None:
    sign, text = slip.beside[0], _short(slip.text)
    if _goes_on(slip):
        return None
    if sign != "-":
        message = f"Expected `- ` before each text of a list, got `{sign}` in `{text}`; such lines are one text."
        hint = f"Write `- ` instead of `{sign}`, all indented alike, or put the text in quotes."
    elif slip.text.startswith("- "):
        message = f"Expected a text of a list, got `{text}`, indented further: it became a part of the text above it."
        hint = "Write every dash of a list one below the other."
    else:
        message = f"Expected a blank after the dash, got `{text}`; such lines are one text."
        hint = "Write `- ` with a blank after it, all indented alike, or put the text in quotes."
    return Complaint("yaml-dash", slip.path, message, hint, Level.WARNING, slip.line)


_SHORT_LINE = 50
"""Characters of a line that nobody breaks for its length."""


def _lines(slip: Slip) -> Complaint | None:
    """Questions one below the other without dashes are one phrase; an answer of several lines is as usual."""
    lines = [slip.text, *slip.beside.splitlines()]
    listed = len(lines) > 2 and all(len(line) < _SHORT_LINE for line in lines)
    if slip.path[0] not in {"phrases", "not_phrases"} or not (listed or any(one.endswith("?") for one in lines[:-1])):
        return None
    message = f"Expected one phrase a line, got {len(lines)} lines that are one phrase: `{_short(' '.join(lines))}`."
    return Complaint(
        "yaml-dash", slip.path, message, "Write `- ` before each phrase, all indented alike.", Level.WARNING
    )


_JUDGES = {"comment": _comment, "commas": _commas, "dash": _dash, "lines": _lines}


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 50 else f"{plain[:49]}…"
