"""Form of a question: does it ask what is the case, or does it want something done or left?

"Are dogs not allowed?" has the answer of "are dogs allowed"; "do not let dogs in" has not that of "let dogs in". The
order of closed classes of words tells them apart, in English and German. A form with two readings ("can I not get a
receipt") counts as a wish: silence is the smaller harm.
"""

import re

from app.matching.word_lists import word_list
from app.text import remembers_texts

_BE = "is|are|was|were|am"
_DO = "do|does|did"
_MAY = "can|could|may|might|must"
_AUXILIARY = f"{_BE}|{_DO}|{_MAY}|will|would|shall|should|have|has|had"
_PERSON = "i|we|you|they|he|she|it|there|one"
_MINE = r"(?:me|us|my|our|mich|mir|uns|mein\w*|unser\w*)"
_GERMAN_NOT = r"(?:nicht|nie|niemals|kein(?:e[nmrs]?)?)"

_OPENERS = re.compile(
    r"^(?:so|then|hi|hello|hey|sorry|excuse me|and|but|wait|um|oh|well|ok|okay|actually|really|thanks|good morning|"
    r"hallo|entschuldigung|entschuldigen sie|verzeihung|guten tag|also|aber|und|ach|dann|eigentlich|sag mal) "
)
_CONCLUDES = re.compile(r"^(?:so|then|also|dann) ")
""""So dogs are not allowed": said to be confirmed."""

_TAG = re.compile(
    r" (?:(?<!the )(?<!on )(?<!turn )(?<!all )right|correct|true|am i right|is that (?:right|true|correct)|"
    rf"(?:{_AUXILIARY}|can't|won't)(?:n't| not)? (?:{_PERSON}|that)|"
    r"oder(?: nicht| doch| etwa)?|richtig|korrekt|gell|nicht wahr|stimmt's|stimmt das|stimmt|ist das (?:richtig|so))$"
)
""""Dogs are forbidden, right?"."""

_REPORTED = re.compile(
    r"^(?:is it (?:true|right|correct|the case)(?: that)?|does (?:this|that|it) mean(?: that)?|"
    r"(?:i|we)(?: have|'ve)? (?:just )?(?:heard|hear|read|thought|was told|were told|believe|suppose|guess|assume|"
    r"gather|understand|take it)(?: that)?|(?:some(?:one|body)|a friend|they) (?:said|told me|says)(?: that)?|"
    r"i(?:'m| am|'ve been| have been) told(?: that)?|stimmt es (?:nicht )?dass|ist es (?:wahr|richtig) dass|heisst "
    r"das(?: dass)?|ich habe? (?:gehört|gelesen)(?: dass)?|"
    r"ich (?:dachte|glaube|vermute|nehme an)(?: dass)?|man hat mir gesagt(?: dass)?) (?=\S+ \S+ \S)"
)
""""I heard that dogs are not allowed"."""

# No word fits two of the forms between "I" and "want": with "really" among them each had been tried both ways.
_DESIRES = re.compile(
    r"^(?:please |bitte |yes |ja )?(?:"
    r"(?:i|we)(?:'d|'ll|n't| do| don't| would| wouldn't| will| not| never| no longer| just| both| \w+ly)*"
    r" (?:want|wish|like|love|prefer|rather|refuse|hate|insist|hope)\b|"
    r"(?:ich|wir) (?:will|wollen|möchten?|wünschen?|hätten?|mag|mögen|verzichten?|lehnen?)\b|"
    rf"how (?:do|does|did|can|could|would) \w+ (?:\w+ )?(?:not|never)\b|wie \w+ (?:ich|wir|man) (?:.* "
    rf")?{_GERMAN_NOT}\b)"
)
_ORDERS = re.compile(
    r"^(?:please|bitte|do not|never|stop|no|not|nie|niemals|nicht)\b|\b(?:please|bitte) (?:nicht|not|don't|kein)"
)
_DECLINES = re.compile(
    r"^(?:i|we) (?:won't|will not|need no|(?:don't|do not|never|no longer) need)\b|^ich brauche? kein"
)

