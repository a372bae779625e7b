"""Follow-ups in Spanish, French and Italian are read with the turn before, over phrases in English."""

import pytest

from app.matching.turns.previous import Previous
from tests.support.transfer import matcher


@pytest.mark.parametrize(
    ("locale", "before", "intent", "question", "wanted"),
    [
        ("es", "¿A qué hora abren?", "opening-hours", "¿Y cuánto cuesta?", "ticket-prices"),
        ("es", "¿Dónde aparco?", "parking", "¿y en tranvía?", "getting-here"),
        ("fr", "Y a-t-il un café ?", "cafe", "et où sont les toilettes ?", "toilets"),
        ("it", "Posso portare il cane?", "dogs", "e il parcheggio?", "parking"),
        ("it", "A che ora aprite?", "opening-hours", "e la domenica?", "opening-hours"),
    ],
)
async def test_a_follow_up_is_helped(locale, before, intent, question, wanted):
    decision = await matcher().decide(question, locale=locale, previous=Previous(before, intent))

    assert decision.receipt.stage == "follow-up"
    assert wanted in {decision.intent, *decision.choices}


@pytest.mark.parametrize(
    ("locale", "said"), [("es", "muchas gracias"), ("fr", "d'accord, merci"), ("it", "grazie mille")]
)
async def test_thanks_are_no_question(locale, said):
    decision = await matcher().decide(said, locale=locale, previous=Previous("x", "dogs"))

    assert (decision.receipt.stage, decision.receipt.reply, decision.intent) == ("reply", "thanks", None)
