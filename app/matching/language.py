"""Closed word lists the guards and the lexical stage share: negation, opposites, numbers, words that lean back.

English and German, written for this package; a word missing here costs a check, never a wrong reading of another word.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    "not no never without nothing nobody none neither nor cannot hardly nicht kein keine keinen keinem keiner "
    "nie niemals ohne nichts niemand weder"
)

HEDGES = re.compile(
    r"\b(no idea|(?:do|does|did)(?:n't| not) (?:know|understand|remember|mind|matter)|not sure|why not|no problem|"
    r"(?:can't|cannot) (?:wait|find|remember|see)|whether or not|or not|if not|not only|don't worry|"
    r"weiß nicht|keine ahnung)\b"
)
"""Ways of speaking that contain a negation and reverse nothing."""

OPPOSITES = tuple(
    (frozenset(left.split()), frozenset(right.split()))
    for left, right in (
        ("open opens opened opening", "close closes closed closing shut shuts"),
        ("on", "off"),
        ("enable enables enabled", "disable disables disabled"),
        ("with mit", "without ohne"),
        ("buy buying purchase", "sell selling"),
        ("before", "after"),
        ("more", "less fewer"),
        ("cheap cheaper cheapest", "expensive dear dearest"),
        ("arrive arrives arrival", "leave leaves depart departs departure"),
        ("enter entrance entry", "exit"),
        ("start starts begin begins", "stop stops end ends finish"),
        ("increase raise", "decrease reduce lower"),
        ("up", "down"),
        ("in", "out"),
        ("first", "last"),
        ("maximum most", "minimum least"),
        ("add join", "remove delete"),
        ("accept", "refuse reject decline"),
        ("lost lose", "found"),
        ("allow allowed permitted", "forbid forbidden prohibited banned"),
        ("left", "right"),
        ("early earlier earliest", "late later latest"),
        ("send", "receive"),
        ("deposit", "withdraw"),
        ("win", "lose"),
        ("largest biggest", "smallest"),
        ("oldest", "newest youngest"),
        ("longest", "shortest"),
        ("best", "worst"),
        ("upload", "download"),
        ("import", "export"),
        ("borrow", "lend return"),
        ("push", "pull"),
        ("inside indoors", "outside outdoors"),
        ("public", "private"),
        ("free", "paid"),
        ("an ein einschalten", "aus ausschalten"),
        ("auf geöffnet offen", "zu geschlossen"),
    )
)

REVERSING_PREFIXES = ("un", "dis", "de", "in", "non", "ent")
"""`subscribe` against `unsubscribe`: a word and the same word with one of these in front."""

NUMBER_WORDS = {
    word: number
    for number, spelled in enumerate(
        (
            *("zero null", "eins", "two zwei", "three drei", "four vier", "five fünf", "six sechs", "seven sieben"),
            *("eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwölf", "thirteen", "fourteen", "fifteen"),
            *("sixteen", "seventeen", "eighteen", "nineteen", "twenty zwanzig"),
        )
    )
    for word in spelled.split()
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
"""`one` is left out: it is a pronoun more often than a number."""

ANAPHORS = _words(
    "it that this they them those these there one ones he she him her his hers their its same das es dies "
    "diese dieser dort die sie er ihn ihm"
)

FUNCTION_WORDS = ANAPHORS | _words(
    "a an the and or but so then also too is are was were be been am do does did can could may might will "
    "would shall should must have has had how what when where which who whom why whose much many long far "
    "often i you we me us my your our to of in on at for from by with about into out up if any some please ok "
    "okay yes no not really very just und oder aber auch dann ist sind war wie was wann wo wer warum viel "
    "kann darf ich du wir der den dem ein eine it's that's they're there's what's how's isn't aren't don't"
)

LEANING_STARTS = re.compile(r"^(and|but|or|also|then|what about|how about|und|aber|oder|was ist mit|wie ist es mit)\b")