_INNER = re.compile(
    r"\b(?:not|never) to\b|\bto (?:not|never|avoid|prevent|stop)\b|\bwithout\b|\bohne\b|\b(?:with|for|in|of) no\b|"
    r"\bmind not\b|.\b(?:that|which|who) (?:\w+ ){0,2}(?:no|not|never|\w+n't)\b|\b(?:can|could|may|would) (?:i|we) "
    r"(?:please |just )?not (?:please )?(?:get|have|receive|be|see|hear)\b|"
    r"\bso (?:that )?(?:i|we|you|they|it)\b|.\b(?:i|we) (?:do not|don't|no longer|never) (?:want|wish|like)\b|"
    rf"\b(?:möglich|erlaubt|ok|okay|in ordnung|schlimm|egal) .*\b{_GERMAN_NOT}\b|"
    rf"\b(?:damit|sodass|so dass|um)\b.*\b{_GERMAN_NOT}\b|\b{_GERMAN_NOT}\b.* (?:möchte|will|wollen|möchten)$"
)
"""Negation of what is to be done, inside a question: "is it possible not to be called"."""

_ASKED_OF_YOU = re.compile(
    rf"^(?:(?:would|could|will) you(?: please| just)? not\b|(?:can|could|would|will) you .*\bplease\b|"
    rf"(?:can|could|would|will) you .*\bnot\b.*\b{_MINE}\b|"
    rf"(?:kannst|könnt|können|könntest|könntet|könnten|würdest|würdet|würden|willst) (?:du|sie|ihr) .*\b(?:{_MINE}|"
    rf"bitte)\b)"
)
"""Requests in the form of a question: "could you not call me"."""

_NOT_DO = re.compile(r"^(?:don't|dont) ")
_NOT_DO_WHO = re.compile(
    rf"^(?:don't|dont) (?:{_PERSON}|people|children|guests|visitors|(?:the|your|these|those|all|any) \w+ \w+)\b"
)
_YES_NO = re.compile(
    rf"^(?!(?:do|have) (?:my|our)\b)(?:(?:{_AUXILIARY})(?:n't)?|can't|won't|isnt|arent|doesnt|didnt|cant|wont|"
    rf"cannot) "
    r"(?!(?:not|me|us) )"
)

_WHEN = re.compile(
    r"^(?:(?:at|on|in|from|until|till|since|by|for) )?(?:when|where|which|what|who|whose|how long|how often)\b"
)
_CASE_AFTER_WHEN = re.compile(
    rf"\b(?:{_BE}|{_MAY})(?:n't)?\b|\b(?:can't|cannot|doesn't|hasn't|haven't)\b|"
    rf"\b(?:{_DO})(?:n't)? (?!(?:i|we|not) )|\b(?:have|need) to\b|\b(?:will|would)(?:n't)? .*\bbe\b"
)
_TIMES = re.compile(
    r"\b(?:when|how long|how often|until when|wann|wie lange|wie oft|uhr)\b|"
    r"^(?:\w+ )?(?:which|what|welche[nmrs]?) (?:days?|weekdays?|times?|hours?|months?|tage?n?|zeiten|uhrzeiten|"
    r"wochentage?n?|monate?n?)\b"
)
_CHOOSES = re.compile(rf"^(?:\w+ )?(?:which|what|welche[nmrs]?) \w+ (?:{_BE}|ist|sind|war|waren)(?:n't)?\b")
""""Which road is closed": asks for the others."""

_ADVICE = re.compile(r"\b(?:should|shall|ought)(?:n't)?\b|\b(?:do|did)(?:n't)? (?:i|we)\b(?!.*\b(?:have|need) to\b)")

