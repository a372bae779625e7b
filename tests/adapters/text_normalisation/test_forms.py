"""Spoken forms: the table of what is written and what is said, and the forms that stay."""

from pathlib import Path

import pytest

from app.adapters.text_normalisation import normaliser
from app.adapters.text_normalisation.normaliser import GrammarNormaliser, may_change
from app.catalog.spoken.form import Piece, SpokenForm

TABLES = sorted((Path(__file__).parents[2] / "data" / "spoken_forms").rglob("*.tsv"))
ROWS = [(table.stem, *line.split("\t")) for table in TABLES for line in table.read_text(encoding="utf-8").splitlines()]


def form(text: str, locale: str = "en") -> SpokenForm:
    segments = GrammarNormaliser().segments(text, locale)
    assert "".join(one.written for one in segments) == text
    return SpokenForm.of(segments)


@pytest.mark.parametrize(("locale", "written", "said"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_each_form_of_the_table_is_said(locale, written, said):
    read = form(written, locale)
    assert read.spoken == said
    assert read.written == written


def test_the_table_has_five_languages():
    assert {row[0] for row in ROWS} == {"en", "de", "es", "fr", "it"}
    assert len(ROWS) >= 300
    assert len(set(ROWS)) == len(ROWS)


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en", "10.000"),
        ("en", "1.500"),
        ("en", "€1.500"),
        ("en", "05/06/2026"),
        ("en", "5/6"),
        ("en", "9.30"),
        ("en", "116 117"),
        ("de", "1,500"),
        ("de", "5/6"),
        ("de", "9.30"),
        ("es", "1,500"),
        ("fr", "1,500"),
        ("it", "1,500"),
    ],
)
def test_figures_with_two_readings_stay_as_they_are(locale, written):
    text = f"xx {written} yy"
    assert form(text, locale).spoken == text


@pytest.mark.parametrize(
    ("locale", "written", "said"),
    [
        ("en-GB", "On 05/06/2026.", "On the fifth of June twenty twenty six."),
        ("en-US", "On 05/06/2026.", "On May sixth twenty twenty six."),
        ("de-AT", "Es kostet 8€.", "Es kostet acht Euro."),
    ],
)
def test_a_region_settles_what_its_language_leaves_open(locale, written, said):
    assert form(written, locale).spoken == said


@pytest.mark.parametrize(
    "text",
    [
        "We are open every day. Come in.",
        "The museum is a tall building, I think; it has a café.",
        "Ask at the desk. It's free!",
        "No. We are closed.",
    ],
)
def test_a_text_without_forms_never_reaches_the_grammars(text, monkeypatch):
    monkeypatch.setattr(normaliser, "_grammar", lambda *_: pytest.fail("the grammars were asked"))
    assert not may_change(text)
    assert form(text) == SpokenForm(tuple(Piece(word, word) for word in text.split()))


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("fr", "Visitez le musée de la mer."),
        ("fr", "C'est un jeu. Venez."),
        ("fr", "C'est votre vol."),
        ("fr", "Et puis sept."),
        ("it", "Andiamo poi al mar."),
        ("en", "He ate a fig."),
        ("en", "Ask Sam. He knows."),
    ],
)
def test_words_that_look_like_abbreviations_stay(locale, text):
    assert not may_change(text)
    assert form(text, locale).spoken == text


@pytest.mark.parametrize(
    ("locale", "written", "said"),
    [("en", "1.500 m²", "1.500 square meters"), ("de", "1,200 m²", "1,200 Quadratmeter")],
)
def test_the_unit_of_a_figure_with_two_readings_is_read(locale, written, said):
    assert form(f"xx {written} yy", locale).spoken == f"xx {said} yy"


def test_a_text_is_read_once(monkeypatch):
    first = GrammarNormaliser().segments("Row 5 of the 9 rows.", "en")
    monkeypatch.setattr(normaliser, "_grammar", lambda *_: pytest.fail("the grammars were asked"))
    assert GrammarNormaliser().segments("Row 5 of the 9 rows.", "en") is first


@pytest.mark.parametrize("locale", ["pt", "nl", "zh", "xx"])
def test_other_languages_stay_as_they_are_written(locale):
    assert form("12,50 € 10:30", locale).spoken == "12,50 € 10:30"


def test_telephone_groups_are_pieces_of_their_own():
    pieces = form("Call 030 555 0142 now.").pieces
    assert pieces == (
        Piece("Call", "Call"),
        Piece("030", "zero three zero,"),
        Piece("555", "five five five,"),
        Piece("0142", "zero one four two"),
        Piece("now.", "now."),
    )


def test_forms_beside_each_other_are_pieces_of_their_own():
    pieces = form("About 20 %, 24.12.2026.").pieces
    assert pieces[1:] == (
        Piece("20 %,", "twenty percent,"),
        Piece("24.12.2026.", "the twenty fourth of December twenty twenty six."),
    )


def test_groups_of_figures_after_a_call_word_are_read_in_no_time_at_all():
    """Each way to cut the groups was tried before a word that is none of a call's: days for this line."""
    text = (
        "Call +44 (0)20 7946 0958 or 0800-123-4567 ext. 12 before 3 April 2027, or on the 1st of May at 030 555 0142."
    )

    segments = GrammarNormaliser().segments(f"{text} {text}", "en")

    assert "".join(one.written for one in segments) == f"{text} {text}"
    assert "plus four four" in "".join(one.spoken for one in segments)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Open 9 a.m.-5 p.m.", "Open nine a.m. to five p.m."),
        ("Open 9 a.m. - 5 p.m.", "Open nine a.m. to five p.m."),
        ("9:30 a.m.–5.30 p.m. daily", "nine thirty a.m. to five thirty p.m. daily"),
    ],
)
def test_a_span_between_halves_of_the_day_is_no_subtraction(written, spoken):
    assert "".join(one.spoken for one in GrammarNormaliser().segments(written, "en")) == spoken
