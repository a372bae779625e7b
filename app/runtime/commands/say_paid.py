"""One sentence in the voice of the clips, which may cost money: within the caps, booked, and kept for the clip."""

from dataclasses import replace
from decimal import Decimal

from app.adapters.sql.erasing.traces import SqlTraces
from app.catalog.spoken.figures import two_readings
from app.errors import SettingsError
from app.rendering.media.speech_cache import StoredSpeech
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.pricing import voice_totals
from app.rendering.tariffs import PricedSpeech
from app.runtime.commands.say import Said
from app.runtime.settings.site import Settings
from app.runtime.wiring.site import Site, open_site
from app.store.labels import Labels
from app.store.recipes import spoken_text


async def say_paid(settings: Settings, text: str, *, locale: str | None = None) -> Said:
    """Speak a text with the voice of its locale, as the clip of these words would be spoken.

    Raises:
        BudgetExceededError: the day's limit leaves no money for it.
        CatalogError: the catalog has errors.
        ConsentMissingError: the consent does not cover this locale.
        ProviderRefusedError: there is no key or no voice, or it does not speak this.
        ProviderUnavailableError: the voice cannot be used now.
        SettingsError: it is no locale of the catalog.
    """
    async with open_site(settings) as site:
        avatar, tag = site.catalog.avatar, _locale_of(site, locale)
        wanted = site.studio.wanted(avatar, text=text, locale=tag, labels=Labels())
        if wanted.speech is not None:  # else the store would delete at once what a visitor had erased a day ago
            await SqlTraces(site.database).keep([wanted.speech.key])
        price = await _price(site, wanted)
        sound = await site.studio.hear(wanted, avatar=avatar)
        return replace(_said(text, wanted, sound, tag), wav=await site.store.blobs.read(sound.audio), price=price)


def _locale_of(site: Site, asked: str | None) -> str:
    """Return a locale as the catalog writes it: the words' clip is looked for under that."""
    locales = site.catalog.locales
    tag = asked or site.catalog.default_locale
    found = next((one for one in locales if one.lower() == tag.lower()), None)
    if found is None:
        raise SettingsError(
            f"Expected a locale of the catalog ({', '.join(locales)}), got {tag!r}; nothing was ordered."
        )
    return found


async def _price(site: Site, wanted: WantedClip) -> Decimal:
    """Return what the speech will cost; nothing if it is stored."""
    if wanted.speech is None or await site.store.recipes.get(wanted.speech.key) is not None:
        return Decimal(0)
    tariffs = {name: voice.tariff for name, voice in site.studio.speech.items() if isinstance(voice, PricedSpeech)}
    return sum((one.price for one in voice_totals([wanted], tariffs, spoken=())), Decimal(0))


def _said(text: str, wanted: WantedClip, sound: StoredSpeech, tag: str) -> Said:
    read = wanted.speech.spoken if wanted.speech else ""
    voice = wanted.speech.provider if wanted.speech else ""
    return Said(
        text=spoken_text(text),
        read=read,
        seconds=round(sound.duration_s, 3),
        words=sound.words,
        locale=tag,
        voice=voice,
        wav=b"",
        unsettled=two_readings(read, tag),
        spoken_by=voice,
    )