_GERMAN_WHEN = re.compile(
    r"^(?:(?:an|zu|ab|bis|seit|um|in|auf|für|mit|von) )?(?:wann|wo|wohin|welche[nmrs]?|was|wer|wen|wem|wie lange|wie "
    r"oft|wie viel uhr)\b"
)
_GERMAN_FINITE = (
    "ist sind seid war waren bin hat habt haben habe hätte hätten gibt gab wird werden werdet werde darf dürfen "
    "dürft "
    "dürfte kann können könnt könnte könnten muss müssen müsst müsste soll sollen sollte braucht brauchen brauche "
    "benötigt kostet kosten gilt gelten geht gehen liegt steht stehen hält halten fährt fahren öffnet schliesst "
    "beginnt endet dauert zählt gehört gehören bietet nimmt nehmt verkauft zahlt zahlen bezahlt bekommt kriegt "
    "funktioniert klappt reicht lohnt passt akzeptiert bleibt kommt"
)
_GERMAN_YES_NO = re.compile(
    rf"^(?:(?:{'|'.join(_GERMAN_FINITE.split())}) (?!(?:sie )?(?:bitte|mich|mir|uns)\b)|"
    r"\w+e ich\b|\w+en wir\b|\w+t (?:es|er|man|ihr|der)\b|\w+(?:t|en|st|e) .*\b(?:denn|etwa|niemand|keiner)\b)"
)
_GERMAN_HOUSE = re.compile(
    rf"^(?:nehmen|akzeptieren|bieten|verkaufen|vermieten|liefern|führen|servieren|verlangen|berechnen|erlauben|"
    rf"arbeiten|sprechen|reparieren) sie (?!.*\b(?:{_MINE}|bitte)\b)"
)
"""What a house does every day, and nobody orders it to: "nehmen Sie keine Karten"."""

_GERMAN_YOU = re.compile(rf"^\w+en sie (?!sich\b)(?!.*\b(?:{_MINE}|bitte)\b)")

_RULES = (
    "allowed permitted possible impossible included excluded accepted available open closed free forbidden "
    "prohibited banned welcome required necessary obligatory erlaubt gestattet möglich unmöglich inbegriffen "
    "enthalten geöffnet offen geschlossen kostenlos frei verboten untersagt verfügbar erhältlich nötig notwendig "
    "erforderlich willkommen unavailable unwelcome unnecessary"
)
_RULE = "|".join(_RULES.split())
_SHORT = re.compile(
    rf"^(?!(?:keep|leave|make|get|have|hold|stay|be|lock|the)\b)(?:(?:no|keine?) )?(?:\w+ )?(?:(?:not|nicht|never) )?"
    rf"(?:{_RULE})(?: (?:on|at|in|for|here|inside|today|tomorrow|anymore|am|an|im|zu|hier|drinnen|heute|morgen|"
    rf"\w+s)\b.*)?$"
)
""""No dogs allowed", "closed on Sundays": questions without a verb."""

_STATES_A_RULE = re.compile(
    r"^(?!(?:i|we|my|our|ich|wir|mein\w*|unser\w*|why|how|which|what|who|when|where|warum|wieso|wie|welche\w*|was|"
    r"wer|wann|wo)\b)"
    rf".*\b(?:is|are|isn't|aren't|ist|sind)\b.*\b(?:{_RULE})\b|"
    rf"^(?:you|one|they|man|ihr|(?:the |die |der |das )?\w+) (?:can't|cannot|can not|may not|must not|mustn't|"
    rf"don't|do not|"
    rf"doesn't|does not|kann|darf|können|dürfen|könnt|dürft|muss|müssen)\b(?!.*\b{_MINE}\b)|"
    rf"^(?:there's|there is|there are|there isn't|there aren't|es gibt) |"
    rf"^(?:i|we) (?:can't|cannot|can not|may not|am not allowed|are not allowed|aren't allowed|am not able|are not "
    rf"able)\b|"
    rf"^i'm not (?:allowed|able)\b|^(?:ich|wir) (?:kann|darf|können|dürfen)\b"
)
""""Dogs are not allowed", "I can't cancel": the question mark is gone, and nobody tells a desk its own rules."""

