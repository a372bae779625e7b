"""The catalog as a conversation sees it: who speaks, what can be chosen, what is played when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, islice

from app.catalog.model import Catalog, Intent, Role
from app.conversation.language_detection import language_of
from app.conversation.ports import Services
from app.conversation.protocol.parts import CardPart, ChoicePart
from app.conversation.protocol.server_messages import ClipRole
from app.text import CHARACTERS_PER_S, sentences

_CHOICES = 4
"""Chips at the start: what fits above a phone's keyboard."""

_CLIP_ROLES = {
    Role.GREETING: ClipRole.GREETING,
    Role.HOLDING: ClipRole.HOLDING,
    Role.UNCLEAR: ClipRole.CLARIFY,
    Role.APOLOGY: ClipRole.APOLOGY,
    Role.FAREWELL: ClipRole.FAREWELL,
}


@dataclass(frozen=True)
class Script:
    """A view of one release; everything in it is immutable."""

    catalog: Catalog

    def locale(self, wanted: str | None) -> str:
        """The nearest locale that the catalog speaks: the same, the same language, or the default."""
        known = {code.lower(): code for code in (*self.catalog.locales, self.catalog.default_locale)}
        tag = (wanted or "").lower()
        language = tag.split("-")[0]
        related = (code for low, code in known.items() if language and low.split("-")[0] == language)
        return known.get(tag) or next(related, self.catalog.default_locale)

    def detected(self, question: str, locale: str) -> str:
        """The catalog's locale that a question is written in, as far as it can be told; else the one given."""
        known = dict.fromkeys((locale, self.catalog.default_locale, *self.catalog.locales))
        found = language_of(question, [code.split("-")[0] for code in known])
        return next((code for code in known if code.split("-")[0] == found), locale)

    def intent(self, intent_id: str | None) -> Intent | None:
        """The intent with this id."""
        return self._by_id.get(intent_id) if intent_id else None

    @cached_property
    def _by_id(self) -> dict[str, Intent]:
        return {intent.id: intent for intent in self.catalog.intents}

    def disclosure(self, locale: str) -> str:
        """What must be said about who speaks."""
        texts = self.catalog.avatar.disclosure
        return texts.get(locale) or texts.get(self.catalog.default_locale) or "This presenter is AI-generated."

    def first(self, role: Role) -> str | None:
        """The first intent that plays this role."""
        return next((intent.id for intent in self.catalog.in_role(role)), None)

    def variants(self, role: Role, locale: str) -> tuple[tuple[str, int], ...]:
        """Every variant of every intent in this role."""
        return tuple(
            (intent.id, variant)
            for intent in self.catalog.in_role(role)
            for variant in range(len(intent.answers(locale, self.catalog.default_locale)))
        )

    def opening_choices(self) -> tuple[ChoicePart, ...]:
        """The chips of a new session: those of the greeting, else the first answers."""
        greeting = self.intent(self.first(Role.GREETING))
        named = self.choices(greeting.next) if greeting else ()
        answers = (intent for intent in self.catalog.intents if intent.role is Role.ANSWER)
        return named or tuple(_choice(intent) for intent in islice(answers, _CHOICES))

    def choices(self, intent_ids: tuple[str, ...]) -> tuple[ChoicePart, ...]:
        """The chips of these intents, as far as they exist."""
        found = (self.intent(intent_id) for intent_id in intent_ids)
        return tuple(_choice(intent) for intent in found if intent)

    def words(self, intent_id: str, *, locale: str, variant: int) -> str:
        """What a variant says, counted modulo the variants there are; empty for a silent intent."""
        intent = self.intent(intent_id)
        texts = intent.answers(locale, self.catalog.default_locale) if intent else ()
        return texts[variant % len(texts)] if texts else ""

    @property
    def films_answers(self) -> bool:
        """Whether answers without a clip are filmed on the spot."""
        return self.catalog.fallback.generate

    def shortened(self, text: str) -> str:
        """As many whole sentences from the start as may be spoken (`fallback.max_generated_s`), at least some words."""
        limit = int(self.catalog.fallback.max_generated_s * CHARACTERS_PER_S)
        if len(text) <= limit:
            return text
        whole = [said for said in accumulate(sentences(text)) if len(said.rstrip()) <= limit]
        return whole[-1].rstrip() if whole else text[:limit].rsplit(" ", 1)[0]


class DayScripts:
    """The script of the day: made when the first visitor of a day comes, the same for all of them."""

    def __init__(self, catalog: Catalog, today: Callable[[], date]) -> None:
        """`today` says which intents are valid."""
        self._catalog = catalog
        self._today = today
        self._day: date | None = None
        self._script = Script(catalog)

    def __call__(self) -> Script:
        """The script that a new session is served from."""
        day = self._today()
        if day != self._day:
            self._day, self._script = day, Script(self._catalog.open_on(day))
        return self._script


def role_of(intent: Intent) -> ClipRole:
    """What an intent's clip is played for."""
    return _CLIP_ROLES.get(intent.role, ClipRole.ANSWER)


def card_of(intent: Intent) -> CardPart | None:
    """The intent's card as it travels."""
    card = intent.card
    return CardPart(title=card.title, body=card.body, url=card.url) if card else None


def _choice(intent: Intent) -> ChoicePart:
    return ChoicePart(intent=intent.id, title=intent.title)


@dataclass(frozen=True, slots=True)
class ServedRelease:
    """What is played and by whom: all of one release, so that no question meets parts of two."""

    script: Callable[[], Script]
    services: Services
