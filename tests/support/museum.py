"""The sample museum in English alone: tests that read or film it whole stay as quick as they were."""

from functools import cache
from pathlib import Path

from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.model import Catalog, Intent

FOLDER = Path(__file__).parents[2] / "intents"


@cache
def english_museum() -> Catalog:
    """The catalog under `intents/` without its other languages."""
    whole = load_or_raise(FOLDER)
    intents = tuple(map(_in_english, whole.intents))
    questions = tuple(one for one in whole.questions if one.locale is None)
    avatar = whole.avatar.model_copy(update={"pronounce": {}})
    changes = {"locales": ("en",), "written": (), "intents": intents, "questions": questions, "avatar": avatar}
    return whole.model_copy(update=changes)


def _in_english(intent: Intent) -> Intent:
    texts = {
        key: {"en": one["en"]} for key in ("phrases", "not_phrases", "answer") if "en" in (one := getattr(intent, key))
    }
    return intent.model_copy(update={"titles": {}, "cards": {}, **texts})
