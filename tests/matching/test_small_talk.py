"""Small talk of the starter pack: understood in two languages, and never in place of an answer of the site."""

import json
from pathlib import Path

import pytest

from app.matching.guards.topic import within_pack
from app.matching.receipt_text import explain
from tests.adapters.catalog_files.test_starters import a_folder, loaded
from tests.support.matching import a_matcher, real_encoder

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "small_talk_dev.jsonl").read_text().splitlines()]
DESK = {
    "hours": (
        [
            "When are you open?",
            "What time do you close?",
            "opening times",
            "Are you open today?",
            "How long are you open?",
        ],
        [
            "Wann haben Sie offen?",
            "Wann machen Sie zu?",
            "Öffnungszeiten",
            "Haben Sie heute offen?",
            "Wie lange ist auf?",
        ],
    ),
    "tickets": (
        ["How much is a ticket?", "What does it cost?", "ticket prices", "Is it free?", "Do students pay less?"],
        ["Was kostet eine Karte?", "Wie teuer ist der Eintritt?", "Eintrittspreise", "Ist der Eintritt frei?"],
    ),
    "parking": (
        ["Where can I park?", "Is there a car park?", "parking for buses", "Do you have parking?", "Is parking free?"],
        ["Wo kann ich parken?", "Gibt es einen Parkplatz?", "Parken für Busse", "Haben Sie Parkplätze?"],
    ),
}


def described(title, phrases):
    said = dict(zip(("en", "de"), phrases, strict=True))
    return json.dumps({"title": title, "phrases": said, "answer": {"en": ["Yes."], "de": ["Ja."]}})


@pytest.fixture(scope="module")
def matcher(tmp_path_factory):
    files = {f"desk/{name}": described(name.title(), phrases) for name, phrases in DESK.items()}
    greeting = "title: Welcome\nrole: greeting\nanswer: {en: [Welcome.], de: [Willkommen.]}\nnext: [hours]\n"
    root = tmp_path_factory.mktemp("small-talk") / "c"
    catalog = loaded(a_folder(root, "[small-talk]", locales="[en, de]", files={**files, "desk/welcome": greeting}))
    return a_matcher(catalog, real_encoder())


@pytest.mark.parametrize(("locale", "least"), [("en", 0.7), ("de", 0.7)])
def test_small_talk_is_helped_and_other_questions_are_not_taken_for_it(matcher, locale, least):
    rows = [row for row in ROWS if row["locale"] == locale]
    decided = list(zip(rows, matcher.decide_many([row["text"] for row in rows], locale=locale), strict=True))

    meant = [(row, one) for row, one in decided if row["intent"]]
    helped = [row for row, one in meant if row["intent"] in {one.intent, *one.choices}]
    wrong = [(row["text"], one.intent) for row, one in decided if one.intent not in {None, row["intent"], *DESK}]
    assert len(helped) >= least * len(meant)
    assert len(wrong) <= 0.02 * len(rows), wrong


def test_a_word_that_the_pack_lacks_is_the_sites_business():
    own = frozenset(("who", "made", "you", "created", "are", "real"))

    assert within_pack("who has created you", own).passed
    assert within_pack("so who made you", own).passed
    assert within_pack("who made the clock", own).reason == "speaks of “clock”, which no phrase of the pack does"


async def test_a_receipt_names_the_pack(matcher):
    greeted = await matcher.decide("hello")
    asked = await matcher.decide("where can i park")

    assert (greeted.intent, greeted.receipt.pack) == ("hello", "small-talk")
    assert "Answered with `hello`, from the starter pack `small-talk`." in explain(greeted)
    assert (asked.intent, asked.receipt.pack) == ("parking", None)
