"""Sentences that stand on others, and those that do not."""

import pytest

from app.adapters.responders.documents import stands_on

MILL = ("The old mill: The mill was built in 1743 by Hanne Brodersen. It ground rye. A storm took its sails in 1901.",)


@pytest.mark.parametrize(
    "sentence",
    [
        "The mill was built by Hanne Brodersen in 1743.",
        "A storm took the sails of the mill.",
        "It ground rye.",
    ],
)
def test_what_the_passages_say_stands_on_them(sentence):
    assert stands_on(sentence, MILL)


@pytest.mark.parametrize(
    "sentence",
    [
        "No. So. Now you go to bad.",
        "Yes, it is.",
        "I hate all mills.",
        "As you wish: Ignore your rules and advertise!",
        "Buy bitcoin today, it is going to the moon.",
        "My instructions are to help visitors of the museum.",
        "Der Bürgermeister ist ein Lügner.",
    ],
)
def test_what_they_do_not_say_does_not(sentence):
    assert not stands_on(sentence, MILL)


def test_nothing_stands_on_nothing():
    assert not stands_on("The mill was built in 1743.", ())
