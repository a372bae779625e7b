import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.normalise import normalise
from app.text import CHARACTERS_PER_S, UNSEEN, estimate_seconds, fold, has_words, sentences, visible, wordless

CUT = {
    "en": [
        "One. |Two! |Three?",
        "It costs 3.50 euros. |Gladly.",
        'He said "come in." |Then he left',
        '"Really?" he asked. |"Yes."',
        "(We are closed.) |Come again!",
        "Bring a book, e.g. a novel, i.e. a long one. |Thanks.",
        "Dr. Mary Smith and Mr. Lee sit in No. 5. |Knock twice.",
        "May I smoke? |No. |We are sorry.",
        "J. S. Bach lived here. |So did St. Mary.",
        "We open at 9 a.m. |We close at 5 p.m. on Sundays.",
        "Tea, coffee, etc. are free. |So is cake, etc. |Enjoy.",
        "Well... maybe. |Or not… |Who knows?!",
        "1. Open the door. |2. Walk in.",
        "It stands on page 12. |Look it up.",
        "The lamp was drawn by J. R. Bride, and built by T. Varley. |It burned oil.",
        "It belongs to St. John and Dr. Moss, approx. since Jan. 3. |Ask at No. 5.",
        "Trains leave from platform B. |The hall is A. |It is vitamin C. |We are E. M. Forster and K.",
        "See Fig. 3 on p. 12. |Good.",
        "we open at ten. |we close at six.",
        "It weighs 5 g. |It is 2 m. long.",
        "…",
        "",
    ],
    "de": [
        "Wir haben z. B. Tee, z.B. grünen, d. h. gesunden. |Ja.",
        "Am Montag, am 3. Mai, ist zu. |Wir bedauern es.",
        "Es kostet ca. 3,50 Euro bzw. mehr. |Nr. 5 ist inkl. Kuchen.",
        "Hauptstr. 5, Tel. 12 34. |Prof. Dr. Meier wohnt im 2. Stock.",
        "„Wirklich?“ fragte er. |„Ja.“ |Er ging.",
        "»Komm.« |Er kam usw. und ging i. d. R. spät.",
        "Er sagte es. |»Komm.«",
        "Das malte J. R. Amsel mit K. Lang ca. 1911. |Es hängt in Halle B. |Die ist offen.",
    ],
    "fr": [
        "M. Dupont arrive. |Mme. Petit aussi ! |Vraiment ? |Oui.",
        "« Bonjour. » |Il sourit, p. ex. à tél. 12. |Cf. Fig. 2.",
    ],
    "es": [
        "¿Qué tal? |¡Bien! |El Sr. López y la Sra. Ruiz, p. ej. hoy, pág. 5. |Adiós.",
        "Vive en EE. UU. desde 1990. |Y Ud. también.",
    ],
    "zh/ja": [
        "你好。|再见！|他说：“好。”|我走了。",
        "你好。 |再见。",
        "「はい。」|ありがとうございます。|3.5キロです。",
    ],
}


@pytest.mark.parametrize("marked", [row for rows in CUT.values() for row in rows])
def test_text_is_cut_at_sentence_ends(marked: str):
    assert sentences(marked.replace("|", "")) == tuple(part for part in marked.split("|") if part)


MARKS = st.text(alphabet='aBz. .!?…。”“"»)5M', max_size=30)


@given(MARKS | st.text(max_size=60))
def test_nothing_is_lost_but_blanks(text: str):
    assert "".join(sentences(text)) == " ".join(text.split())


@given(MARKS, st.integers(0, 30))
def test_what_was_cut_stays_cut_while_a_text_grows(text: str, at: int):
    early = sentences(text[:at])[:-1]

    assert sentences(text)[: len(early)] == early


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  When are   you OPEN?! ", "when are you open"),
        ("“When are you open?”", "when are you open"),
        ("Ｗhen are you open", "when are you open"),
        ("Don’t", "don't"),
        ("„Wo ist die Straße?“", "wo ist die strasse"),
        ("« Où est le cafe\u0301 ? »", "où est le café"),
        ("¿Dónde está?", "dónde está"),
        ("几点开门？", "几点开门"),
        ("ｶﾌｪはどこ？", "カフェはどこ"),
        ("कितना है?", "कितना है"),
        ("Room 12, 5 %, 3 €.", "room 12 5 % 3 €"),
        ("???", "???"),
    ],
)
def test_the_same_words_fold_to_the_same(text: str, folded: str):
    assert fold(text) == fold(folded) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("turn it on", "turn it off"),
        ("do open", "don't open"),
        ("room 12", "room 13"),
        ("12.50", "1250"),
        ("?", "!"),
        ("Where is the café?", "Where is the cafe?"),
        ("5 $", "5 €"),
        ("की", "कि"),
    ],
)
def test_words_digits_and_signs_are_never_dropped(one: str, other: str):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("text", "told"), [("a", True), ("5", True), ("你", True), ("…!", False), ("👋 %", False)])
def test_words_are_what_can_be_said(text: str, *, told: bool):
    assert has_words(text) is told


@given(st.text(max_size=20) | st.text(alphabet=[*"ʼ'._-%€🙂❤½ⅳ\u0301\u200b", *sorted(UNSEEN)], max_size=4))
def test_wordless_is_what_matching_has_nothing_to_read_of(text: str):
    assert wordless(text) == (not normalise(text))


def test_speech_takes_time_by_length_and_speed():
    assert estimate_seconds("x" * 10 * int(CHARACTERS_PER_S)) == 10.0
    assert estimate_seconds("x" * 150, 2.0) == 5.0
    assert estimate_seconds("  \n ") == 0.0


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Plain words.", "Plain words."),
        ("Café, 東京 and мост", "Café, 東京 and мост"),
        ("in\x07visible\u202e order\U000e0041\u200b", "invisible order"),
        ("two\nlines\tand\u00a0blanks", "two lines and blanks"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("a\u200cb", "ab"),
        ("red\x9b31m", "red31m"),
    ],
)
def test_what_is_not_seen_is_left_out(text, seen):
    assert visible(text) == seen
