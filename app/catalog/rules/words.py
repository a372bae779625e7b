"""Rules about words: what is written is what can be said and read, in the language that it is meant for."""

import re
from collections.abc import Iterator

from app.catalog import wording
from app.catalog.findings import Finding, SourceLine
from app.catalog.model import Intent
from app.catalog.page_variables import has_variables
from app.catalog.rules.context import Context, warning

LONGEST_TITLE = 60
"""Most characters of a title: it is the text of a chip, which has one line on a telephone."""

_NAME = re.compile(r"[A-Za-z0-9]+")
_LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
    "ru": "Russian",
    "el": "Greek",
    "ar": "Arabic",
    "he": "Hebrew",
    "th": "Thai",
    "hi": "Hindi",
}


def not_sayable(context: Context) -> Iterator[Finding]:
    """Answers with links, markup and signs, which no voice says and captions show."""
    for place, text, intent, locale in _answers(context):
        if has_variables(text):  # told in text
            continue
        recorded = bool(intent.recordings.get(locale))
        bare = text
        for link in dict.fromkeys(wording.links(text)):
            bare = bare.replace(link, " ")
            message = f"Expected words to be spoken, got the address `{_short(link)}`; nobody can click what is said."
            hint = "Put it on the intent's `card:` as `url:`, and say where to find it."
            yield warning("answer-link", place, message, hint)
        found = wording.markup(bare)
        if found:
            message = f"Expected words to be spoken, got {found[1]}: `{_short(found[0])}`. It is shown as it stands."
            yield warning(
                "answer-markup", place, message, "Write plain sentences; what is to be read goes on the card."
            )
        sign = "" if found or recorded else wording.sign(bare.replace(wording.placeholder(bare, locale) or "\0", " "))
        if sign:
            message = f"Expected words to be spoken, got `{sign}`: it is not said, and captions show it."
            yield warning("answer-symbol", place, message, "Write the word, or leave the sign out.")


def unfinished(context: Context) -> Iterator[Finding]:
    """Texts with a place that was to be filled: braces, brackets, TODO."""
    for place, text, locale in _texts(context):
        left = wording.placeholder(text, locale)
        if left:
            message = f"Expected a finished text, got `{_short(left)}`; visitors would hear or read it."
            name = "_".join(_NAME.findall(left.removeprefix("{facts."))) or "name"
            hint = f"Write the words, or a fact as `{{{{ facts.{name} }}}}`." if left[0] in "{[" else "Write the words."
            yield warning("text-placeholder", place, message, hint)


def broken_letters(context: Context) -> Iterator[Finding]:
    """Texts whose letters were lost on the way, or read in the wrong encoding."""
    for place, text, _ in _texts(context):
        found = wording.broken(text)
        if found:
            yield warning("text-broken", place, *broken_message(*found))


def broken_message(word: str, meant: str) -> tuple[str, str]:
    """Return the sentence and the hint about a word with broken letters."""
    message = f"Expected whole letters, got `{_short(word)}`, which was saved or copied in another encoding."
    return message, f"Write `{_short(meant)}`." if meant else "Type the word again."


def quoted(context: Context) -> Iterator[Finding]:
    """Texts inside a word processor's quotes, which YAML takes for a part of the text."""
    for place, text, _ in _texts(context):
        if wording.wrapped(text):
            message = f"Expected a text, got `{_short(text)}` inside typographic quotes; they would be shown."
            yield warning("text-quotes", place, message, 'Leave them out, or use straight quotes: "…".')


def long_titles(context: Context) -> Iterator[Finding]:
    """Titles that do not fit a chip."""
    for intent in _own(context):
        for place, title, _ in _titles(context, intent):
            if len(title) > LONGEST_TITLE:
                message = f"Expected a title of at most {LONGEST_TITLE} characters, got {len(title)}: it is a chip."
                yield warning("title-long", place, message, "Name the topic in a few words.")


def other_languages(context: Context) -> Iterator[Finding]:
    """Texts in another language than their locale, as far as their commonest words tell."""
    foreign = context.measured.foreign_language
    for intent in _own(context):
        for key, texts in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases), ("answer", intent.answer)):
            for locale, listed in texts.items():
                found = {at: language for at, text in enumerate(listed) if (language := foreign(text, locale))}
                for at, language in found.items():
                    place = context.place(intent, key, locale, at)
                    yield _foreign(place, listed[at], language, locale)
                together = foreign(" . ".join(listed), locale) if not found and len(listed) > 1 else None
                if together:
                    yield _foreign(context.place(intent, key, locale), listed[0], together, locale)


def _foreign(place: SourceLine, text: str, language: str, locale: str) -> Finding:
    name = _LANGUAGES.get(language, f"`{language}`")
    message = f"Expected words in `{locale}`, got what looks like {name}: `{_short(text)}`."
    return warning("text-language", place, message, f"Translate it, or move it to `{language}:`.")


def _own(context: Context) -> Iterator[Intent]:
    """Yield the author's own intents; those of a starter pack are not theirs to mend."""
    return (intent for intent in context.catalog.intents if intent.starter is None)


def _answers(context: Context) -> Iterator[tuple[SourceLine, str, Intent, str]]:
    for intent in _own(context):
        for locale, listed in intent.answer.items():
            for at, text in enumerate(listed):
                yield context.place(intent, "answer", locale, at), text, intent, locale


def _texts(context: Context) -> Iterator[tuple[SourceLine, str, str]]:
    """Yield every text that visitors see or hear, with its place and locale."""
    for intent in _own(context):
        yield from _titles(context, intent)
        for key, texts in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases), ("answer", intent.answer)):
            for locale, listed in texts.items():
                for at, text in enumerate(listed):
                    yield context.place(intent, key, locale, at), text, locale
        yield from _cards(context, intent)
    avatar = context.catalog.avatar
    for locale, text in avatar.disclosure.items():
        yield context.places.avatar(avatar.id, "disclosure", locale), text, locale


def _titles(context: Context, intent: Intent) -> Iterator[tuple[SourceLine, str, str]]:
    yield context.place(intent, "title"), intent.title, context.catalog.default_locale
    for locale, title in intent.titles.items():
        yield context.place(intent, "titles", locale), title, locale


def _cards(context: Context, intent: Intent) -> Iterator[tuple[SourceLine, str, str]]:
    default = context.catalog.default_locale
    for locale, card in ((default, intent.card), *intent.cards.items()):
        for key in ("title", "body") if card else ():
            path = ("card", key) if card is intent.card else ("cards", locale, key)
            yield context.place(intent, *path), getattr(card, key) or "", locale


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else f"{plain[:59]}…"
