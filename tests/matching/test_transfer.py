"""A catalog in English alone answers visitors in six other languages."""

from collections import Counter

import pytest

from tests.support.transfer import LOCALES, asked, catalog_of, decided, matcher_of

OTHERS = [locale for locale in LOCALES if locale != "en"]

SOME_SPANISH = {
    "parking": ["¿Dónde puedo aparcar?", "¿Tienen aparcamiento?", "¿Hay parking cerca?", "¿Cuánto cuesta aparcar?"],
    "cafe": ["¿Hay una cafetería?", "¿Dónde puedo tomar un café?", "¿Se puede comer algo?", "¿Sirven almuerzos?"],
    "dogs": ["¿Puedo llevar a mi perro?", "¿Se permiten perros?", "¿Se admiten mascotas?", "¿Los perros van atados?"],
}


@pytest.mark.parametrize("half", ["develop", "locked"])
@pytest.mark.parametrize("locale", OTHERS)
def test_the_right_intent_comes_first(locale, half):
    answerable = [one for one in asked(half, locale) if one.wanted]

    assert sum(one.is_first for one in answerable) >= 0.85 * len(answerable)


@pytest.mark.parametrize("half", ["develop", "locked"])
@pytest.mark.parametrize("locale", OTHERS)
def test_visitors_are_helped_and_not_misled(locale, half):
    rows = asked(half, locale)
    answerable = [one for one in rows if one.wanted]

    assert sum(one.is_helped for one in answerable) >= 0.8 * len(answerable)
    assert sum(one.is_wrong for one in rows) <= 2, [one.question for one in rows if one.is_wrong]


@pytest.mark.parametrize("locale", OTHERS)
def test_wordings_that_nobody_had_seen_are_mostly_understood(locale):
    rows = asked("locked 2", locale)
    answerable = [one for one in rows if one.wanted]

    assert sum(one.is_first for one in answerable) >= 0.7 * len(answerable)
    assert sum(one.is_wrong for one in rows) <= 2, [one.question for one in rows if one.is_wrong]


@pytest.mark.parametrize("locale", OTHERS)
def test_a_question_near_the_topic_hardly_ever_plays_a_clip(locale):
    wrong = [one.question for one in asked("near topic", locale) if one.is_wrong]

    assert len(wrong) <= 4, wrong


def test_a_locale_with_a_handful_of_intents_does_not_get_those_for_everything():
    matcher = matcher_of(catalog_of(("en", "es"), SOME_SPANISH))

    rows = decided(matcher, "develop", "es")

    answerable = [one for one in rows if one.wanted]
    assert sum(one.is_first for one in answerable) >= 0.9 * len(answerable)
    assert sum(one.is_wrong for one in rows) <= 1
    offered = Counter(one.decision.choices[0] for one in rows if one.decision.choices and not one.is_helped)
    assert sum(offered[name] for name in SOME_SPANISH) <= 2
    english = decided(matcher, "develop", "en")
    assert [one.decision.intent for one in english] == [one.decision.intent for one in asked("develop", "en")]
