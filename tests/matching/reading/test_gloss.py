"""A text in another language is told in the English words that guards, follow-ups and replies know."""

import pytest

from app.matching.guards.chain import inspect
from app.matching.guards.topic import leans_back
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from app.matching.reading.gloss import clauses_in_english, glossed, in_english
from app.matching.turns.rejoinders import rejoinder


def stopped(question: str, phrase: str, *, locale: str, spoken: str | None = None) -> set[str]:
    """The guards that keep a question from being answered by an intent with this one phrase."""
    own = LexicalPhrase(normalise(phrase), "x", spoken or locale, phrase)
    return {one.guard for one in inspect(normalise(question), [Neighbour(own, 0.9)], locale=locale) if not one.passed}


@pytest.mark.parametrize(
    ("locale", "text", "told"),
    [
        ("es", "¿Quién dirige el museo?", "who dirige the museum"),
        ("fr", "Y a-t-il une réduction pour les retraités ?", "is there a réduction for the pensioner"),
        ("it", "Non si può portare il cane?", "can't one portare the dog"),
        ("es-MX", "cuanto cuesta", "how much costs"),
        ("de", "Braucht der Hund eine Leine?", "braucht der dog eine leine"),
        ("nl", "Is er een lift?", "is er een lift"),
        ("en", "Where is the red once?", "where is the red once"),
    ],
)
def test_words_and_phrases_are_told_in_english(locale, text, told):
    assert glossed(normalise(text), locale) == told


def test_a_foreign_word_is_none_of_the_english_ones_with_its_letters():
    assert glossed("la red wifi", "es") == "the red_es wifi"


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
@pytest.mark.parametrize(
    "text",
    [
        "when do you close",
        "can a school class do a tour",
        "sell two bags",
        "yes",
        "wann macht ihr zu",
        "without a card",
    ],
)
def test_english_and_german_stay_as_they_are_in_any_session(locale, text):
    assert in_english(text, locale) == glossed(text, locale) == text


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
@pytest.mark.parametrize(
    ("phrase", "reversal", "guard"),
    [
        ("When do you open?", "When do you close?", "opposites"),
        ("Can I pay with a card?", "Can I pay without a card?", "opposites"),
        ("May I bring forty bags?", "May I bring fifty bags?", "numbers"),
        ("How do I buy my books?", "How do I sell my books?", "opposites"),
        ("I want to get the newsletter", "I don't want to get the newsletter", "negation"),
        ("Are you open on Mondays?", "Are you open on Tuesdays?", "swapped"),
        ("Where is the tower?", "Who built the tower?", "kind of question"),
    ],
)
def test_a_reversal_in_english_is_stopped_in_any_session(locale, phrase, reversal, guard):
    assert guard in stopped(reversal, phrase, locale=locale, spoken="en")
    assert not stopped(phrase, phrase, locale=locale, spoken="en")


def test_german_keeps_its_own_words_where_it_has_lists():
    assert in_english("und am montag", "de") == "und am montag"


@pytest.mark.parametrize(
    ("locale", "phrase", "reversal", "guard"),
    [
        ("es", "¿Cómo enciendo la audioguía?", "¿Cómo apago la audioguía?", "opposites"),
        ("fr", "Comment allumer l'audioguide ?", "Comment éteindre l'audioguide ?", "opposites"),
        ("it", "Come accendo l'audioguida?", "Come spengo l'audioguida?", "opposites"),
        ("es", "¿Cómo me suscribo al boletín?", "Quiero darme de baja del boletín", "opposites"),
        ("fr", "Je veux recevoir la lettre", "Je ne veux pas recevoir la lettre", "negation"),
        ("it", "Voglio ricevere la newsletter", "Non voglio ricevere la newsletter", "negation"),
        ("es", "Quiero recibir el boletín", "No quiero recibir el boletín", "negation"),
        ("es", "¿A qué hora abren los lunes?", "¿A qué hora abren los martes?", "swapped"),
        ("fr", "À quelle heure ouvrez-vous le lundi ?", "À quelle heure ouvrez-vous le mardi ?", "swapped"),
        ("it", "A che ora aprite il lunedì?", "A che ora aprite il martedì?", "swapped"),
        ("es", "Una mesa para cuatro en mayo", "Una mesa para cuatro en junio", "swapped"),
        ("fr", "Un billet pour 40 personnes", "Un billet pour 50 personnes", "numbers"),
        ("it", "Una visita per quaranta persone", "Una visita per cinquanta persone", "numbers"),
        ("es", "¿Dónde está el museo?", "¿Quién dirige el museo?", "kind of question"),
        ("fr", "Quand ouvre le musée ?", "Pourquoi le musée est-il fermé ?", "kind of question"),
        ("it", "Dove si trova il museo?", "Quanti anni ha il museo?", "kind of question"),
    ],
)
def test_a_reversal_is_stopped_in_each_language(locale, phrase, reversal, guard):
    assert guard in stopped(reversal, phrase, locale=locale)
    assert not stopped(phrase, phrase, locale=locale)


@pytest.mark.parametrize(
    ("locale", "phrase", "question"),
    [
        ("es", "¿Se puede entrar con perros?", "¿No se puede entrar con perros?"),
        ("fr", "Les chiens sont-ils admis ?", "les chiens sont interdits ?"),
        ("it", "Si può entrare con il cane?", "Non si può entrare con il cane?"),
        ("es", "¿Abren los domingos?", "¿Están abiertos los domingos?"),
    ],
)
def test_a_question_of_fact_is_let_through(locale, phrase, question):
    assert not stopped(question, phrase, locale=locale)


def test_a_question_is_compared_with_phrases_of_another_language():
    assert not stopped("Braucht der Hund eine Leine?", "Must dogs be on a lead?", locale="de", spoken="en")
    assert "swapped" in stopped("mesa reservation lunes", "table reservation tuesday", locale="es", spoken="en")
    assert "kind of question" in stopped(
        "¿Quién dirige el museo?", "Directions to the museum", locale="es", spoken="en"
    )


@pytest.mark.parametrize(
    ("locale", "text", "kind"),
    [
        ("es", "Muchas gracias", "thanks"),
        ("fr", "D'accord, merci", "thanks"),
        ("it", "Va bene", "ok"),
        ("es", "sí", "yes"),
        ("fr", "non merci", "no"),
        ("it", "Non ho capito", "repeat"),
        ("es", "¿Puede repetirlo, por favor?", "repeat"),
        ("fr", "Pouvez-vous répéter s'il vous plaît", "repeat"),
        ("es", "¿Cuánto cuesta?", None),
        ("it", "Dove sono i bagni?", None),
    ],
)
def test_replies_are_understood(locale, text, kind):
    assert rejoinder(in_english(normalise(text), locale)) == kind


@pytest.mark.parametrize(
    ("locale", "text", "leans"),
    [
        ("es", "¿Y los domingos?", True),
        ("fr", "Et pour les étudiants ?", True),
        ("it", "E la domenica?", True),
        ("fr", "où", True),
        ("es", "¿Dónde está el baño?", False),
        ("it", "Avete un ristorante?", False),
    ],
)
def test_a_question_that_leans_on_the_one_before_is_known(locale, text, leans):
    assert leans_back(in_english(normalise(text), locale)) is leans


def test_clauses_keep_their_stops_and_mark_what_is_not_in_the_table():
    assert (
        clauses_in_english("¡Socorro! Mi marido no respira, rápido.", "es") == "¡help!my husband is not breathing,fast."
    )
    assert clauses_in_english("La fuera", "it") == "the fuera_it"
