"""The catalog as a conversation sees it, and the script of the day."""

from datetime import date

from app.catalog.terms import Validity
from app.conversation.script import DayScripts, Script
from tests.support.session_world import a_catalog


def test_an_intent_is_found_by_its_id():
    script = Script(a_catalog())
    known = script.catalog.intents[0]

    assert script.intent(known.id) == known
    assert script.intent("nobody-knows") is None
    assert script.intent(None) is None


def test_one_script_serves_all_visitors_of_a_day():
    today = date(2026, 11, 26)
    scripts = DayScripts(a_catalog(), lambda: today)

    first, second = scripts(), scripts()

    assert first is second


def test_a_new_day_has_a_script_of_its_own():
    days = [date(2026, 11, 26), date(2026, 11, 26), date(2026, 11, 27)]
    catalog = a_catalog()
    first = catalog.intents[0]
    winter = Validity.model_validate({"from": "2026-11-27", "until": "2026-12-01"})
    bounded = first.model_copy(update={"valid": winter})
    scripts = DayScripts(catalog.model_copy(update={"intents": (bounded, *catalog.intents[1:])}), lambda: days.pop(0))

    before, same, after = scripts(), scripts(), scripts()

    assert before is same
    assert before.intent(first.id) is None
    assert after.intent(first.id) == bounded
