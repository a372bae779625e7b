"""Word lists of the guards and the lexical stage: negation, opposites, numbers, words that refer back.

English and German, written for this package. A missing word costs a check, never a wrong reading of another
word.
"""

import re


def word_list(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def _inflected(stems: str) -> str:
    """Return German adjectives with all their endings."""
    return " ".join(stem + ending for stem in stems.split() for ending in ("", "e", "en", "er", "es", "em"))


NEGATIONS = word_list(
    "not no never dont cant wont isnt arent doesnt "
    "without nothing nobody none neither nor cannot hardly nicht kein keine keinen keinem keiner "
    "nie niemals ohne nichts niemand weder"
)

HEDGES = re.compile(
    r"\b(no idea|(?:do|does|did)(?:n't| not) (?:know|understand|remember|mind|matter)|not (?:\w+ )?sure|why not|"
    r"no problem|(?:can't|cannot) (?:wait|find|remember|see|figure)|whether or not|or not|if not|not only|don't worry|"
    r"not miss|no (?:clue|sense|matter)|haven't got|"
    r"^(?:is|are|do|does|did|can|could|was|were|have|has|would|should)n't (?:there|they|you|we|i|he|she)\b|"
    r"weiss nicht|keine ahnung)\b"
)
"""Phrases that contain a negation and reverse nothing."""

SIDE_CLAUSES = re.compile(r"\b(if|because|since|unless|but|so that|in case|although|wenn|weil|falls|aber)\b.*$")
"""Starts of side clauses: a negation in a side clause does not reverse the question."""

OPPOSITES = tuple(
    (frozenset(left.casefold().split()), frozenset(right.casefold().split()))
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
        ("lock locks locked", "unlock unlocks unlocked"),
        ("show", "hide"),
        ("pause", "resume"),
        ("hot hotter hottest warm warmer", "cold colder coldest cool cooler"),
        ("heat heating", "cool cooling"),
        ("big bigger large larger", "small smaller little"),
        ("long longer", "short shorter"),
        ("old older", "new newer young younger"),
        ("fast faster fastest quick quicker quickest", "slow slower slowest"),
        ("high higher highest", "low lower lowest"),
        ("strong stronger", "weak weaker"),
        ("heavy heavier heaviest", "light lighter lightest"),
        ("easy easier easiest", "hard harder hardest difficult"),
        ("near nearer nearest close closest", "far farther farthest furthest"),
        ("better", "worse"),
        ("full", "empty"),
        ("legal", "illegal"),
        ("possible", "impossible"),
        ("always", "never"),
        ("all every everything everyone", "none nothing nobody"),
        ("above over", "below under"),
        ("front", "back rear"),
        ("upstairs", "downstairs"),
        ("domestic", "international"),
        ("single one-way", "return"),
        ("save", "delete"),
        ("accepting", "rejecting"),
        ("approve approved", "reject rejected refuse refused deny denied"),
        ("connect", "disconnect"),
        ("install", "uninstall"),
        ("attach", "detach"),
        ("mute", "unmute"),
        ("include included including", "exclude excluded excluding except"),
        ("pass passed", "fail failed"),
        ("teach", "learn"),
        ("pay", "refund"),
        ("lend", "borrow"),
        ("check-in checkin", "check-out checkout"),
        ("men man male gentlemen", "women woman female ladies"),
        ("boy boys", "girl girls"),
        ("day daytime", "night nighttime"),
        ("indoor", "outdoor"),
        ("am", "pm"),
        ("vegetarian vegan", "meat"),
        ("wet rainy rain", "dry sunny sun"),
        ("until", "since"),
        ("hire", "fire sack"),
        ("subscribe", "unsubscribe"),
        ("activate", "deactivate"),
        ("freeze", "unfreeze"),
        ("block", "unblock"),
        ("inbound incoming", "outbound outgoing"),
        ("departure departures", "arrival arrivals"),
        ("import", "export"),
        ("gain", "lose"),
        ("upgrade", "downgrade"),
        ("rise rising", "fall falling"),
        ("half", "double twice whole entire"),
        ("both", "neither"),
        ("tall taller tallest", "short shorter shortest low lower lowest"),
        ("loud louder loudest loudly noisy", "quiet quieter quietest quietly silent"),
        ("land lands landed landing", "take-off takeoff taken"),
        ("rent", "let"),
        ("obliged", "allowed optional voluntary"),
        ("single", "double twin"),
        ("wide wider widest broad", "narrow narrower narrowest"),
        ("deep deeper deepest", "shallow shallower shallowest"),
        ("thick thicker thickest", "thin thinner thinnest"),
        ("upper top", "lower bottom"),
        ("permanent permanently", "temporary temporarily"),
        ("tighten tight tighter", "loosen loose looser"),
        ("inflate inflated", "deflate deflated"),
        ("fill filled", "empty emptied"),
        ("attach attached fit fitted mount mounted", "remove removed detach detached"),
        ("join", "leave quit"),
        ("start begin", "cancel"),
        ("cause causes caused", "cure cures cured prevent prevents"),
        ("clean cleaned", "dirty"),
        ("safe safely", "dangerous dangerously unsafe"),
        ("used second-hand", "new"),
        ("raw", "cooked"),
        ("credit", "debit"),
        ("gain", "loss"),
        ("profit", "loss"),
        ("interior internal", "exterior external"),
        ("input", "output"),
        ("senior", "junior"),
        ("plus", "minus"),
        ("positive", "negative"),
        ("horizontal", "vertical"),
        ("remember", "forget"),
        ("ask", "answer"),
        ("buyer", "seller"),
        ("landlord", "tenant"),
        ("employer", "employee"),
        ("sender", "recipient receiver"),
        ("doctor dentist", "patient"),
        ("host", "guest"),
        ("expand", "shrink"),
        ("appear appears", "disappear disappears vanish"),
        ("one", "both"),
        ("an ein einschalten einzuschalten anschalten anmachen", "aus ausschalten auszuschalten abschalten ausmachen"),
        ("auf geöffnet offen offene offenen", "zu geschlossen geschlossene gesperrt gesperrte zugemacht"),
        ("öffnen öffnet öffne eröffnen eröffne eröffnet öffnung", "schliessen schliesst schliesse schluss schliessung"),
        ("an ankommen ankommt ankunft anreise anreisen landung", "ab abfahren abfährt abfahrt abflug abreise abreisen"),
        ("ankunftshalle", "abflughalle abfahrtshalle"),
        ("vor davor vorher bevor", "nach danach nachher nachdem"),
        ("kaufen kaufe kauft kauf", "verkaufen verkaufe verkauft verkauf"),
        ("mieten miete mietet", "vermieten vermiete vermietet"),
        ("ausleihen ausleihe leihen leihe", "zurückgeben zurückgebe rückgabe verleihen verleihe"),
        ("einchecken check-in einchecke", "auschecken check-out auschecke"),
        ("mehr", "weniger"),
        ("immer", "nie niemals"),
        ("alle jeder jede jedes", "keiner keine keines kein"),
        ("hin hinauf rauf hoch", "zurück hinunter runter"),
        ("links", "rechts"),
        ("oben", "unten"),
        ("drinnen innen", "draussen aussen"),
        ("erlaubt gestattet", "verboten untersagt"),
        ("aktivieren aktiviere", "deaktivieren deaktiviere"),
        ("erste ersten erster erstes", "letzte letzten letzter letztes"),
        *(
            (_inflected(left), _inflected(right))
            for left, right in (
                ("groß größer größt", "klein kleiner kleinst"),
                ("schnell schneller schnellst", "langsam langsamer langsamst"),
                ("billig billiger billigst günstig günstiger günstigst", "teuer teur teurer teuerst"),
                ("alt älter ältest", "neu neuer neuest jung jünger jüngst"),
                ("warm wärmer wärmst heiß heißer heißest", "kalt kälter kältest kühl kühler kühlst"),
                ("lang länger längst", "kurz kürzer kürzest"),
                ("hoch höher höchst", "niedrig niedriger niedrigst tief tiefer tiefst"),
                ("früh früher frühest", "spät später spätest"),
                ("laut lauter lautest", "leise leiser leisest ruhig ruhiger ruhigst"),
                (
                    "leicht leichter leichtest einfach einfacher einfachst",
                    "schwer schwerer schwerst schwierig schwieriger",
                ),
                ("gut besser best", "schlecht schlechter schlechtest"),
                ("nah näher nächst", "fern ferner weit weiter weitest"),
                ("voll", "leer"),
            )
        ),
    )
)

