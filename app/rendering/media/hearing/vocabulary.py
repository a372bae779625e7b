"""Words that carry an answer, by language: negations, days and months; and forms that are heard the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Vocabulary:
    """Words of a language that hearing looks at.

    `negations` turn an answer over, `stems` begin more of them; `dates` must be heard as written; `small` are words
    without weight; `alike` are figures with the words that sound like them; `hours` follow a time of day; `forms`
    replace what is written in two ways, in small letters.
    """

    negations: frozenset[str]
    dates: frozenset[str]
    small: frozenset[str]
    stems: tuple[str, ...] = ()
    alike: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hours: frozenset[str] = frozenset()
    forms: tuple[tuple[re.Pattern[str], str], ...] = ()

    def is_negation(self, word: str) -> bool:
        """Return whether a word says no."""
        return word in self.negations or word.startswith(self.stems)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _forms(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"(?<!\w){pattern}(?!\w)"), form) for pattern, form in pairs)


CURRENCIES: Final = _set(
    "euro euros eur pound pounds pfund libra libras livre livres sterlina sterline dollar dollars dólar dólares "
    "dollari dollaro franc francs franken franco francos franchi"
)
"""Words of currencies, in the five languages."""

_NE_PLUS = r"((?:ne |n')(?:(?!(?:pas|jamais|rien|ni|que|aucune?)\b)[\w'-]+ ){0,4}?)plus"
"""French words from `ne` to a `plus` that says no; in `ne … pas plus` another word says it."""

_FEW = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"

VOCABULARIES: Final[Mapping[str, Vocabulary]] = {
    "en": Vocabulary(
        negations=_set("not no never none nothing nobody nowhere neither nor without non"),
        dates=_set(
            "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays "
            "saturdays sundays january february march april may june july august september october november december "
            "am pm noon midnight morning evening"
        ),
        small=_set(
            "a an the and or of to in on at by for with from is are was were be it its this that there here as so will "
            "would can could you your we our us i me my he she they their them do does did has have had please "
            "cent cents penny pence"
        ),
        alike={
            "2": _set("to too"), "4": _set("for fore"), "8": _set("ate"), "6": _set("sex"), "0": _set("o"),
            "10": _set("tenn"),
        },
        forms=_forms(
            ("can'?t|cannot", "can not"), ("won'?t", "will not"), ("shan'?t", "shall not"), ("ain't", "is not"),
            (r"(\w+)n't", r"\1 not"), (r"(\w+)'re", r"\1 are"), (r"(\w+)'ve", r"\1 have"), (r"(\w+)'ll", r"\1 will"),
            ("i'm", "i am"), (r"(it|that|there|here|what|who|where|he|she|let)'s", r"\1 is"), (r"(\w+s?)'s?", r"\1"),
            (r"a\.? ?m\.?", "am"), (r"p\.? ?m\.?", "pm"), ("half past (\\w+)", r"\1 thirty"),
            ("(?:a )?quarter past (\\w+)", r"\1 fifteen"), ("o'clock", ""), ("okay", "ok"), ("dr", "doctor"),
            ("mr", "mister"), ("mrs", "missus"), ("vs", "versus"), ("percent", "per cent"),
            (r"(?:an|one) (hour|day|week|month|year|mile) and a half", r"one point five \1s"),
            (rf"({_FEW}) (hours|days|weeks|months|years|miles) and a half", r"\1 point five \2"),
            (rf"({_FEW}) and a half", r"\1 point five"), ("till", "until"),
        ),
    ),
    "de": Vocabulary(
        negations=_set("nicht nie niemals niemand niemandem niemanden nichts nirgends weder ohne nein"),
        stems=("kein",),
        dates=_set(
            "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags dienstags mittwochs "
            "donnerstags freitags samstags sonntags januar februar märz april mai juni juli august september oktober "
            "november dezember mittags mitternacht morgen abend vormittag nachmittag"
        ),
        small=_set(
            "der die das den dem des ein eine einen einem einer eines und oder von vom zu zum zur in im ins an am auf "
            "bei beim für mit aus ist sind war waren es er sie wir ihr ihre ich sich hier da so wird werden kann "
            "können hat haben bitte auch als wie uns unser unsere cent"
        ),
        alike={"2": _set("zwei"), "3": _set("frei"), "4": _set("für")},
        forms=_forms(("dr", "doktor"), ("uhr", ""), ("zwo", "zwei"), ("anderthalb", "eins komma fünf"),
                     (r"(\w+?)einhalb", r"\1 komma fünf")),
        hours=_set("uhr"),
    ),
    "es": Vocabulary(
        negations=_set("no nunca jamás nadie nada ni tampoco sin"),
        stems=("ningun", "ningún"),
        dates=_set(
            "lunes martes miércoles jueves viernes sábado sábados domingo domingos enero febrero marzo abril mayo "
            "junio julio agosto septiembre octubre noviembre diciembre mediodía medianoche mañana tarde noche"
        ),
        small=_set(
            "el la los las un una unos unas y e o u de del a al en con por para es son está están ser lo le les se su "
            "sus nuestro nuestra que como más muy aquí hay puede usted nos me mi favor céntimo céntimos "
            "centavo centavos"
        ),
        alike={"7": _set("siente"), "6": _set("sies"), "1000": _set("mi")},
        forms=_forms((r"(\w+) coma cinco horas?", r"\1 horas treinta"), (r"(\w+) y media", r"\1 treinta"),
                     (r"(\w+) y cuarto", r"\1 quince"),                     ("del", "de el"), ("al", "a el")),
        hours=_set("h horas"),
    ),
    "fr": Vocabulary(
        negations=_set("pas jamais rien sans ni aucun aucune nul nulle non neplus"),
        dates=_set(
            "lundi mardi mercredi jeudi vendredi samedi dimanche lundis mardis mercredis jeudis vendredis samedis "
            "dimanches janvier février mars avril mai juin juillet août septembre octobre novembre décembre midi minuit"
        ),
        small=_set(
            "le la les l un une des du de d et ou à au aux en dans sur par pour avec est sont être ce c cet cette ces "
            "il elle ils elles on nous vous votre vos notre nos je j se s sa son ses que qu qui y ne n plus "
            "centime centimes"
        ),
        alike={
            "100": _set("sans sang sent"), "6": _set("si ses ces"), "7": _set("cet cette"), "20": _set("vin vain vint"),
            "10": _set("dit dis"), "8": _set("huître"), "2": _set("de d'eux deu"), "5": _set("sein saint sain"),
        },
        forms=_forms((r"(\w+) virgule cinq heures?", r"\1 heures trente"), ("heures? et demie?", "heures trente"),
                     ("heures? et quart", "heures quinze"), ("dr", "docteur"),
                     ("mme", "madame"), (_NE_PLUS, r"\1neplus")),
        hours=_set("h heures"),
    ),
    "it": Vocabulary(
        negations=_set("non no mai niente nulla né senza nemmeno neanche neppure"),
        stems=("nessun",),
        dates=_set(
            "lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno "
            "luglio agosto settembre ottobre novembre dicembre mezzogiorno mezzanotte"
        ),
        small=_set(
            "il lo la i gli le l un uno una e ed o di del dello della dei degli delle a al allo alla ai agli alle in "
            "nel nella su sul sulla con per da dal dalla è sono si ci vi che come più suo sua nostro nostra può d "
            "centesimo centesimi"
        ),
        forms=_forms((r"(\w+) virgola cinque ore", r"\1 ore trenta"), ("e mezz[ao]", "e trenta"),
                     ("e un quarto", "e quindici")),
        hours=_set("ore"),
    ),
}  # fmt: skip
"""Vocabulary by language: the languages in which what is heard is judged."""

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("gh(?=t)|(?<=u)gh", ""), ("ph", "f"), ("wr", "r"), ("kn", "n"), ("sch|sh|ch(?=i)", "x"), ("tz|z|ß|ce|ci", "s"),
        ("ck|qu|c|q", "k"), ("th|dt|d", "t"), ("b", "p"), ("v|w", "f"), ("j|y|ie|ee|ea|ei|ij", "i"), ("h", ""),
        ("oo|ou|au|oe|ö|ü|u", "o"), ("ai|ay|ae|ä|ey", "e"), ("e$|es$", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


def sound_of(word: str) -> str:
    """Return a rough spelling by sound: words that a recogniser takes for each other come out alike."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
