import pytest

from app.catalog.facts import Facts, Filler, read_facts


def facts(data: object, written: dict[tuple[str, ...], str] | None = None) -> Facts:
    read, complaints = read_facts(data, written=written or {}, locales=("en", "de"), default_locale="en")
    assert complaints == ()
    return read


@pytest.mark.parametrize("template", ["{{facts.a}}", "{{ facts.a }}", "{{\tfacts . a   }}", "{{ facts.a}}"])
def test_any_spacing_inside_the_braces_is_fine(template: str):
    filler = Filler(facts({"a": "ten"}))

    assert filler.fill(f"It is {template}.", "en", ()) == "It is ten."
    assert filler.used == {"a"}
    assert filler.complaints == []


def test_groups_locales_and_groups_of_locales():
    read = facts({"prices": {"adult": 12, "child": {"en": "six", "de": "sechs"}}, "cat": {"en": "Ratchet"}})

    assert read.text("prices.adult", "de") == "12"
    assert read.text("prices.child", "de") == "sechs"
    assert read.text("cat", "de") == "Ratchet"
    assert read.text("prices", "en") is None


def test_texts_of_a_language_that_was_taken_off_stay_unsaid():
    assert facts({"cat": {"en": "Ratchet", "de": "Ratsche", "fr": "Cliquet"}}).text("cat", "de") == "Ratsche"


def test_numbers_keep_the_form_in_which_they_were_written():
    assert facts({"phone": 123, "price": 12.5}, {("phone",): "0123", ("price",): "12.50"}).texts == {
        "phone": "0123",
        "price": "12.50",
    }


@pytest.mark.parametrize(
    ("data", "rule", "path"),
    [
        ({"a": None}, "fact-value", ("a",)),
        ({"a": True}, "fact-value", ("a",)),
        ({"a": [1]}, "fact-value", ("a",)),
        ({"a": {"b": {"c": "d"}}}, "fact-value", ("a", "b")),
        ({"a": "{{ facts.b }}"}, "fact-value", ("a",)),
        ({"a b": "c"}, "fact-name", ("a b",)),
        ({"a": {"en": "ten", "ed": "zehn"}}, "fact-value", ("a", "ed")),
        ([1], "fact-value", ()),
    ],
)
def test_anything_else_is_one_complaint(data: object, rule: str, path: tuple[str, ...]):
    locales = ("en", "de") if isinstance(data, dict) and "ed" in str(data) else ("en",)
    _, complaints = read_facts(data, written={}, locales=locales, default_locale="en")

    assert [(one.rule, one.path) for one in complaints] == [(rule, path)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{{ a }}", "fact-syntax"),
        ("{{ facts.a | upper }}", "fact-syntax"),
        ("{{ facts.a.b.c }}", "fact-syntax"),
        ("{{ facts.a", "fact-syntax"),
        ("{{ facts.b }}", "fact-missing"),
        ("{{ facts.german }}", "fact-missing"),
    ],
)
def test_what_cannot_be_filled_is_one_complaint(text: str, rule: str):
    filler = Filler(facts({"a": "ten", "german": {"de": "zehn"}}))

    filler.fill(text, "en", ("answer",))

    assert [one.rule for one in filler.complaints] == [rule]


def test_a_missing_fact_offers_the_nearest():
    filler = Filler(facts({"opening_hours": "ten"}))

    filler.fill("{{ facts.openinghours }}", "en", ())

    assert filler.complaints[0].hint == "Did you mean `opening_hours`?"
