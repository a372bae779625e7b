"""An intent's and an avatar's texts with their facts filled in."""

from app.catalog.facts import Filler
from app.catalog.model import AvatarFile, Card, IntentFile

_ADDRESSES = ("https://", "http://", "/", "{{")
"""What a link may begin with; `{{` is a fact that could not be filled and was complained about already."""


def fill_intent(intent: IntentFile, filler: Filler, default_locale: str) -> dict[str, object]:
    """The fields of the intent that change: `answer` and `card`; a card is in the default locale."""
    _refuse_elsewhere(intent, filler)
    answer = {
        locale: tuple(filler.fill(text, locale, ("answer", locale, at)) for at, text in enumerate(texts))
        for locale, texts in intent.answer.items()
    }
    return {"answer": answer, "card": intent.card and _fill_card(intent.card, filler, default_locale)}


def fill_disclosure(avatar: AvatarFile, filler: Filler) -> dict[str, str]:
    """The avatar's disclosure per locale."""
    return {locale: filler.fill(text, locale, ("disclosure", locale)) for locale, text in avatar.disclosure.items()}


def _fill_card(card: Card, filler: Filler, locale: str) -> Card:
    texts = card.model_dump(exclude_none=True)
    filled = card.model_copy(update={key: filler.fill(text, locale, ("card", key)) for key, text in texts.items()})
    if filled.url and filled.url != card.url and not filled.url.startswith(_ADDRESSES):
        filler.complain_about_url(filled.url, ("card", "url"))
    return filled


def _refuse_elsewhere(intent: IntentFile, filler: Filler) -> None:
    filler.refuse(intent.title, ("title",))
    for key, phrases in (("phrases", intent.phrases), ("not_phrases", intent.not_phrases)):
        for locale, texts in phrases.items():
            for at, text in enumerate(texts):
                filler.refuse(text, (key, locale, at))
