"""Rules about answers: said in every locale, not too long, not out of date."""

from collections.abc import Iterator

from app.catalog.findings import Finding
from app.catalog.model import Catalog, Intent, Role
from app.catalog.page_variables import has_variables, variables
from app.catalog.rules.context import Context, error, warning
from app.text import FILLED, has_words, sentences

LONG_ANSWER_S = 30.0
"""Length from which an answer is reported: visitors stop listening, and it could be two intents."""


_FILMED_ONLY = frozenset({Role.IDLE, Role.HOLDING})

_MANY_BEHIND = 5
"""Untranslated intents up to which each is reported, however few there are."""


def empty(context: Context) -> Iterator[Finding]:
    """Intents without words in the default locale; only the idle loop is silent."""
    default = context.catalog.default_locale
    for intent in context.catalog.intents:
        said = intent.answer.get(default, ())
        if not said and intent.role is not Role.IDLE:
            message = f"Expected an answer in `{default}`, got none."
            yield error(
                "answer-empty", context.place(intent, "answer"), message, f"Write it under `answer: {default}:`."
            )
        for locale, at, text in _texts(intent):
            place = context.place(intent, "answer", locale, at)
            if not text.strip():
                yield error("answer-empty", place, "Expected words to be spoken, got blanks.", "Write or remove it.")
            elif not has_words(text):
                message = f"Expected words to be spoken, got `{text.strip()}` without any."
                yield error("answer-unspeakable", place, message, "Write what is to be said in words.")


def not_filmed(context: Context) -> Iterator[Finding]:
    """Answers with the page's values: a clip cannot say them, so they are told in text."""
    for intent in context.catalog.intents:
        for locale, at, text in _texts(intent):
            if not has_variables(text):
                continue
            place, named = context.place(intent, "answer", locale, at), f"`{{{{ page.{next(variables(text))} }}}}`"
            if intent.recordings.get(locale) or intent.role in _FILMED_ONLY:
                message = f"Expected words that a clip can say, got {named}."
                yield error("page-variable-text", place, message, "Write words that are the same for every visitor.")
            else:
                message = (
                    f"Expected words that a clip can say, got {named}: this answer is told in text and never filmed."
                )
                hint = "Move the value to `card:` if the answer is to be spoken."
                yield warning("page-variable-text", place, message, hint)


def too_long(context: Context) -> Iterator[Finding]:
    """Answers that a renderer would refuse, or that are too long to listen to."""
    limit_s = context.measured.max_clip_s
    for intent in context.catalog.intents:
        for locale, at, text in _texts(intent):
            recorded = intent.recordings.get(locale, ())[at : at + 1]
            voice = context.catalog.avatar.voice_of(locale)
            speed = voice.speed if voice else 1.0
            seconds = recorded[0].duration_s if recorded else context.measured.seconds(text, locale) / speed
            place = context.place(intent, "audio" if recorded else "answer", locale, at)
            said = sentences(text) if intent.split and not recorded else (text,)
            longest_s = seconds if recorded else max(context.measured.seconds(part, locale) / speed for part in said)
            if seconds > limit_s and longest_s > FILLED * limit_s:
                message = f"Expected at most {limit_s:g} s of speech, got about {seconds:.0f} s."
                yield error(
                    "answer-long", place, message, "Shorten it, allow `split: true`, or make two intents of it."
                )
            elif seconds > LONG_ANSWER_S:
                message = f"Expected an answer under {LONG_ANSWER_S:g} s, got about {seconds:.0f} s of speech."
                yield warning("answer-long", place, message, "Shorten it or split it into two intents.")


def validity(context: Context) -> Iterator[Finding]:
    """Intents that can never be answered, or no longer."""
    for intent in context.catalog.intents:
        days = intent.valid
        if days is None or days.until is None:
            continue
        place = context.place(intent, "valid", "until")
        if days.from_ and days.from_ > days.until:
            message = f"Expected `until` after `from`, got {days.until} before {days.from_}."
            yield error("validity", place, message, "Swap them.")
        elif days.until < context.today:
            message = f"Expected a validity that has not ended, got `until: {days.until}`."
            yield warning("validity-ended", place, message, "Renew or remove the intent.")


def half_translated(context: Context) -> Iterator[Finding]:
    """Locales of the catalog in which an intent has no text."""
    for locale in context.catalog.locales:
        if locale == context.catalog.default_locale:
            continue
        titled = any(locale in one.titles for one in context.catalog.intents if one.starter is None)
        lacks = {one.id: _lacks(one, locale, context, titled=titled) for one in context.catalog.intents}
        behind = [intent for intent in context.catalog.intents if lacks[intent.id]]
        started = any(locale in {*intent.answer, *intent.phrases} for intent in context.catalog.intents)
        if behind and not started:
            message = f"Expected intents in `{locale}`, got none."
            place = context.places.find("catalog.yaml", "locales")
            yield warning("locale-empty", place, message, "Translate the intents or remove the locale.")
            continue
        if len(behind) > _MANY_BEHIND and 2 * len(behind) > len(context.catalog.intents):
            yield _mostly_missing(locale, behind, context)
            continue
        for intent in behind:
            message = f"Expected `{locale}` beside `{context.catalog.default_locale}`, got {lacks[intent.id]}."
            yield warning(
                "locale-partial", context.place(intent), message, "Translate it; until then the default is used."
            )


def _mostly_missing(locale: str, behind: list[Intent], context: Context) -> Finding:
    """Return one finding about a locale that most intents lack: its author has begun to translate."""
    default = context.catalog.default_locale
    whole = sum(bool(one.answer.get(default) or one.phrases.get(default)) for one in context.catalog.intents)
    message = f"Expected `{locale}` in all {whole} intents, got it in {whole - len(behind)}: "
    message += f"{', '.join(f'`{intent.id}`' for intent in behind[:3])} and {len(behind) - 3} more lack words in it."
    place = context.places.find("catalog.yaml", "locales")
    return warning("locale-partial", place, message, "Translate them; until then the default is used.")


def _lacks(intent: Intent, locale: str, context: Context, *, titled: bool) -> str:
    """Return what an intent has in the default locale but not in this one, in words; empty when nothing.

    `titled`: the author has begun to write titles in it.
    """
    default = context.catalog.default_locale
    pairs = (("answer", intent.answer), ("phrases", intent.phrases))
    lacking = [f"no `{name}`" for name, texts in pairs if texts.get(default) and not texts.get(locale)]
    if titled:
        lacking += ["no `titles`"] if locale not in intent.titles and offered(intent, context.catalog) else []
        lacking += ["no `cards`"] if intent.card and locale not in intent.cards else []
    return " and ".join(lacking)


def offered(intent: Intent, catalog: Catalog) -> bool:
    """Return whether visitors may see the intent's title: as a chip."""
    return bool(intent.phrases) or any(intent.id in one.next for one in catalog.intents)


def _texts(intent: Intent) -> Iterator[tuple[str, int, str]]:
    for locale, texts in intent.answer.items():
        for at, text in enumerate(texts):
            yield locale, at, text
