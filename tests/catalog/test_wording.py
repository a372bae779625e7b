import pytest

from app.catalog import wording


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Herr MÃ¼ller", "Müller"),
        ("itâ€™s here", "it’s"),
        ("die StraÃŸe", "Straße"),
        ("12 â‚¬ a day", "€"),
        ("Ð\u009fÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("Herr M\ufffdller", ""),
        ("the M?ller house", ""),
        ("mÄ“s esam", "mēs"),
        ("Ä“st", "ēst"),
        ("ESPAÃ‘A", "ESPAÑA"),
        ("il est sÃ»r", "sûr"),
        ("PERÃ’", "PERÒ"),
        ("a\u0093quoted\u0094 word", ""),
    ],
)
def test_finds_broken_letters_and_what_they_were(text: str, meant: str):
    found = wording.broken(text)

    assert found is not None
    assert found[1] == meant


@pytest.mark.parametrize(
    "text",
    [
        "Garçon, où est l’Hôtel «\u00a0Étoile\u00a0» ?",
        "È già così, à\u00a0» la",
        "ÅÄÖ, Ærø, Łódź, Dvořák, São Paulo, ÂNGELO",
        "Is it open? Yes. Why?Because",
        "你们几点开门?周末呢?",
        "Открыто?да",
        "Der Buchstabe „Ä“ steht hier.",
        "Das Wort ‚Ä‘ steht hier.",
        "Ci vediamo al «CAFFÈ» e al “CAFFÈ”.",
        "KILIÇ’ın evi",
        "até «AMANHÃ»",
        "Привет, Αθήνα, 東京, हिन्दी",
        "don’t “quote” – it’s fine…",
        "12 €, 20 %, 35 °C, 3×4, ¼",
    ],
)
def test_leaves_whole_letters_alone(text: str):
    assert wording.broken(text) is None


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://harbour.example/a?b=1.", ["https://harbour.example/a?b=1"]),
        ("Write to quay.desk@harbour.example, please.", ["quay.desk@harbour.example"]),
        ("On www.harbour.example!", ["www.harbour.example"]),
        ("On harbour.example/tickets.", ["harbour.example/tickets"]),
        ("At e.g. 9.30 or 24/7, and/or by St. Mary's.", []),
    ],
)
def test_finds_addresses(text: str, links: list[str]):
    assert list(wording.links(text)) == links


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Come **now**.", "**now**"),
        ("Come *now*.", "*now*"),
        ("Come _now_.", "_now_"),
        ("See [the page](https://x.example).", "[the page](https://x.example)"),
        ("Press `Enter`.", "`Enter`"),
        ("Come <br/> now", "<br/>"),
        ("Bed &amp; breakfast", "&amp;"),
        ("You need:\n- a rope\n- a flag", "-"),
        ("First:\n1. park\n2. pay", "1."),
        ("You need • a rope", "•"),
        ("# Boats\nCome.", "#"),
    ],
)
def test_finds_markup(text: str, mark: str):
    found = wording.markup(text)

    assert found is not None
    assert found[0] == mark


@pytest.mark.parametrize(
    "text",
    [
        "We open – rain or shine – at ten.",
        "Two * three is six, snake_case stays, 5 < 6 and 7 > 6.",
        "A&E, R&B; Q&A",
        "Well-known, 24-hour, e-mail.",
        "No. 1 is the quay. 2. is the house.",
    ],
)
def test_leaves_prose_alone(text: str):
    assert wording.markup(text) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask {name}.", "{name}"),
        ("Ask {facts.dentist} now.", "{facts.dentist}"),
        ("Ask [your name] now.", "[your name]"),
        ("Come at TODO.", "TODO"),
        ("Come at ____.", "____"),
        ("Lorem ipsum dolor", "Lorem ipsum"),
        ("Come [...] now, he said [sic].", ""),
        ("{{ facts.hours }}", ""),
        ("See [the page](https://x.example).", ""),
        ("Todo en uno, size XXL", ""),
    ],
)
def test_finds_places_left_to_be_filled(text: str, left: str):
    assert wording.placeholder(text) == left


@pytest.mark.parametrize(
    ("text", "locale", "left"),
    [
        ("¿Está TODO incluido?", "es", ""),
        ("Está TODO incluído?", "pt-BR", ""),
        ("Está TODO incluido, pregunte a [nombre].", "es-MX", "[nombre]"),
        ("It is TODO.", "en", "TODO"),
        ("Shirts come in XL, XXL and XXX.", "en", ""),
        ("Größe XXX ist aus.", "de", ""),
        ("Call XXX now.", "en", "XXX"),
        ("Size: XXXX", "en", "XXXX"),
        ("Sizes up to XXX, ask TBD.", "en", "TBD"),
    ],
)
def test_words_in_capitals_are_left_alone(text: str, locale: str, left: str):
    assert wording.placeholder(text, locale) == left


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Come 🚤", "🚤"),
        ("Here → there", "→"),
        ("Tickets | hours", "|"),
        ("the boat and/or the bus", "and/or"),
        ("Invisalign®, 20 °C, 2 + 2 = 4, 3 × 4", ""),
        ("12 €, 5 %, No. 5, A&E, «quoted», ¿qué?", ""),
        ("50 km/h, 24/7", ""),
    ],
)
def test_finds_signs_that_nobody_says(text: str, sign: str):
    assert wording.sign(text) == sign


@pytest.mark.parametrize("text", ["“Boats”", "„Boote“", "‘Boats’"])
def test_finds_quotes_around_everything(text: str):
    assert wording.wrapped(text)


@pytest.mark.parametrize("text", ["“Boats” and “ships”", "the ’60s", '"Boats"', "«Boats»"])
def test_leaves_quotes_inside_alone(text: str):
    assert not wording.wrapped(text)
