"""Script of a conversation: the view of a catalog by locale, role and chips."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate, islice

from app.catalog.model import Catalog, Intent, Role
from app.catalog.voice_table import served_locale
from app.conversation.hot_path.prepared import PreparedMessages
from app.conversation.language_detection import language_of
from app.conversation.page.context import card_part
from app.conversation.ports import Services
from app.conversation.protocol.parts import CardPart, ChoicePart
from app.conversation.protocol.server_messages import ClipRole
from app.text import CHARACTERS_PER_S, sentences

_CHOICES = 4
"""Number of chips at the start: they fit above a phone's keyboard."""

_CLIP_ROLES = {
    Role.GREETING: ClipRole.GREETING,
    Role.HOLDING: ClipRole.HOLDING,
    Role.CLARIFY: ClipRole.CLARIFY,
    Role.UNCLEAR: ClipRole.CLARIFY,
    Role.APOLOGY: ClipRole.APOLOGY,
    Role.HANDOVER: ClipRole.HANDOVER,
    Role.FAREWELL: ClipRole.FAREWELL,
    Role.URGENT: ClipRole.URGENT,
}


@dataclass(frozen=True)
class Script:
    """Immutable view of one release."""

    catalog: Catalog
    unspoken: tuple[str, ...] = ()
    """Locales that are answered in text alone."""
    prepared: PreparedMessages = field(default_factory=PreparedMessages, compare=False, repr=False)

    def locale(self, wanted: str | None) -> str:
        """Return the nearest locale of the catalog: the same, the same language, or the default."""
        known = (*self.catalog.locales, self.catalog.default_locale)
        return served_locale(wanted, known) or self.catalog.default_locale

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the catalog's locales, the default one first."""
        return tuple(dict.fromkeys((self.catalog.default_locale, *self.catalog.locales)))

    def detected(self, question: str, locale: str) -> str:
        """Return the catalog's locale that a question is written in; the given one if that is not clear."""
        known = dict.fromkeys((locale, self.catalog.default_locale, *self.catalog.locales))
        found = language_of(question, [code.split("-")[0] for code in known])
        return next((code for code in known if code.split("-")[0] == found), locale)

    def intent(self, intent_id: str | None) -> Intent | None:
        """Return the intent with this id; None if there is none."""
        return self._by_id.get(intent_id) if intent_id else None

    @cached_property
    def _by_id(self) -> dict[str, Intent]:
        return {intent.id: intent for intent in self.catalog.intents}

    def disclosure(self, locale: str) -> str:
        """Return the disclosure that the speaker is AI-generated."""
        texts = self.catalog.avatar.disclosure
        return texts.get(locale) or texts.get(self.catalog.default_locale) or "This presenter is AI-generated."

    def first(self, role: Role) -> str | None:
        """Return the first intent in this role."""
        return next((intent.id for intent in self.catalog.in_role(role)), None)

    def variants(self, role: Role, locale: str) -> tuple[tuple[str, int], ...]:
        """Return every variant of every intent in this role."""
        return tuple(
            (intent.id, variant)
            for intent in self.catalog.in_role(role)
            for variant in range(len(intent.answers(locale, self.catalog.default_locale)))
        )

    def opening_choices(self, locale: str) -> tuple[ChoicePart, ...]:
        """Return the chips of a new session: those of the greeting, else the first answers."""
        greeting = self.intent(self.first(Role.GREETING))
        named = self.choices(greeting.next, locale) if greeting else ()
        answers = (intent for intent in self.catalog.intents if intent.role is Role.ANSWER)
        return named or tuple(_choice(intent, locale) for intent in islice(answers, _CHOICES))

    def choices(self, intent_ids: tuple[str, ...], locale: str) -> tuple[ChoicePart, ...]:
        """Return the chips of these intents, as far as they exist."""
        found = (self.intent(intent_id) for intent_id in intent_ids)
        return tuple(_choice(intent, locale) for intent in found if intent)

    def words(self, intent_id: str, *, locale: str, variant: int) -> str:
        """Return the words of a variant (modulo the number of variants); empty for a silent intent."""
        intent = self.intent(intent_id)
        texts = intent.answers(locale, self.catalog.default_locale) if intent else ()
        return texts[variant % len(texts)] if texts else ""

    def film_locale(self, words: str, locale: str, intent_id: str | None) -> str | None:
        """Return the locale in which an answer without a clip is rendered at once; None if it is not.

        That is the locale of its words, which may be the default's though the visitor's is another one: an intent
        may not be translated, and documents are not. Without a voice or recordings in it there is no clip.
        """
        intent = self.intent(intent_id)
        spoken = self.detected(words, locale) if words else locale
        if intent:
            spoken = locale if intent.answer.get(locale) else self.catalog.default_locale
        voice = None if spoken in self.unspoken else self.catalog.avatar.voice_of(spoken)
        heard = voice or (intent and intent.recordings.get(spoken))
        return spoken if self.catalog.fallback.generate and heard else None

    def shortened(self, text: str) -> str:
        """Return the whole sentences that fit into `fallback.max_generated_s`, or else the words that fit."""
        limit = int(self.catalog.fallback.max_generated_s * CHARACTERS_PER_S)
        if len(text) <= limit:
            return text
        whole = [said for said in accumulate(sentences(text)) if len(said.rstrip()) <= limit]
        return whole[-1].rstrip() if whole else text[:limit].rsplit(" ", 1)[0]


class DayScripts:
    """Script of the day: made for the first visitor of a day, and shared by all of them."""

    def __init__(
        self,
        catalog: Catalog,
        today: Callable[[], date],
        pulled: Callable[[], frozenset[str]] = frozenset,
        unspoken: tuple[str, ...] = (),
    ) -> None:
        """`today` returns the date by which intents are valid, `pulled` those that wait for a new clip unanswered.

        `unspoken` are locales that are answered in text alone.
        """
        self._catalog = catalog
        self._today = today
        self._pulled = pulled
        self._made_for: tuple[date | None, frozenset[str]] = None, frozenset()
        self._unspoken = unspoken
        self._script = Script(catalog, unspoken)

    def __call__(self) -> Script:
        """Return the script of a new session."""
        now = self._today(), self._pulled()
        if now != self._made_for:
            day, pulled = self._made_for = now
            open_now = self._catalog.open_on(day)
            left = tuple(intent for intent in open_now.intents if intent.id not in pulled)
            today = open_now.model_copy(update={"intents": left}) if pulled else open_now
            self._script = Script(today, self._unspoken)
        return self._script


def role_of(intent: Intent) -> ClipRole:
    """Return the role of an intent's clip in the conversation."""
    return _CLIP_ROLES.get(intent.role, ClipRole.ANSWER)


def card_of(intent: Intent | None, locale: str, page: Mapping[str, str]) -> CardPart | None:
    """Return the intent's card as a part of a message, with the page's values in it."""
    return card_part(intent.card_in(locale), page) if intent else None


def _choice(intent: Intent, locale: str) -> ChoicePart:
    return ChoicePart(intent=intent.id, title=intent.title_in(locale))


@dataclass(frozen=True, slots=True)
class ServedRelease:
    """Script and services of one release, so that no question gets parts of two."""

    script: Callable[[], Script]
    services: Services
    name: str = ""
    """Name of the release, as in receipts."""
