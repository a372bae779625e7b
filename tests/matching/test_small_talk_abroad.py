"""Small talk in Spanish, French and Italian reaches the pack, and is answered in the language that it came in."""

import json

import pytest

from app.adapters.catalog_files.loader import load_catalog
from tests.adapters.catalog_files.test_starters import a_folder
from tests.matching.test_small_talk import DESK
from tests.support.transfer import matcher_of

SAID = {
    "hello": ("hola, buenos días", "bonjour", "buongiorno"),
    "goodbye": ("adiós, hasta luego", "au revoir et bonne journée", "arrivederci"),
    "how-are-you": ("¿cómo estás hoy?", "comment vas-tu aujourd'hui ?", "come stai oggi?"),
    "are-you-real": ("¿eres una persona de verdad?", "es-tu une vraie personne ?", "sei una persona vera?"),
    "who-are-you": ("¿cómo te llamas?", "comment tu t'appelles ?", "come ti chiami?"),
    "who-made-you": ("¿quién te ha programado?", "qui t'a programmé ?", "chi ti ha programmato?"),
    "what-can-you-do": ("¿qué te puedo preguntar?", "que puis-je te demander ?", "cosa posso chiederti?"),
    "tell-a-joke": ("cuéntame un chiste", "raconte-moi une blague", "raccontami una barzelletta"),
    "you-are-stupid": ("eres tonta", "tu es bête", "sei stupida"),
}

ORDINARY = (
    ("¿quién hizo el reloj?", "qui a fabriqué l'horloge ?", "chi ha fatto l'orologio?"),
    ("¿es real el diamante?", "le diamant est-il vrai ?", "il diamante è vero?"),
    ("¿cómo se llama el director?", "comment s'appelle le directeur ?", "come si chiama il direttore?"),
)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory):
    desk = {
        f"desk/{name}": json.dumps({"title": name.title(), "phrases": {"en": texts[0]}, "answer": {"en": ["Yes."]}})
        for name, texts in DESK.items()
    }
    files = {**desk, "desk/welcome": "title: Welcome\nrole: greeting\nanswer: {en: [Welcome.]}\nnext: [hours]\n"}
    folder = a_folder(tmp_path_factory.mktemp("abroad") / "c", "[small-talk]", locales="[en, es, fr, it]", files=files)
    catalog = load_catalog(folder).catalog
    assert catalog is not None
    assert all({"es", "fr", "it"} <= intent.answer.keys() for intent in catalog.intents if intent.starter)
    return matcher_of(catalog)


@pytest.mark.parametrize(("at", "locale"), [(0, "es"), (1, "fr"), (2, "it")])
def test_small_talk_is_helped_and_other_questions_are_not_taken_for_it(matcher, at, locale):
    decided = matcher.decide_many([texts[at] for texts in SAID.values()], locale=locale)
    others = matcher.decide_many([texts[at] for texts in ORDINARY], locale=locale)

    helped = [name for name, one in zip(SAID, decided, strict=True) if name in {one.intent, *one.choices}]
    assert set(helped) == set(SAID)
    assert [one.intent for one in others if one.intent in SAID] == []
