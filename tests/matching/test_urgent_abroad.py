"""Need is heard in Spanish, French and Italian by one grammar, in any session; ordinary questions are none."""

import json
from pathlib import Path

import pytest

from app.catalog.model import Role
from app.matching.urgent.alarm import Alarm, said_in
from app.matching.urgent.hearing import hear
from tests.support.matching import a_catalog, an_intent

FOLDER = Path(__file__).parent / "data" / "transfer"
ROWS = [
    json.loads(line) for name in ("urgent", "urgent_2") for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()
]


def need_in(text: str, locale: str) -> str | None:
    """The kind of need that is heard in a text."""
    heard = hear(said_in(text, locale))
    return heard.kind if heard else None


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
def test_need_is_heard(locale):
    urgent = [row for row in ROWS if row["urgent"]]

    deaf = [row[locale] for row in urgent if need_in(row[locale], locale) is None]
    assert len(deaf) <= 2, deaf


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
def test_ordinary_questions_are_not_taken_for_need(locale):
    ordinary = [row[locale] for row in ROWS if not row["urgent"]]

    taken = [text for text in ordinary if need_in(text, locale)]
    assert len(taken) <= 1, taken


@pytest.mark.parametrize("locale", ["es", "fr", "it", "es-MX"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Fire!", "fire"),
        ("Call an ambulance", "medical"),
        ("I want to kill myself", "crisis"),
        ("He is not breathing", "medical"),
        ("Hilfe!", "call"),
        ("Ich habe mein Kind verloren", "lost child"),
        ("Hola, my husband has collapsed", "medical"),
        ("Scusi, there is a fire in the cafe", "fire"),
        ("Au secours, er atmet nicht mehr", "medical"),
    ],
)
def test_need_in_english_or_german_is_heard_in_any_session(locale, text, kind):
    assert need_in(text, locale) == kind


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("fr", "Où acheter du pain ?"),
        ("fr", "C'est la fin du chemin ?"),
        ("fr", "Le tableau de la bataille est-il ici ?"),
        ("fr", "Quel poison a pris Cléopâtre ?"),
        ("es", "¿Quién pintó las minas de sal?"),
        ("es", "¿Hay un red wifi libre?"),
        ("es", "¿Die Brücke tiene cuadros aquí?"),
        ("it", "Chi ha dipinto la morte di Marat?"),
        ("it", "Dove sono i gatti del museo?"),
        ("es", "Where do I buy tickets?"),
        ("fr", "Is the fire station open to visitors?"),
        ("it", "Wann brennt das Lagerfeuer am Abend?"),
    ],
)
def test_ordinary_questions_that_look_like_another_language(locale, text):
    assert need_in(text, locale) is None


def test_an_authors_urgent_phrase_is_heard_in_any_session():
    urgent = an_intent("gas", {"en": ["the red light"], "es": ["se cayó la estantería"]}, role=Role.URGENT)
    catalog = a_catalog({}, intents=[urgent])
    roles = {**catalog.roles, Role.URGENT: ("gas",)}
    alarm = Alarm.of(catalog.model_copy(update={"locales": ("en", "es"), "roles": roles}))

    said = [
        alarm.find(text, locale, normalised="", closed=frozenset())
        for text, locale in (("Mira, the red light", "es"), ("Look, se cayó la estantería", "en"))
    ]
    assert [one and one.intent for one in said] == ["gas", "gas"]
