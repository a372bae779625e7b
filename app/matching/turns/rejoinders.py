"""Rejoinders: replies that are no question, such as "ok", "thanks", "yes", "no" and "could you repeat that".

English and German, closed lists. A text is a rejoinder only if every word of it belongs to one.
"""

import re

from app.matching.decision import Rejoinder

_REPEAT = re.compile(
    r"(?:(?:can|could|would|will) you (?:please )?(?:repeat|say|play) (?:that|it|this)"
    r"(?: (?:again|once more|one more time|please))*|"
    r"(?:please )?(?:repeat|say|play) (?:that|it|this)(?: (?:again|once more|one more time|please))*|"
    r"(?:repeat|again|once more|one more time|say again|come again|pardon(?: me)?|beg your pardon|"
    r"i beg your pardon|what|sorry what|excuse me|replay)|"
    r"what (?:did|have) you(?: just)? (?:say|said)(?: (?:just now|again|there))?|what was that(?: again)?|"
    r"what are you saying|i (?:didn't|did not|couldn't|could not) (?:quite )?(?:hear|catch|get|understand) "
    r"(?:that|you|it|what you said)|i missed (?:that|it)|"
    r"(?:kannst du|können sie|könnten sie|könntest du|würden sie) (?:das|es) (?:bitte )?"
    r"(?:(?:noch ?mals?|noch einmal) )?(?:bitte )?(?:wiederholen|sagen)|"
    r"(?:noch ?mals?|noch einmal|wie bitte|wiederholen|wiederhole(?:n sie)? (?:das|es)|wiederhol das|"
    r"sag(?:en sie)? das (?:noch ?mal|noch einmal))|"
    r"was (?:hast du|haben sie)(?: (?:gerade|eben|da))? gesagt|was war das(?: (?:gerade|eben))?|"
    r"ich habe (?:das|dich|sie) (?:nicht|akustisch nicht) (?:verstanden|gehört))"
)

_SAID: dict[Rejoinder, str] = {
    "no": (
        "no|nope|nah|not really|none(?: of (?:these|those|them))?|neither|not (?:that|this|these|those)|wrong|"
        "that's wrong|that is wrong|that's not (?:it|what i (?:mean|meant|asked)(?: for)?)|not what i (?:meant|asked)|"
        "nein|nö|nee|ne|keins(?: davon)?|keine(?: davon)?|falsch|das nicht|das ist falsch|das meinte ich nicht"
    ),
    "yes": (
        "yes(?: i do| it is)?|yeah|yep|yup|of course|exactly|correct|right|that's (?:right|it|correct)|that one|"
        "that is right|please do|sure|indeed|absolutely|ja|jawohl|jo|jep|genau|richtig|stimmt|natürlich|gerne?|"
        "das meinte ich"
    ),
    "thanks": (
        "thanks(?: a lot| a million| so much| again)?|thank (?:you|u)(?: (?:very|so) much| again)?|thankyou|thx|ty|"
        "cheers|many thanks|much appreciated|danke(?: (?:schön|sehr|dir|ihnen|euch))?|dankeschön|vielen dank|"
        "besten dank|herzlichen dank|tausend dank|merci"
    ),
    "ok": (
        "good to know|ok|okay|okey|k|kk|alright|all right|got it|i see|understood|fine|good|great|cool|perfect|"
        "nice|super|"
        "wonderful|lovely|excellent|brilliant|makes sense|aha|i understand|that's (?:all|great|good|fine|nice|enough)|"
        "very good|sounds good|no problem|alles klar|in ordnung|verstanden|verstehe|ich verstehe|gut|"
        "sehr gut|prima|toll|klasse|passt|klar|ach so|achso|schön|wunderbar|das war's|das reicht|gut zu wissen"
    ),
}
_FILLER = "oh|ah|well|hm+|um|uh|so|please|then|bitte|also|na|ach|na ja|aber|and|und|too|auch|very much|for now"

_PARTS: tuple[tuple[Rejoinder | None, re.Pattern[str]], ...] = (
    *((kind, re.compile(rf"(?:{said})(?= |$)")) for kind, said in _SAID.items()),
    (None, re.compile(rf"(?:{_FILLER})(?= |$)")),
)
_ORDER: tuple[Rejoinder, ...] = ("no", "yes", "thanks", "ok")
_PARDONS = re.compile(r"^(?:sorry|excuse me|oh|hm+|um|entschuldigung|verzeihung|please|bitte) |(?: (?:please|bitte))+$")

PHRASES: dict[Rejoinder, tuple[str, ...]] = {
    "thanks": ("thank you", "thanks", "danke", "vielen dank"),
    "ok": ("ok", "okay", "alright", "alles klar"),
    "yes": ("yes", "ja"),
    "no": ("no", "nein"),
    "repeat": (),
}
"""Phrases by which an author's own intent for a rejoinder is found."""


def rejoinder(text: str) -> Rejoinder | None:
    """Return what a normalised text replies; None if it is anything else.

    "No thanks" is a no, "ok thanks" is thanks: what says most counts.
    """
    if _REPEAT.fullmatch(text) or _REPEAT.fullmatch(_PARDONS.sub("", text)):
        return "repeat"
    said: set[Rejoinder] = set()
    rest = text
    while rest:
        found = max(
            ((len(match.group()), kind) for kind, words in _PARTS if (match := words.match(rest))),
            key=lambda one: one[0],
            default=None,
        )
        if found is None:
            return None
        length, kind = found
        if kind:
            said.add(kind)
        rest = rest[length:].lstrip()
    return next((kind for kind in _ORDER if kind in said), None)
