"""Word classes: closed sets such as days, months and places, in which no word can stand for another.

English and German, written for this package. A set need not be complete: a missing word costs a check, not a
mistake.
"""

from collections.abc import Iterable

from app.matching.normalise import normalise

_LISTED = {
    "weekday": "monday tuesday wednesday thursday friday saturday sunday weekday weekdays weekend weekends montag "
    "dienstag mittwoch donnerstag freitag samstag sonnabend sonntag wochenende",
    "month": "january february march april may june july august september october november december januar februar "
    "märz mai juni juli oktober dezember",
    "day": "today tomorrow yesterday tonight heute morgen gestern übermorgen",
    "time of day": "morning afternoon evening night midnight noon midday morgens mittags abends nachts",
    "season": "spring summer autumn winter frühling sommer herbst",
    "holiday": "christmas easter halloween ramadan diwali hanukkah whitsun thanksgiving pentecost weihnachten ostern "
    "pfingsten silvester",
    "currency": "dollar euro pound yen franc rupee peso yuan ruble rouble krone kroner zloty "
    "lira bitcoin usd eur gbp chf jpy $ € £ ¥",
    "unit": "kilometre kilometer mile metre meter centimetre centimeter inch foot feet yard kilo kilogram gram ounce "
    "tonne litre liter gallon pint celsius fahrenheit pound km cm mm kg lb lbs oz",
    "period": "second minute hour day week month year decade century hourly daily weekly monthly quarterly yearly "
    "annually annual fortnight sekunde minute stunde tag woche monat jahr",
    "ordinal": "first second third fourth fifth sixth seventh eighth ninth tenth last next previous",
    "colour": "red blue green yellow black white brown orange purple pink grey gray rot blau grün gelb schwarz weiß",
    "direction": "north south east west northern southern eastern western norden süden osten westen",
    "meal": "breakfast lunch dinner supper brunch frühstück mittagessen abendessen",
    "age": "adult child children kid baby toddler teenager senior pensioner student pupil erwachsene kinder",
    "relative": "mother father sister brother son daughter wife husband aunt uncle grandmother grandfather mum dad "
    "mom mutter vater schwester bruder sohn tochter frau mann",
    "animal": "dog cat horse rabbit bird fish hamster parrot snake hund katze pferd vogel",
    "language": "english german french spanish italian portuguese dutch polish russian turkish arabic chinese mandarin "
    "japanese korean hindi swedish danish norwegian greek hebrew latin deutsch englisch französisch spanisch",
    "place": "london paris berlin madrid rome vienna amsterdam brussels dublin lisbon warsaw prague budapest athens "
    "copenhagen stockholm oslo helsinki moscow istanbul cairo delhi mumbai beijing shanghai tokyo seoul sydney "
    "melbourne toronto chicago boston seattle houston miami dallas denver hamburg munich cologne frankfurt zurich "
    "geneva basel milan venice naples barcelona seville porto edinburgh glasgow manchester liverpool bristol leeds "
    "oxford cambridge york bath brighton germany france spain italy portugal england scotland wales ireland austria "
    "switzerland belgium netherlands holland denmark sweden norway finland poland greece turkey egypt india china "
    "japan korea australia canada mexico brazil argentina peru chile russia america europe asia africa münchen wien "
    "rom mailand venedig neapel prag warschau brüssel kopenhagen moskau köln stuttgart leipzig dresden zürich genf "
    "athen lissabon corsica crete sicily sardinia italien spanien frankreich deutschland österreich schweiz dänemark "
    "norwegen schweden finnland polen griechenland türkei ägypten indien",
    "person": "anna ben clara david emma frank george hannah ian jack jane john julia kate laura lisa maria mark "
    "martin mary max michael nina oliver paul peter rachel robert sarah simon sophie susan thomas tom william "
    "mira alice bob",
    "payment": "cash credit debit cheque voucher paypal invoice",
    "vehicle": "car bus train tram bicycle bike e-bike tandem scooter moped trailer caravan van ferry plane taxi "
    "motorbike lorry truck boat ship",
    "material": "wood steel iron aluminium carbon titanium copper gold silver plastic leather cotton wool silk linen "
    "nylon glass paper cardboard ceramic porcelain marble concrete rubber",
    "device": "phone tablet laptop printer television tv radio iphone ipad android windows mac linux",
    "size": "small medium large",
    "drink": "coffee tea beer wine water juice milk",
    "body part": "head neck arm hand leg knee ankle back shoulder tooth eye ear",
}
"""Name of each set and its words, singular."""

CLASSES = {name: frozenset(normalise(listed).split()) for name, listed in _LISTED.items()}

MEMBERS = frozenset().union(*CLASSES.values())

_NAMES = {word: tuple(name for name, listed in CLASSES.items() if word in listed) for word in MEMBERS}


def sets_of(spoken: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the sets that the words belong to, each with its words; plurals and genitives as singulars."""
    found: dict[str, set[str]] = {}
    for word in spoken:
        for one in {word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("'s")}:
            for name in _NAMES.get(one, ()):
                found.setdefault(name, set()).add(one)
    return {name: frozenset(members) for name, members in found.items()}


IDENTITIES = frozenset(
    ("weekday", "month", "holiday", "currency", "unit", "colour", "direction", "language", "place", "person")
)
"""Sets in which each word is one thing: a question with an unknown word in its place is about something
else."""

_AMBIGUOUS = frozenset({"may", "march", "second", "mark", "will"})
"""Words of these sets that more often have another meaning."""


def is_identity(word: str) -> bool:
    """Return whether the word belongs to one of the sets in `IDENTITIES`."""
    return word not in _AMBIGUOUS and any(name in IDENTITIES for name in sets_of([word]))
