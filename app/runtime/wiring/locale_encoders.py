"""Choice of an encoder for each locale of a catalog, offline, by the languages that the packaged ones know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.adapters.encoders import small_e5, universal_sentence
from app.adapters.encoders.small_e5 import SmallE5Encoder
from app.adapters.encoders.universal_sentence import UniversalSentenceEncoder
from app.catalog.confusable import EncodeIn
from app.catalog.model import Catalog
from app.errors import EncoderUnavailableError
from app.matching.ports import Encoder
from app.matching.reading.gloss import language_of
from app.runtime.settings.site import Settings

Kind = Literal["named", "english", "universal", "e5"]
"""Encoder named by the author or the settings; the shipped one for English; those of 15 and of a hundred languages."""

_NAMES: Mapping[Kind, str] = {
    "named": "the encoder that is named",
    "english": "the shipped encoder for English",
    "universal": "the multilingual encoder",
    "e5": "the encoder of a hundred languages",
}

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class LocaleEncoder:
    """Choice for one locale: an encoder, or None and what to do about it."""

    locale: str
    kind: Kind | None
    way_out: str = ""

    @property
    def name(self) -> str:
        """Name of what reads the locale's questions, for people."""
        return _NAMES[self.kind] if self.kind else "nothing"


def chosen(settings: Settings, catalog: Catalog) -> tuple[LocaleEncoder, ...]:
    """Choose the encoder of every locale, the default one first.

    A locale's questions are compared with its own phrases and with those in the default locale, so its encoder
    knows both languages.
    """
    listed = dict.fromkeys((catalog.default_locale, *catalog.locales))
    if settings.encoder or catalog.matching.encoder:
        return tuple(LocaleEncoder(one, "named") for one in listed)
    return tuple(_choice(one, language_of(catalog.default_locale)) for one in listed)


def open_encoder(kind: Kind) -> Encoder | None:
    """Return a packaged encoder of several languages, which loads when first used; None for the other kinds."""
    makers: Mapping[Kind, type[UniversalSentenceEncoder | SmallE5Encoder]] = {
        "universal": UniversalSentenceEncoder,
        "e5": SmallE5Encoder,
    }
    return makers[kind]() if kind in makers else None


def encode_in(settings: Settings, catalog: Catalog, own: Encoder) -> EncodeIn:
    """Return the function that encodes phrases of a locale as its questions are; `own` is the default locale's."""
    packaged = {one.locale: open_encoder(one.kind) for one in chosen(settings, catalog)[1:] if one.kind}
    return lambda texts, locale: (packaged.get(locale) or own).encode(texts)


def kind_of(one: LocaleEncoder) -> Kind:
    """Return the kind of encoder of a locale that has one.

    Raises:
        EncoderUnavailableError: it has none.
    """
    if one.kind is None:
        raise EncoderUnavailableError(f"{expected(one)} {one.way_out}")
    return one.kind


def expected(one: LocaleEncoder) -> str:
    """Return what is wrong with a locale without an encoder, as a sentence."""
    return f"Expected an encoder that knows the language of the locale `{one.locale}`, got none."


def _choice(locale: str, default: str) -> LocaleEncoder:
    both = {language_of(locale), default}
    if both == {ENGLISH}:
        return LocaleEncoder(locale, "english")
    if both <= universal_sentence.LANGUAGES:
        return LocaleEncoder(locale, "universal")
    if both <= small_e5.LANGUAGES and small_e5.is_installed():
        return LocaleEncoder(locale, "e5")
    if both <= small_e5.LANGUAGES:
        way = (
            "Install the extra `languages` (`pip install 'greenroom[languages]'`), which has one of a hundred languages"
        )
    else:
        way = "Name"
    return LocaleEncoder(
        locale, None, f"{way} a multilingual model or its folder under `matching.encoder`, or drop the locale."
    )
