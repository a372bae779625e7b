"""Negations that reverse a wish or an action, beside those that ask what is the case; and roles exchanged.

`negated_alone_dev.jsonl` was written after the first version of the mechanism, and is put to the guards alone.

`negated_dev.jsonl` has 75 pairs, 45 in English and 30 in German, `exchanged_roles_dev.jsonl` 20: a phrase, a harmless
question, a reversal. They were written before the guards' words for forms of questions; each goes through the whole
decision, five phrases or so to an intent.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from app.matching.guards.chain import inspect
from app.matching.guards.question_form import asks_the_case, clauses, wants
from app.matching.index import Neighbour
from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from tests.support.long import all_long_but
from tests.support.matching import a_catalog, a_matcher, an_intent, real_encoder


def read(name):
    lines = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def decided(name):
    """The pairs of a file with the decisions on both their questions."""
    pairs = read(name)
    phrases = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        phrases[pair["intent"]][pair["locale"]].append(pair["phrase"])
    matcher = a_matcher(a_catalog({}, intents=[an_intent(one, said) for one, said in phrases.items()]), real_encoder())
    return [(pair, *matcher.decide_many([pair["harmless"], pair["reversed"]], locale=pair["locale"])) for pair in pairs]


def failed(question, phrase, locale="en"):
    known = Neighbour(LexicalPhrase(normalise(phrase), "it", locale, phrase), 0.9)
    return {one.guard for one in inspect(normalise(question), [known]) if not one.passed}


@pytest.mark.parametrize(
    ("name", "pairs", "kept", "most"),
    all_long_but(
        [("negated_dev", 75, 0.95, 0), ("exchanged_roles_dev", 20, 0.9, 0), ("exchanged_roles_dev_2", 48, 0.9, 1)],
        ("exchanged_roles_dev", 20, 0.9, 0),
        ("negated_dev", 75, 0.95, 0),
    ),
)
def test_reversals_stay_silent_and_harmless_questions_are_helped(name, pairs, kept, most):
    each = decided(f"{name}.jsonl")

    plays = [pair["reversed"] for pair, _, turned in each if turned.intent]
    helped = [one for one, harmless, _ in each if one["intent"] in {harmless.intent, *harmless.choices}]
    assert len(each) == pairs
    assert len({pair["locale"] for pair, _, _ in each}) == 2
    assert len(plays) <= most, plays
    assert len(helped) >= kept * len(each)


@pytest.mark.parametrize(
    ("kind", "count", "stopped"), [("harmless", 74, 0), ("reversed", 56, 1), ("exchanged", 38, 0.85)]
)
def test_the_guards_alone_tell_the_kinds_apart(kind, count, stopped):
    """At first sight 22 harmless ones were stopped, and 5 of the reversed and 8 of the exchanged passed."""
    each = [one for one in read("negated_alone_dev.jsonl") if one["kind"] == kind]

    caught = [one["question"] for one in each if failed(one["question"], one["phrase"], locale=one["locale"])]
    assert len(each) == count
    if stopped:
        assert len(caught) >= stopped * count, {one["question"] for one in each} - set(caught)
    else:
        assert len(caught) <= 0.02 * count, caught


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Are dogs not allowed?", "May I bring my dog?"),
        ("Dogs are forbidden, right?", "Are dogs allowed?"),
        ("I heard that dogs are not allowed", "Are dogs allowed?"),
        ("So dogs aren't allowed", "Are dogs allowed?"),
        ("When are you NOT open?", "When are you open?"),
        ("Which days are you closed?", "Which days are you open?"),
        ("I have no cash, can I pay by card?", "Can I pay by card?"),
        ("Isn't it free to enter?", "Is it free to enter?"),
        ("Which cards do you not take?", "Which cards do you take?"),
        ("Don't visitors have to book?", "Do visitors have to book?"),
        ("Sind Hunde nicht erlaubt?", "Sind Hunde erlaubt?"),
        ("Nehmen Sie keine Karten?", "Nehmen Sie Karten?"),
        ("Hunde sind verboten, oder?", "Sind Hunde erlaubt?"),
        ("Wann haben Sie zu?", "Wann haben Sie auf?"),
        ("Are dogs allowed?", "Are dogs not allowed?"),
    ],
)
def test_a_question_about_the_case_may_be_put_in_the_negative(question, phrase):
    locale = "de" if question.isascii() is False or phrase.split()[0] in {"Sind", "Nehmen", "Wann"} else "en"
    assert failed(question, phrase, locale=locale) == set()


@pytest.mark.parametrize(
    ("question", "phrase", "guard"),
    [
        ("How do I not get a receipt?", "How do I get a receipt?", "negation"),
        ("I don't want to be called back", "I want to be called back", "negation"),
        ("Could you please not call me back?", "Could you call me back?", "negation"),
        ("Is it possible not to be called back?", "Is it possible to be called back?", "negation"),
        ("Don't print the receipt, ok?", "Print the receipt", "negation"),
        ("How do I stop the phone calls?", "How do I ask for phone calls?", "negation"),
        ("Which road is closed?", "Which road is open?", "opposites"),
        ("What time do you close?", "What time do you open?", "opposites"),
        ("Are no rooms heated?", "Are all rooms heated?", "negation"),
        ("What should I not eat?", "What should I eat?", "negation"),
        ("Rufen Sie mich nicht zurück", "Rufen Sie mich zurück", "negation"),
        ("Wie bekomme ich keine Quittung?", "Wie bekomme ich eine Quittung?", "negation"),
        ("Ich möchte nicht fotografiert werden", "Ist Fotografieren erlaubt?", "negation"),
        ("May the museum donate an object to me?", "How can I donate an object to you?", "roles"),
        ("Do I get paid for the tour?", "Do I pay for the tour?", "roles"),
        ("Können Sie mich anrufen?", "Kann ich Sie anrufen?", "roles"),
        ("How do I get from the museum to the airport?", "How do I get to the museum?", "direction"),
        ("How do I reach the airport from here?", "How do I get here from the airport?", "direction"),
    ],
)
def test_a_negated_wish_and_exchanged_roles_are_stopped(question, phrase, guard):
    assert guard in failed(question, phrase)


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Can you book me a table?", "Can I book a table?"),
        ("Could you book a table for me?", "Can I book a table?"),
        ("Können Sie mir einen Tisch reservieren?", "Kann ich einen Tisch reservieren?"),
        ("Would you let me bring my dog?", "Can I bring my dog?"),
        ("Am I allowed to take photos?", "Can I take photos?"),
        ("How far is the station from the museum?", "How far is it to the museum from the station?"),
        ("Help me pay my bill", "How do I pay my bill?"),
    ],
)
def test_who_does_a_thing_on_behalf_of_whom_exchanges_no_roles(question, phrase):
    assert failed(question, phrase) & {"roles", "direction"} == set()


def test_a_premise_is_told_from_what_is_asked():
    assert clauses("i have no cash can i pay by card") == ("i have no cash", "can i pay by card")
    assert clauses("i do not want to be called can you do that") == ("", "i do not want to be called can you do that")
    assert clauses("can i pay by card") == ("", "can i pay by card")
    assert not asks_the_case("i do not want to be called")


def test_words_said_again_and_again_are_read_in_no_time_at_all():
    """Each "really" fitted two forms: forty of them, with an unexpected word behind, took a visitor's lifetime."""
    assert not wants("i" + " really" * 300 + " x")
    assert wants("i" + " really" * 300 + " want a ticket")
