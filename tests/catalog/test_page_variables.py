"""The page's values in texts: how they are marked, where they may stand, what cannot be filmed."""

import pytest
from pydantic import ValidationError

from app.catalog.card import Card
from app.catalog.facts import Facts, Filler, fill_intent
from app.catalog.model import IntentFile
from app.catalog.page_variables import fill_variables, has_variables, variables
from app.rendering.plan.clips import catalog_lines
from tests.support.session_world import INTENTS, a_catalog, an_intent

TEXT = "Hello {{ page.first_name | there }}, {{page.plan|}}!"


def test_values_or_other_words_are_filled_in():
    assert list(variables(TEXT)) == ["first_name", "plan"]
    assert (
        fill_variables(TEXT, {"first_name": "Ada {{ page.plan | x }}", "plan": " "}.get)
        == "Hello Ada {{ page.plan | x }}, !"
    )
    assert fill_variables(TEXT, {}.get) == "Hello there, !"


@pytest.mark.parametrize(
    "text", ["{{ facts.x }}", "{{ page.x }}", "page.x | y", "{{ page.X | y }}", "{{ pages.x | y }}"]
)
def test_nothing_else_is_a_value(text):
    assert not has_variables(text)
    assert fill_variables(text, {"x": "1", "X": "2"}.get) == text


def test_facts_are_filled_in_beside_values():
    filler = Filler(Facts({"hours": "ten to six"}))
    intent = IntentFile(
        title="Hours",
        answer={"en": "{{ facts.hours }}, {{ page.name | dear visitor }}."},
        card=Card(kind="list", title="{{ page.name | You }}", items=("{{ facts.hours }}",)),
    )

    filled = fill_intent(intent, filler, "en")

    assert filler.complaints == []
    assert filled["answer"] == {"en": ("ten to six, {{ page.name | dear visitor }}.",)}
    assert (filled["card"].title, filled["card"].items) == ("{{ page.name | You }}", ("ten to six",))


@pytest.mark.parametrize(
    ("text", "page", "told"),
    [
        ("{{ page.name }}", True, "Expected `{{ page.name | other words }}`, got `{{ page.name }}`."),
        ("{{ page.Name | x }}", True, "Expected `{{ page.name | other words }}`, got `{{ page.Name | x }}`."),
        ("{{ page.name | x }}", False, "Expected plain text or facts, got `{{ page.name | x }}`."),
    ],
)
def test_a_value_that_is_written_wrongly_or_elsewhere_is_reported(text, page, told):
    filler = Filler(Facts())

    assert filler.fill(text, "en", ("answer",), page=page) == text
    assert [(one.rule, one.message) for one in filler.complaints] == [("page-variable", told)]


def test_an_answer_with_a_value_is_never_planned():
    mixed = an_intent("mixed", "Hello {{ page.name | there }}.", "Hello.")
    catalog = a_catalog(intents=(*INTENTS, mixed))

    assert [(one.variant, one.text) for one in catalog_lines(catalog) if one.intent == "mixed"] == [(1, "Hello.")]


FIELD = {"name": "x", "label": "X"}


@pytest.mark.parametrize(
    "card",
    [
        {"kind": "image"},
        {"kind": "image", "image": "/x.jpg"},
        {"kind": "image", "image": "javascript:alert(1)", "alt": "x"},
        {"kind": "list"},
        {"kind": "map"},
        {"kind": "product"},
        {"kind": "form"},
        {"kind": "text", "items": ["x"]},
        {"kind": "text", "function": "f"},
        {"kind": "form", "form": [FIELD, FIELD]},
        {"kind": "form", "form": [{"name": f"x{number}", "label": "X"} for number in range(6)]},
        {"kind": "form", "form": [{**FIELD, "kind": "choice"}]},
        {"kind": "form", "form": [{**FIELD, "options": ["a"]}]},
        {"kind": "form", "form": [{**FIELD, "name": "Not a name"}]},
    ],
)
def test_a_card_has_what_its_kind_needs_and_nothing_else(card):
    with pytest.raises(ValidationError):
        Card(title="T", **card)
