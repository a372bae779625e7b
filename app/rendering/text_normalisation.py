"""Text normalisation for speech: the port, and the reading of a text in an avatar's voice."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from app.catalog.model import Avatar
from app.catalog.spoken.form import Segment, SpokenForm
from app.catalog.spoken.lexicon import PronunciationLexicon
from app.store.recipes import spoken_text


class TextNormaliser(Protocol):
    """Text normaliser for speech: figures, signs and abbreviations to words, by locale."""

    def segments(self, text: str, locale: str) -> tuple[Segment, ...]:
        """Return the text in stretches with their readings; joined, they are the text.

        What two readings fit, and what it does not know, stays as written. It never raises for a text.
        """
        ...

    def of_catalog(self) -> AbstractContextManager[None]:
        """Return a context in which texts of a catalog are read: their readings may be kept for later processes."""
        ...


class AsWritten:
    """Text normaliser that changes nothing."""

    def segments(self, text: str, locale: str) -> tuple[Segment, ...]:
        """Return the text as it is written."""
        del locale
        return (Segment.same(text),)

    def of_catalog(self) -> AbstractContextManager[None]:
        """Keep nothing."""
        return nullcontext()


def spoken_form(text: str, *, locale: str, avatar: Avatar, normaliser: TextNormaliser) -> SpokenForm | None:
    """Return the reading of a text in the avatar's voice; None where it is read as it is written.

    The catalog's own pronunciations come first, then the normaliser, unless the locale's voice goes without.
    """
    plain = spoken_text(text)
    segments = PronunciationLexicon.of(avatar, locale).segments(plain)
    voice = avatar.voice_of(locale)
    if voice is None or voice.normalise:
        segments = tuple(
            one
            for segment in segments
            for one in (
                normaliser.segments(segment.written, locale) if segment.written == segment.spoken else (segment,)
            )
        )
    if all(one.written == one.spoken for one in segments):
        return None
    form = SpokenForm.of(segments)
    return form if form.changed else None
