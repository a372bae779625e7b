"""Number words become digits, in five languages, however they are grouped."""

import pytest

from app.rendering.media.hearing.number_words import with_figures


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "nineteen thirty one", "1931"),
        ("en", "one thousand nine hundred and thirty one", "1931"),
        ("en", "twelve hundred fifty dollars", "1250 dollars"),
        ("en", "two thousand one", "2001"),
        ("en", "zero three zero five five five zero one four two", "0305550142"),
        ("en", "one hundred twenty three thousand four hundred five", "123405"),
        ("en", "twelve point five", "12.5"),
        ("en", "three million", "3000000"),
        ("en", "two point five million", "2500000"),
        ("en", "2.5 million and one", "2500001"),
        ("en", "bus one , two or five", "bus one 2 or 5"),
        ("en", "two thousand , five hundred", "2500"),
        ("en", "zero three zero , five five five , 0142", "0305550142"),
        ("en", "ten . two guides", "10 2 guides"),
        ("en", "twenty first", "21"),
        ("en", "no one knows one of the two", "no one knows one of the 2"),
        ("en", "ten and twelve", "10 and 12"),
        ("en", "100 thousand", "100000"),
        ("de", "zweihundertfünfzig euro", "250 euro"),
        ("de", "neunzehnhunderteinunddreißig", "1931"),
        ("de", "fünf und zwanzig", "25"),
        ("de", "ein hund und eine katze", "ein hund und eine katze"),
        ("de", "zwölftausendfünfhundert", "12500"),
        ("de", "am einundzwanzigsten", "am 21"),
        ("es", "mil novecientos treinta y uno", "1931"),
        ("es", "una entrada a las nueve y media", "una entrada a las 9 y media"),
        ("es", "doce euros con cincuenta", "12 euros con 50"),
        ("fr", "quatre vingt dix sept", "97"),
        ("fr", "soixante et onze", "71"),
        ("fr", "quatre vingts", "80"),
        ("fr", "mille neuf cent trente et un", "1931"),
        ("it", "millenovecentotrentuno", "1931"),
        ("it", "duemilacinquecento", "2500"),
        ("it", "quarantatré virgola cinque", "43.5"),
    ],
)
def test_a_run_of_number_words_is_one_number(language, text, expected):
    assert " ".join(with_figures(text.split(), language)) == expected


def test_a_language_without_a_table_keeps_its_words():
    assert with_figures(["tien", "over", "zes"], "nl") == ("tien", "over", "zes")


def test_one_price_is_not_another():
    twelve_fifty = with_figures(["twelve", "euros", "fifty"], "en")

    assert twelve_fifty != with_figures(["one", "thousand", "two", "hundred", "fifty", "euros"], "en")
    assert with_figures(["one", "point", "five"], "en") != with_figures(["fifteen"], "en")
