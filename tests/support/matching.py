"""Small catalogs as values, and one real encoder for the whole run."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from app.adapters.encoders.sentence_transformer import HashingEncoder, SentenceEncoder
from app.catalog.fallback_and_budget import Budget, Fallback
from app.catalog.model import Avatar, Catalog, Intent, Matching, Role
from app.matching.fit.thresholds import ready_catalog
from app.matching.matcher import FittedCatalog, Matcher
from app.matching.ports import Encoder
from app.matching.prepared_catalog import prepare

DAY = date(2026, 6, 1)

PHRASES: dict[str, list[str]] = {
    "opening-hours": [
        "When are you open?",
        "What are your opening hours?",
        "What time do you close on Saturdays?",
        "Is the house open on Sunday?",
        "How late can I come in?",
        "Opening times please",
        "Until what time can I stay in the evening?",
        "Which days are you open?",
    ],
    "ticket-prices": [
        "How much is a ticket?",
        "What does it cost to get in?",
        "Ticket prices please",
        "Do I have to pay an entrance fee?",
        "What is the price for an adult?",
        "How expensive is admission?",
        "What do you charge at the door?",
        "Is it free to enter?",
    ],
    "dogs": [
        "Can I bring my dog?",
        "Are pets allowed inside?",
        "Is my puppy welcome?",
        "Do you let dogs in?",
        "May animals come along?",
        "I have a small dog with me",
        "Dogs on a lead, is that fine?",
        "Can my four-legged friend come in?",
    ],
    "parking": [
        "Where can I park?",
        "Is there a car park?",
        "Parking near the entrance",
        "Where do I leave my car?",
        "Do you have parking spaces?",
        "Can I park a van?",
        "Is parking difficult here?",
        "Which car park is closest?",
    ],
    "turn-on": [
        "How do I turn on the audio guide?",
        "Switch on the audio guide",
        "How does the audio guide start?",
        "Where is the button to turn the guide on?",
        "The guide needs to be switched on",
        "How do I get the audio guide running?",
        "Starting the audio guide",
        "I want to turn the guide on",
    ],
}


def an_intent(name: str, phrases: Sequence[str] | Mapping[str, Sequence[str]], **overrides: Any) -> Intent:
    """An answerable intent with phrases, in English unless they say it themselves."""
    spoken = phrases if isinstance(phrases, Mapping) else {"en": tuple(phrases)}
    content: dict[str, Any] = {"title": name, "phrases": spoken, "answer": {"en": ("Yes.",)}}
    return Intent(id=name, topic="desk", **{**content, **overrides})


def a_catalog(
    phrases: Mapping[str, Sequence[str]] = PHRASES, *, intents: Sequence[Intent] = (), **matching: Any
) -> Catalog:
    """A catalog of these phrases, plus `intents` as they are; `matching` are its matching options."""
    avatar = Avatar(id="mira", name="Mira", portrait="mira.png", portrait_path="/mira.png", portrait_digest="0" * 64)
    made = tuple(an_intent(name, texts) for name, texts in phrases.items())
    return Catalog(
        name="Desk",
        default_locale="en",
        locales=("en",),
        avatar=avatar,
        intents=(*made, *intents),
        roles={Role.FAREWELL: ("goodbye",)},
        matching=Matching(**matching),
        fallback=Fallback(),
        budget=Budget(),
        digest="d" * 64,
    )


def a_matcher(catalog: Catalog, encoder: Encoder, *, today: date = DAY) -> Matcher:
    """A matcher on a clock that stands still; the catalog is fitted once a run for each encoder that is shipped."""
    ready = fitted_catalog(catalog, encoder)
    return Matcher.of(ready, encoder, release="1", now=lambda: 0.0, today=lambda: today)


def fitted_catalog(catalog: Catalog, encoder: Encoder) -> FittedCatalog:
    """The catalog with its policy, shared by the tests: immutable, and a function of content and encoder."""
    if type(encoder) not in {HashingEncoder, SentenceEncoder}:
        return ready_catalog(catalog, prepare(catalog, encoder))
    key = (catalog.model_dump_json(), encoder.name)
    if key not in _FITTED:
        _FITTED[key] = ready_catalog(catalog, prepare(catalog, encoder))
    return _FITTED[key]


_FITTED: dict[tuple[str, str], FittedCatalog] = {}


@cache
def real_encoder() -> SentenceEncoder:
    """The packaged sentence-transformers model, loaded once a run."""
    return SentenceEncoder()
