import pytest

from app.catalog.imports.markup import spoken
from app.catalog.imports.words import PLACEHOLDER, cleaned, locale_of, slug, title_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can I park?", "can-i-park"),
        ("???", "intent"),
        ("don't", "dont"),
        ("Öffnungszeiten & Straße", "oeffnungszeiten-strasse"),
        ("bookFlight", "book-flight"),
        ("opening_hours", "opening-hours"),
        ("x " * 60, "x-" * 23 + "x"),
        ("Где туалет", "intent"),
    ],
)
def test_an_id_is_made_of_the_words(text: str, expected: str):
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("faq/ask_parking", "Ask parking"),
        ("opening.hours - yes", "Opening hours - yes"),
        ("BookFlight", "Book flight"),
        ("How do I pay?", "How do I pay?"),
        ("WIFI", "WIFI"),
    ],
)
def test_a_technical_name_becomes_a_title(name: str, expected: str):
    assert title_of(name) == expected


def test_texts_are_put_on_one_clean_line():
    assert cleaned(" a\n\tb\u2028c\x00 ") == "a b c"
    assert cleaned(12) == "12"
    assert [cleaned(value) for value in (None, True, ["a"])] == ["", "", ""]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en_US", "en-US"),
        ("EN", "en"),
        ("Deutsch", "de"),
        ("pt-br", "pt-BR"),
        ("hello world", ""),
        (None, ""),
        ("", ""),
    ],
)
def test_tags_of_languages_are_those_of_catalogs(tag: object, expected: str):
    assert locale_of(tag) == expected


@pytest.mark.parametrize("text", ["Hi {name}", "{{ x }}", "$city is", "<? a ?>", "See #ctx.city", "${x}"])
def test_places_that_a_program_fills_are_seen(text: str):
    assert PLACEHOLDER.search(text)


@pytest.mark.parametrize("text", ["It costs $5", "We are #1 in town", "a < b", "C# and F#", "50 % off"])
def test_ordinary_signs_are_none(text: str):
    assert not PLACEHOLDER.search(text)


@pytest.mark.parametrize(
    ("written", "said", "links", "marks"),
    [
        (
            "<p>By <b>card</b> or <a href='https://x.org/p'>online</a>.</p>",
            "By card or online.",
            ["https://x.org/p"],
            True,
        ),
        ("Fish &amp; chips", "Fish & chips", [], True),
        ("**Book** [online](https://x.org), *please*", "Book online, please", ["https://x.org"], True),
        ("Our hours:\n- Monday: nine\n- Sunday: ten", "Our hours: Monday: nine. Sunday: ten", [], True),
        ("One hour.\nCome early", "One hour. Come early", [], False),
        ("It is\nopen", "It is open", [], False),
        ("<speak>Hi<break time='1s'/> there</speak>", "Hi there", [], True),
        ("a < b and c > d", "a < b and c > d", [], False),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4", [], False),
        ("<script>alert(1)</script>Hello", "Hello", [], True),
        ("See https://x.org/a", "See https://x.org/a", ["https://x.org/a"], False),
    ],
)
def test_markup_becomes_words_with_its_links(written: str, said: str, links: list[str], marks):
    found = spoken(written)

    assert (found.text, list(found.links), bool(found.marks)) == (said, links, marks)
