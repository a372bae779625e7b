"""Rules about spoken forms: figures that a voice cannot read for certain."""

from collections.abc import Iterator

from app.catalog.findings import Finding
from app.catalog.rules.context import Context, warning
from app.catalog.spoken.figures import two_readings
from app.catalog.spoken.lexicon import PronunciationLexicon


def two_ways(context: Context) -> Iterator[Finding]:
    """Answers with figures that two readings fit: they stay as they are written, and a voice takes one of the two."""
    avatar = context.catalog.avatar
    for intent in context.catalog.intents:
        for locale, texts in intent.answer.items():
            recorded = len(intent.recordings.get(locale, ()))
            lexicon = PronunciationLexicon.of(avatar, locale)
            for at, text in enumerate(texts):
                if at < recorded:
                    continue
                place = context.place(intent, "answer", locale, at)
                plain = "".join(one.written if one.written == one.spoken else "-" for one in lexicon.segments(text))
                for found in two_readings(plain, locale):
                    first, second = found.readings
                    message = f"Expected figures with one reading, got `{found.written}`: {first}, or {second}."
                    yield warning("spoken-two-ways", place, message, found.hint)