REVERSING_PREFIXES = ("un", "dis", "de", "in", "im", "ir", "non", "mis", "ent", "ver")
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
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "twice": 2,
    "zweimal": 2,
}
"""`one` is left out: it is a pronoun more often than a number."""

ANAPHORS = word_list(
    "it that this they them those these there one ones he she him her his hers their its same das es dies "
    "diese dieser dort die sie er ihn ihm"
)

FUNCTION_WORDS = ANAPHORS | word_list(
    "a an the and or but so then also too is are was were be been am do does did can could may might will "
    "would shall should must have has had how what when where which who whom why whose much many long far "
    "often i you we me us my your our to of in on at for from by with about into out up if any some please ok "
    "okay yes no not really very just und oder aber auch dann ist sind war wie was wann wo wer warum viel "
    "kann darf ich du wir der den dem ein eine it's that's they're there's what's how's isn't aren't don't "
    "im am um auf bei bis für seit von zum zur es gibt ihr mein meine meinen meinem mich mir dich dir uns euch haben "
    "hat habe hätte hätten möchte will wollen können könnte könnten soll sollte muss müssen werden wird wurde sein bin "
    "noch schon nur bitte gern gerne ja man denn doch mal hier da welche "
    "welcher welches welchem welchen woher wohin einen einem einer des"
)

COURTESIES = word_list("a an the your our my please der die das ein eine den dem bitte euer eure ihre mein")
"""Words that a question may have or lack without being another."""

LEANING_STARTS = re.compile(r"^(and|but|or|also|then|what about|how about|und|aber|oder|was ist mit|wie ist es mit)\b")
