"""Rules about phrases: enough of them, each leading to one intent only."""

from collections.abc import Iterator

from app.catalog.findings import Finding
from app.catalog.model import Intent, Role
from app.catalog.rules.context import Context, error, warning
from app.text import fold, has_words, wordless

MIN_PHRASES = 5
"""Smallest number of phrases without a warning; eight or more are better."""

CLEARLY = 0.02
"""Smallest lead (in cosine) of another intent over the own one; less is a tie."""


def none_usable(context: Context) -> Iterator[Finding]:
    """Intents that visitors are to ask for but cannot: every phrase of them is without words."""
    for intent in context.catalog.intents:
        if _none_usable(intent):
            message = f"Expected phrases with words, got {_count(intent)} without any."
            hint = "Write what visitors ask, or remove `phrases` where only a chip is to lead here."
            yield error("phrases-none", context.place(intent, "phrases"), message, hint)


def too_few(context: Context) -> Iterator[Finding]:
    """Intents with too few phrases in a locale they are written for; one that tells a function's result needs none."""
    told = {intent.call.then for intent in context.catalog.intents if intent.call}
    for intent in context.catalog.intents:
        if intent.role is not Role.ANSWER or _none_usable(intent) or (intent.id in told and not intent.phrases):
            continue
        for locale in dict.fromkeys((context.catalog.default_locale, *intent.phrases)):
            count = len({fold(text) for text in intent.phrases.get(locale, ()) if not wordless(text)})
            if count < MIN_PHRASES:
                place = context.place(intent, "phrases", locale)
                message = f"Expected at least {MIN_PHRASES} different phrases in `{locale}`, got {count}."
                yield warning("phrases-few", place, message, "Add ways in which visitors really ask.")


def without_words(context: Context) -> Iterator[Finding]:
    """Phrases and near misses without a single word: nothing that a visitor says could be like them."""
    for intent in context.catalog.intents:
        for key, texts in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases)):
            for locale, listed in texts.items():
                for at, text in enumerate(listed):
                    if wordless(text) or not has_words(text):
                        message = f"Expected words of a visitor, got `{text}` without any."
                        place = context.place(intent, key, locale, at)
                        yield warning("phrase-wordless", place, message, "Write a question, or remove it.")


def shared(context: Context) -> Iterator[Finding]:
    """One phrase twice: an error between intents, a warning within one."""
    seen: dict[tuple[str, str], tuple[Intent, int]] = {}
    for intent, locale, at, text in _all_phrases(context):
        first, first_at = seen.setdefault((locale, fold(text)), (intent, at))
        place = context.place(intent, "phrases", locale, at)
        if first is not intent and first.id != intent.id:
            line = context.place(first, "phrases", locale, first_at).line
            where = f"`{first.id}` (line {line})" if line else f"`{first.id}`"
            message = f"Expected the phrase `{text}` in one intent, got it in {where} too."
            yield error("phrase-shared", place, message, "Remove it from one of them.")
        elif first is intent and first_at != at:
            yield warning("phrase-twice", place, f"Expected each phrase once, got `{text}` again.", "Remove it.")


def refused_and_wanted(context: Context) -> Iterator[Finding]:
    """Near misses that are also phrases of the same intent."""
    for intent in context.catalog.intents:
        for locale, texts in intent.not_phrases.items():
            wanted = {fold(text) for text in intent.phrases.get(locale, ())}
            for at, text in enumerate(texts):
                if fold(text) in wanted:
                    place = context.place(intent, "not_phrases", locale, at)
                    message = f"Expected a near miss, got `{text}`, which is a phrase of the same intent."
                    yield error("phrase-refused", place, message, "Remove it from `phrases` or `not_phrases`.")


def confusable(context: Context) -> Iterator[Finding]:
    """Phrases that the encoder puts nearer to another intent than to their own; two of a pack are not the author's."""
    intents = {intent.id: intent for intent in context.catalog.intents}
    for pair in context.measured.pairs:
        near = pair.cosine >= context.measured.confusable_cosine and pair.cosine - pair.own_cosine > CLEARLY
        both = [intents[name] for name in (pair.intent, pair.other_intent) if name in intents]
        if (
            near
            and pair.intent in intents
            and not all(one.starter for one in both)
            and fold(pair.phrase) != fold(pair.other_phrase)
        ):
            place = context.place(intents[pair.intent], "phrases", pair.locale, pair.at)
            message = (
                f"Expected `{pair.phrase}` nearest to its own intent, got `{pair.other_phrase}` of "
                f"`{pair.other_intent}` (cosine {pair.cosine:.2f}, own {pair.own_cosine:.2f})."
            )
            yield warning("phrase-confusable", place, message, "Reword one, or add a `not_phrases` line.")


def _none_usable(intent: Intent) -> bool:
    listed = [text for texts in intent.phrases.values() for text in texts]
    return intent.role is Role.ANSWER and bool(listed) and all(map(wordless, listed))


def _count(intent: Intent) -> int:
    return sum(map(len, intent.phrases.values()))


def _all_phrases(context: Context) -> Iterator[tuple[Intent, str, int, str]]:
    for intent in context.catalog.intents:
        for locale, texts in intent.phrases.items():
            for at, text in enumerate(texts):
                yield intent, locale, at, text
