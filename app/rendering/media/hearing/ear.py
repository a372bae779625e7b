"""Ear of the gate: the port of what hears a clip's words, and the judgement on them."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from app.catalog.facts import EVERY_LOCALE
from app.catalog.model import Avatar
from app.catalog.spoken.figures import language_of
from app.rendering.media.hearing.rules import Hearing, judged
from app.rendering.media.hearing.vocabulary import VOCABULARIES
from app.rendering.media.hearing.words import heard_words, pronounced, said_words, with_facts
from app.rendering.plan.providers import AvatarProviders
from app.rendering.tariffs import PaidSpeech
from app.rendering.text_normalisation import TextNormaliser, spoken_form
from app.store.recipes import SpeechRecipe


class Recogniser(Protocol):
    """Recogniser of speech; works off the event loop."""

    @property
    def name(self) -> str:
        """Name of the model, as provenance has it."""
        ...

    async def hear(self, sound: Path, language: str, *, carefully: bool = False) -> str:
        """Return the words of a sound or video file, as they are written in this language (`en`).

        `carefully` takes longer and is for sounds that were first heard otherwise than expected.

        Raises:
            MediaError: there is no sound in it, or it cannot be decoded.
        """
        ...


Listening = Literal["paid", "all"]
"""Clips that are heard: those that cost money, or all of them."""


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears clips back by a recogniser; `listening` says which ones."""

    recogniser: Recogniser
    normaliser: TextNormaliser
    listening: Listening = "paid"

    def hears(self, recipe: SpeechRecipe | None, providers: AvatarProviders) -> bool:
        """Return whether a clip is heard: it speaks, in a language that is judged, and is paid for."""
        if recipe is None or language_of(recipe.locale) not in VOCABULARIES:
            return False
        return self.listening == "all" or is_paid(recipe, providers)

    async def listen(self, sound: Path, recipe: SpeechRecipe, avatar: Avatar) -> Hearing:
        """Hear a sound or video and judge its words; what seems wrong is heard once more, carefully.

        Raises:
            MediaError: it cannot be decoded.
        """
        language = language_of(recipe.locale)
        first = await self._judged(sound, recipe, avatar, language, carefully=False)
        if not first.reasons:
            return first
        again = await self._judged(sound, recipe, avatar, language, carefully=True)
        return again if len(again.reasons) <= len(first.reasons) else first

    async def _judged(
        self, sound: Path, recipe: SpeechRecipe, avatar: Avatar, language: str, *, carefully: bool
    ) -> Hearing:
        text = await self.recogniser.hear(sound, language, carefully=carefully)
        return await asyncio.to_thread(self.judge, text, recipe, avatar)

    def judge(self, heard: str, recipe: SpeechRecipe, avatar: Avatar) -> Hearing:
        """Judge the words that a recogniser heard of a speech."""
        locale, language = recipe.locale, language_of(recipe.locale)

        def read(text: str) -> str:
            return "".join(segment.spoken for segment in self.normaliser.segments(text, locale))

        names = pronounced(avatar)
        said = said_words(recipe.text, language, form=recipe.form, read=read, names=names)
        facts = []
        for fact in facts_in(recipe.text, locale, avatar):
            form = spoken_form(fact, locale=locale, avatar=avatar, normaliser=self.normaliser)
            facts.append(said_words(fact, language, form=form, read=read, names=names))
        return judged(with_facts(said, facts), heard_words(heard, language, read), language, text=heard)


def is_paid(recipe: SpeechRecipe, providers: AvatarProviders) -> bool:
    """Return whether the film or the voice of a clip costs money."""
    price = providers.renderer.capabilities.price(providers.model)
    return price > Decimal(0) or isinstance(providers.voice(recipe.provider), PaidSpeech)


def facts_in(text: str, locale: str, avatar: Avatar) -> tuple[str, ...]:
    """Return the facts of the catalog that a text has in it."""
    tables = (avatar.facts.get(tag, ()) for tag in dict.fromkeys((EVERY_LOCALE, language_of(locale), locale)))
    return tuple(fact for table in tables for fact in table if fact in text)