_SPEAKS = re.compile(
    r"^(?:i|we|my|our|i'm|i've|i'd|we're|we've|since|because|as|weil|da|there is|there's|there are|ich|wir|mein\w*|"
    r"unser\w*|es gibt|leider)\b"
)
_ASKS = re.compile(
    r"(?<= )(?:(?:what|when|where|how|who)'s \w+ \w+|(?:(?:what|when|where|which|how|who|wie|was|wann|wo)(?: "
    r"(?:much|many|long|viel|lange))? "
    rf")?(?:{_AUXILIARY}|can't|"
    "ist|sind|hat|haben|habt|gibt|darf|dürfen|kann|können|könnte|könnten|muss|müssen|soll|sollen|geht|bekomme|"
    r"zahle|komme) \w+ \w+)"
)
_FEW_WORDS = 6
_NO_INVERSION = word_list(
    "to not i we you they he she it there who that which what and or never always also ich wir sie ihr er es man "
    "nicht zu dass know remember understand wissen weiss want"
)
_POINTS_BACK = re.compile(
    r"\b(?:it|that|this|so|das|es|dies|dagegen|dafür)(?: please| bitte| instead)?$|\b(?:do|stop) (?:it|that)\b"
)


@remembers_texts(most=1 << 12)
def asks_the_case(text: str) -> bool:
    """Return whether a normalised question asks what is the case: a negation leaves its answer as it is."""
    bare = _opened(text)
    if reported := _REPORTED.match(bare):
        return not _wants(bare[reported.end() :])
    tag = _TAG.search(bare)
    if _INNER.search(bare) or _ASKED_OF_YOU.match(bare) or _wants(bare[: tag.start()] if tag else bare):
        return False
    concludes = tag or _CONCLUDES.match(text)
    return bool(concludes or _yes_or_no(bare) or _circumstance(bare))


@remembers_texts(most=1 << 12)
def states_the_case(text: str) -> bool:
    """Return whether a normalised text states a rule or what cannot be: said at a desk, as good as a question."""
    bare = _opened(text)
    return is_short(text) or bool(_STATES_A_RULE.match(bare) and not _INNER.search(bare) and not _wants(bare))


def is_short(text: str) -> bool:
    """Return whether a normalised text asks for a rule without a verb: "no dogs allowed"."""
    return len(text.split()) <= _FEW_WORDS and bool(_SHORT.match(_opened(text)))


@remembers_texts(most=1 << 12)
def wants(text: str) -> bool:
    """Return whether a normalised text begins as a wish or an order, not as a question."""
    return _wants(_opened(text))


@remembers_texts(most=1 << 12)
def order_or_question(text: str) -> bool:
    """Return whether a normalised text begins as German orders and questions to a "Sie" both do."""
    bare = _opened(text)
    return bool(_GERMAN_YOU.match(bare)) and not _GERMAN_YES_NO.match(bare)


@remembers_texts(most=1 << 12)
def clauses(text: str) -> tuple[str, str]:
    """Return the premise of a question, or nothing, and the question: "I have no cash", "can I pay by card"."""
    bare = _opened(text)
    for found in _ASKS.finditer(bare) if _SPEAKS.match(bare) else ():
        before, after = bare[: found.start()].strip(), bare[found.start() :]
        if len(before.split()) > 2 and before.split()[-1] not in _NO_INVERSION and not _POINTS_BACK.search(after):
            return before, after
    return "", text


def _opened(text: str) -> str:
    while found := _OPENERS.match(text):
        text = text[found.end() :]
    return text


def _wants(text: str) -> bool:
    return any(form.search(text) for form in (_DESIRES, _ORDERS, _DECLINES)) or bool(
        _NOT_DO.match(text) and not _NOT_DO_WHO.match(text)
    )


def _yes_or_no(text: str) -> bool:
    return bool(
        _NOT_DO_WHO.match(text) or _YES_NO.match(text) or _GERMAN_YES_NO.match(text) or _GERMAN_HOUSE.match(text)
    )


def _circumstance(text: str) -> bool:
    """Return whether the text asks when, where or for which something is the case; not how it is done."""
    if _CHOOSES.match(text) and not _TIMES.search(text):
        return False
    if _WHEN.match(text):
        return bool(_CASE_AFTER_WHEN.search(text)) and not _ADVICE.search(text)
    return bool(_GERMAN_WHEN.match(text))
