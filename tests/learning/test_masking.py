"""Masking: what is personal goes, what the question needs stays."""

import pytest

from app.learning.questions.identity import question_id
from app.learning.questions.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann.smith+desk@mail.example.co.uk please", "write to [mail] please"),
        ("call me on +49 (0)30 123 45 67", "call me on [phone]"),
        ("is 030/1234567 right", "is [phone] right"),
        ("0151-23456789", "[phone]"),
        ("my card 4111 1111 1111 1111 was charged", "my card [card] was charged"),
        ("My name is Ann Smith and I booked a tour", "My name is [name] and I booked a tour"),
        ("my name is ann, where do I park", "my name is [name], where do I park"),
        ("Ich heiße Jörg Müller, wann haben Sie auf?", "Ich heiße [name], wann haben Sie auf?"),
        ("Mein Name ist Frau Dr. Weiß", "Mein Name ist [name]"),
        ("me llamo Lucía y quiero entradas", "me llamo [name] y quiero entradas"),
    ],
)
def test_personal_data_is_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "what is your name",
        "what is the name of the tower",
        "are you open on 24.12.2026",
        "tickets for 2026-12-24",
        "from 1914 - 1918",
        "is it 12.50 or 1,250,000",
        "300 people at 10:30",
        "the lamp of 1859 and 20 %",
    ],
)
def test_what_the_question_needs_stays(text):
    assert mask(text) == text


def test_one_question_of_two_people_is_one_question():
    assert question_id("en", "My name is Ann, where do I park?") == question_id("en", "my name is Bob, where do I park")
    assert question_id("en", "Taxi?") != question_id("de", "Taxi?")
