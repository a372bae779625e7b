"""A catalog in English alone answers visitors in six other languages."""

import pytest

from tests.support.transfer import LOCALES, asked

OTHERS = [locale for locale in LOCALES if locale != "en"]


@pytest.mark.parametrize("locale", OTHERS)
def test_the_right_intent_comes_first(locale):
    answerable = [one for one in asked("develop", locale) if one.wanted]

    assert sum(one.is_first for one in answerable) >= 0.8 * len(answerable)


@pytest.mark.parametrize("locale", OTHERS)
def test_most_visitors_are_helped(locale):
    answerable = [one for one in asked("develop", locale) if one.wanted]

    assert sum(one.is_helped for one in answerable) >= 0.7 * len(answerable)
