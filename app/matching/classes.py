"""Closed sets of words of which one cannot stand for another: days, months, places, units; who swaps one asks anew.

English and German, written for this package; a set need not be complete: what it lacks costs a check, not a mistake.
"""

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
    "currency": "dollar euro pound yen franc rupee peso yuan krone zloty lira bitcoin usd eur gbp chf jpy $ € £ ¥",
    "unit": "kilometre kilometer mile metre meter centimetre centimeter inch foot feet yard kilo kilogram gram ounce "
    "tonne litre liter gallon pint celsius fahrenheit km cm mm kg lb lbs oz",
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
    "japan korea australia canada mexico brazil argentina peru chile russia america europe asia africa münchen wien",
    "person": "anna ben clara david emma frank george hannah ian jack jane john julia kate laura lisa maria mark "
    "martin mary max michael nina oliver paul peter rachel robert sarah simon sophie susan thomas tom william "
    "mira alice bob",
    "payment": "cash credit debit cheque voucher paypal invoice",
    "vehicle": "car bus train tram bicycle bike ferry plane taxi motorbike lorry truck boat ship",
    "device": "phone tablet laptop printer television tv radio iphone ipad android windows mac linux",
    "size": "small medium large",
    "drink": "coffee tea beer wine water juice milk",
    "body part": "head neck arm hand leg knee ankle back shoulder tooth eye ear",
}
"""Name of each set and its words, singular."""

CLASSES = {name: frozenset(normalise(listed).split()) for name, listed in _LISTED.items()}

MEMBERS = frozenset().union(*CLASSES.values())


def members(spoken: frozenset[str], name: str) -> frozenset[str]:
    """The words of a set that are spoken, plurals as singulars."""
    listed = CLASSES[name]
    return frozenset(one for word in spoken for one in (word, word.removesuffix("s")) if one in listed)
