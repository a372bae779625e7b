"""One sentence spoken at once: how it is read, how long it lasts, when each word is heard."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from app.adapters.catalog_files.loader import load_catalog
from app.adapters.local.speech import LocalSpeech, spoken_languages
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.findings import CATALOG_FILE
from app.catalog.model import Avatar, Voice
from app.catalog.spoken.figures import TwoReadings, language_of, two_readings
from app.catalog.spoken.form import SpokenForm
from app.errors import CatalogError, ProviderRefusedError
from app.rendering.media.written_words import written_words
from app.rendering.ports import SpeechRequest, TimedSpan
from app.rendering.text_normalisation import spoken_form
from app.runtime.settings.site import Settings
from app.store.recipes import spoken_text


@dataclass(frozen=True, slots=True)
class Said:
    """Sentence as it was spoken: `read` is what the voice was given; `wav` is its sound.

    `unsettled` are its figures that two readings fit. `voice` is the provider of the clips' voice in this locale, for
    which the local one may have stood in; empty where the avatar has none.
    """

    text: str
    read: str
    seconds: float
    words: tuple[TimedSpan, ...]
    locale: str
    voice: str
    wav: bytes = field(repr=False)
    unsettled: tuple[TwoReadings, ...] = ()
    spoken_by: str = "local"
    """Provider of the voice that spoke."""
    price: Decimal = Decimal(0)
    """What it cost, in dollars; nothing where the same words were stored."""


async def say(settings: Settings, text: str, *, locale: str | None = None) -> Said:
    """Read and speak a text as an answer of the catalog would be, in the local voice: it costs nothing.

    Without a catalog folder it is read by the rules alone.

    Raises:
        CatalogError: the catalog has errors.
        ProviderRefusedError: the local voice does not speak this language, or nothing can be spoken.
    """
    avatar, default = _avatar(settings.catalog)
    tag, plain = locale or default, spoken_text(text)
    form, request = as_read_here(plain, locale=tag, avatar=avatar)
    voice, local = avatar.voice_of(tag), settings.models_dir.expanduser()
    try:
        spoken = await LocalSpeech(local).speak(request)
    except ProviderRefusedError as error:
        if voice is None or voice.speech == "local" or language_of(tag) in spoken_languages(local):
            raise
        raise ProviderRefusedError(
            f"`say` speaks with the local voice, which does not speak {tag!r}: its clips have the voice of "
            f"`{voice.speech}`. `--paid` speaks with that one, and keeps the sound for the clip."
        ) from error
    return Said(
        text=plain,
        read=request.text,
        seconds=round(spoken.duration_s, 3),
        words=written_words(spoken.words, form) if form else spoken.words,
        locale=tag,
        voice=voice.speech if voice else "",
        wav=spoken.wav,
        unsettled=two_readings(request.text, tag),
    )


def as_read_here(text: str, *, locale: str, avatar: Avatar) -> tuple[SpokenForm | None, SpeechRequest]:
    """Return how a text is read to the locale's voice, and the request to the local one, which may stand in for it."""
    form = spoken_form(text, locale=locale, avatar=avatar, normaliser=GrammarNormaliser())
    voice = avatar.voice_of(locale) or Voice()
    name = voice.id if voice.speech == "local" else "default"
    return form, SpeechRequest(form.spoken if form else spoken_text(text), locale, name, voice.speed)


def _avatar(folder: Path) -> tuple[Avatar, str]:
    """Return the catalog's avatar and default locale; a nameless one where there is no catalog."""
    if not (folder / CATALOG_FILE).is_file():
        who = "nobody"
        return Avatar(id=who, name=who, portrait="", portrait_path="", portrait_digest="", voice=Voice()), "en"
    loaded = load_catalog(folder)
    if loaded.catalog is None:
        raise CatalogError(f"Expected a valid catalog in `{folder}`; `greenroom check` lists what is wrong in it.")
    return loaded.catalog.avatar, loaded.catalog.default_locale
