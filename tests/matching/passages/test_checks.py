"""Checks on statements: each stops what it is for, and lets harmless sentences through."""

import pytest

from app.matching.normalise import normalise
from app.matching.passages.checks import Asked, Stated, check
from app.matching.passages.kinds import kind_of


def failed(question, sentence, *, around=None, names="", defines=False, unexplained=()):
    """The guards that stop this sentence."""
    asked = normalise(question)
    words = tuple(asked.split())
    seen = Asked(asked, kind_of(asked), words, frozenset(words))
    whole = normalise(around or sentence)
    stated = Stated(sentence, normalise(sentence), whole, frozenset(names.split()), defines, unexplained)
    return [verdict.guard for verdict in check(seen, stated) if not verdict.passed]


SAID = [
    ("How much is a crown?", "A crown costs 300 euros.", "Making a crown takes two visits."),
    ("What does it cost?", "Entry is free.", "Entry is by the blue door."),
    ("Was kostet eine Krone?", "Eine Krone kostet 300 Euro.", "Eine Krone braucht zwei Termine."),
    ("How long does a crown take?", "It takes two visits of an hour.", "A crown costs 300 euros."),
    ("Wie lange dauert die Führung?", "Sie dauert eine halbe Stunde.", "Die Führung ist kostenlos."),
    ("How often does it flood?", "It floods twice a year.", "It floods when a storm comes."),
    ("How many cars fit?", "It carries forty cars.", "It carries cars and two buses."),
    ("Wie viele Autos?", "Sie trägt vierzig Autos.", "Sie trägt Autos und Räder."),
    ("How heavy is the lens?", "The lens weighs 900 kg.", "The lens was cut in Paris."),
    ("How high is the tower?", "The tower is 28 metres tall.", "The tower was built in 1871."),
    ("How old is the house?", "The house was built in 1871.", "The house was sold in 1871."),
    ("When was it opened?", "It opened in May 1931.", "It was opened by the mayor."),
    ("When do you offer it?", "It is offered on Wednesdays.", "It is offered to all."),
    ("Why is it yellow?", "It is yellow because grey ran out.", "It is yellow, and it shines."),
    ("Warum ist es gelb?", "Es ist gelb, weil das Grau ausging.", "Es ist gelb, und es leuchtet."),
    ("Who drew the lamp?", "The lamp was drawn by J. R. Bride.", "The lamp was drawn on paper."),
    ("Who paid for the roof?", "The town paid for the roof.", "The roof was paid for in May."),
    ("Where is the key?", "The key is at the bakery.", "The key was lost once."),
    ("What is it made of?", "The frame is steel.", "The frame is heavy."),
    ("How do I get there?", "A bus meets every ferry.", "Wool can be bought all year."),
    ("What happened to it?", "It burned in 1911.", "It has two handles."),
    ("What is the phone number?", "The number is 55 12.", "The number is in the book."),
]


@pytest.mark.parametrize(("question", "says", "says_not"), SAID)
def test_a_kind_of_question_wants_its_kind_of_answer(question, says, says_not):
    assert failed(question, says) == []
    assert failed(question, says_not) == ["kind of question"]


def test_a_number_of_other_things_counts_nothing():
    assert failed("How many cars fit?", "It carries 220 passengers and all the cars.") == ["kind of question"]


@pytest.mark.parametrize(
    ("question", "sentence", "guards"),
    [
        ("What burned in 1943?", "The roof burned in March 1911.", ["numbers"]),
        ("What burned in 1911?", "The roof burned in March 1911.", []),
        ("Which things are not shown?", "All things are shown.", ["negation"]),
        ("Which things are not shown?", "Two things are never shown.", []),
        ("Are dogs not allowed?", "Dogs may come in.", []),
        ("Was anybody hurt?", "Nobody was hurt.", []),
        ("What is the newest thing?", "The oldest thing is a trap.", ["opposites"]),
        ("What is the oldest thing?", "The oldest thing is a trap.", []),
        ("Is there gas on Fridays?", "Gas is offered on Wednesdays.", ["swapped"]),
        ("Is there gas on Wednesdays?", "Gas is offered on Wednesdays.", []),
        ("What is shown at Christmas?", "All things are shown.", ["swapped"]),
    ],
)
def test_numbers_negation_opposites_and_days_are_checked(question, sentence, guards):
    assert failed(question, sentence) == guards


def test_names_must_be_there_and_belong_together():
    sentence, names = "Edith Penrose painted for Agnes Moss.", "edith penrose agnes moss clara"

    assert failed("What did Edith Penrose paint?", sentence, names=names) == []
    assert failed("What did Clara paint?", sentence, names=names) == ["names"]
    assert failed("What did Edith Moss paint?", sentence, names=names) == ["names"]


def test_a_word_of_weight_must_be_spoken_of():
    assert failed("What did they sell?", "They gave it away.", unexplained=("sell",)) == ["subject"]


def test_a_sentence_that_says_who_it_was_needs_no_other_person():
    assert failed("Who was Tom Varley?", "It was built by Tom Varley, a fish porter.", defines=True) == []
