from datetime import date

from app.catalog.terms import Validity
from tests.support.render_world import a_catalog, an_avatar, an_intent


def test_an_intent_out_of_season_is_not_in_the_open_catalog(tmp_path):
    summer = Validity.model_validate({"from": "2026-06-01", "until": "2026-08-31"})
    boats = an_intent("boats", "We have boats.").model_copy(update={"valid": summer})
    catalog = a_catalog(an_avatar(tmp_path), boats, an_intent("hours", "We are open."))

    in_july, in_may = catalog.open_on(date(2026, 7, 1)), catalog.open_on(date(2026, 5, 31))

    assert [intent.id for intent in in_july.intents] == ["boats", "hours"]
    assert [intent.id for intent in in_may.intents] == ["hours"]
