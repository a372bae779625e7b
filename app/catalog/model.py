"""Catalog: what can be said, as validated and immutable models.

These classes are the one description of the files under `intents/`: the loader validates against them, the JSON
Schema for editors is made from them. Texts in a `Catalog` have their facts filled in already.
"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

from app.catalog.card import Card, PageCall
from app.catalog.fallback_and_budget import Budget, Fallback
from app.catalog.field_types import STRICT, Locale, Names, Slug, Slugs, StarterNames, Texts, Word, listed
from app.catalog.picture import Video
from app.catalog.terms import Consent, Validity
from app.catalog.voice_table import ONE_VOICE, VOICE_PER_LOCALE, checked_voices, nearest_locale, voice_shape

STARTERS_FOLDER = "starters"
"""Beginning of the topic of an intent that comes from a starter pack: `starters/small-talk`."""

Meanwhile = Literal["keep", "text", "pull"]
"""What is played until a changed answer is rendered: the clip of before, the new words, or nothing of the intent."""

FilmedLoops = Literal["free", "all", "none"]
"""Which loops beside the first idle one are filmed: those that cost nothing, all, or none."""


class Part(BaseModel):
    """Frozen part of the catalog; unknown keys are refused."""

    model_config = STRICT


class Role(StrEnum):
    """Role of a clip; every role but `answer` is played by the conversation itself."""

    ANSWER = "answer"
    GREETING = "greeting"
    IDLE = "idle"
    HOLDING = "holding"
    CLARIFY = "clarify"
    UNCLEAR = "unclear"
    APOLOGY = "apology"
    HANDOVER = "handover"
    FAREWELL = "farewell"
    URGENT = "urgent"


class IntentFile(Part):
    """Intent as its file writes it; facts are not filled in yet."""

    title: str = Field(min_length=1, max_length=200)
    """Text of its chip, in the default locale."""
    titles: dict[Locale, Annotated[str, Field(min_length=1, max_length=200)]] = {}
    """Text of its chip in further locales."""
    draft: bool = Field(default=False, exclude=True)
    """Not finished: no visitor gets it."""
    phrases: dict[Locale, Texts] = {}
    """Ways in which visitors ask, per locale; eight or more varied ones."""
    not_phrases: dict[Locale, Texts] = {}
    """Near misses that must never reach this intent."""
    answer: dict[Locale, Texts] = {}
    """Words to be spoken, per locale; two or more are variants, rotated per visitor.

    `{{ facts.x }}` is filled in.
    """
    audio: dict[Locale, Texts] = {}
    """WAV or MP3 files per locale, relative to this file, that say the answer's variants in their order.
    Played instead of the voice."""
    split: bool = False
    """Allow an answer that is too long for the renderers to be filmed in pieces, cut at sentence ends.
    The pieces are joined."""
    next: Slugs = ()
    """Ids of the intents offered as chips after the answer."""
    role: Role = Role.ANSWER
    interruptible: bool = True
    """Allow a visitor to cut the answer short."""
    card: Card | None = None
    """Card in the default locale."""
    cards: dict[Locale, Card] = {}
    """Card in further locales; without `url` it links where `card` does."""
    call: PageCall | None = None
    """Function of the page that is called after the answer."""
    valid: Validity | None = None
    meanwhile: Meanwhile | None = None


class StarterFile(Part):
    """Intent of a starter pack: its title and card, too, are written per language."""

    title: dict[Locale, str]
    phrases: dict[Locale, Texts]
    not_phrases: dict[Locale, Texts] = {}
    answer: dict[Locale, Texts]
    role: Role = Role.ANSWER
    card: dict[Locale, Card] = {}


class Recording(Part):
    """Sound that the author recorded.

    `path` is absolute, `digest` the sha256 of the file's bytes.
    """

    path: str = Field(exclude=True)
    digest: str
    duration_s: float


class Intent(IntentFile):
    """Intent: one thing a visitor may want, with example phrases and the words that answer it, per locale.

    `recordings` are the files of `audio`, found and measured.
    """

    id: Slug
    topic: str
    recordings: dict[Locale, tuple[Recording, ...]] = {}

    def answers(self, locale: str, default: str) -> tuple[str, ...]:
        """Return the answer's variants in this locale, else in the default one; empty for a silent role."""
        return self.answer.get(locale) or self.answer.get(default) or ()

    def title_in(self, locale: str) -> str:
        """Return the text of its chip in this locale, else in the default one."""
        return self.titles.get(locale, self.title)

    def card_in(self, locale: str) -> Card | None:
        """Return its card in this locale, else in the default one."""
        return self.cards.get(locale, self.card)

    @property
    def starter(self) -> str | None:
        """Return the starter pack that the intent comes from; None for one of the author's own."""
        folder, _, pack = self.topic.partition("/")
        return pack if pack and folder == STARTERS_FOLDER else None

    def open_on(self, day: date) -> bool:
        """Return whether the intent's validity covers this day."""
        return self.valid is None or self.valid.covers(day)


class Voice(Part):
    """Voice of the avatar: speech provider, the provider's voice id, and speed."""

    speech: str = "local"
    id: str = "default"
    speed: float = Field(1.0, ge=0.5, le=2.0)
    normalise: bool = True
    """Read figures, signs and abbreviations to the voice as words; with `false` it gets what is written."""


Voices = Annotated[
    Annotated[Voice, Tag(ONE_VOICE)] | Annotated[dict[Locale, Voice], Field(min_length=1), Tag(VOICE_PER_LOCALE)],
    Discriminator(voice_shape),
    BeforeValidator(checked_voices),
]
"""One voice for all locales, or one per locale."""


class AvatarFile(Part):
    """Avatar as its file writes it."""

    name: str = Field(min_length=1, max_length=100)
    portrait: str
    """A picture file, relative to this file."""
    voice: Voices = Voice()
    """One voice for all locales, or a voice per locale; a locale without an entry has its language's."""
    renderers: Annotated[Names, BeforeValidator(listed, json_schema_input_type=str | Names)] = ("local",)
    """Tried in order."""
    video: Video = Video()
    loops: FilmedLoops = "free"
    """Which loops of listening, thinking and further idling are filmed: those that cost nothing, `all`, or `none`."""
    background: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")
    """What a transparent portrait is composed on, as #rrggbb; a light warm grey if left out."""
    disclosure: dict[Locale, str] = {}
    """One sentence per locale that says that the presenter is generated."""
    consent: Consent | None = None

    def voice_of(self, locale: str) -> Voice | None:
        """Return the voice that speaks this locale; None if there is none."""
        if isinstance(self.voice, Voice):
            return self.voice
        return self.voice.get(nearest_locale(locale, self.voice) or "")

    @property
    def voices(self) -> dict[str, Voice]:
        """Return every voice by its locale; one for all locales stands under an empty text."""
        return {"": self.voice} if isinstance(self.voice, Voice) else self.voice


class Avatar(AvatarFile):
    """Avatar: a portrait, a voice, a list of renderers, a consent record.

    `portrait_path` is absolute; both digests are the sha256 of the files' bytes; `pronounce` is the catalog's, by
    locale, under an empty text for every one; so are `facts`, the texts of its facts.
    """

    id: Slug
    portrait_path: str
    portrait_digest: str
    evidence_digest: str | None = None
    pronounce: dict[str, dict[str, str]] = {}
    facts: dict[str, tuple[str, ...]] = {}


class Matching(Part):
    """Settings of matching; thresholds left out are fitted from the catalog."""

    max_false_hit_rate: float = Field(0.02, gt=0, lt=1)
    max_needless_chips: float = Field(0.15, ge=0, lt=1)
    """Of the questions that nothing answers, at most this share may get chips."""
    encoder: str | None = None
    second_encoder: bool = False
    """Encode each question by a second encoder, too, which the classifier reads beside the first."""
    threshold: float | None = Field(None, ge=0, le=1)
    margin: float | None = Field(None, ge=0, le=1)
    follow_traffic: bool = True
    """Move the fitted thresholds where visitors ask for much that is not in the catalog."""
    second_look: str | None = Field(None, min_length=1, max_length=200)
    """OpenAI-compatible model that is asked about questions in the grey zone; nobody is asked if left out."""


class CatalogFile(Part):
    """`catalog.yaml`."""

    name: str = Field(min_length=1, max_length=200)
    default_locale: Locale = "en"
    locales: tuple[Locale, ...] = ()
    """All locales that are served; only the default one if left out."""
    written: tuple[Locale, ...] = ()
    """Locales that are answered in text alone where no voice speaks them; without it that is an error."""
    avatar: Slug
    """The stem of a file in `avatars/`."""
    roles: dict[Role, Slugs] = {}
    """Which intents play a role; a role left out is played by the intents that say so themselves."""
    pronounce: dict[Word, Word | dict[Locale, Word]] = {}
    """How words are spoken: a respelling or `/phonemes/` (IPA), for all locales or per locale."""
    starter: StarterNames = ()
    """Packs of ready intents: `small-talk`, `urgent`, or single ones, `small-talk/hello`."""
    matching: Matching = Matching()
    fallback: Fallback = Fallback()
    budget: Budget = Budget()
    meanwhile: Meanwhile = "text"


class Question(Part):
    """Test question of `tests.yaml`: the intent it must reach, `none`, or intents that it must not reach.

    A question that `may_miss` counts in the figures, but fails only by a wrong clip.
    """

    ask: str = Field(min_length=1, max_length=2000)
    expect: str | None = None
    not_: Slugs = Field((), alias="not")
    locale: Locale | None = None
    may_miss: bool = False


class QuestionsFile(Part):
    """`tests.yaml`."""

    tests: tuple[Question, ...] = ()


class Document(Part):
    """Knowledge document: its file's stem, its first heading, its paragraphs."""

    id: str
    title: str
    passages: tuple[str, ...]
    sections: tuple[str, ...] = ()
    """For each passage the nearest heading under the title, or an empty text; empty if there are none at all."""


class Catalog(Part):
    """Catalog: all that can be said, validated, with facts filled in; `digest` names exactly this content."""

    name: str
    default_locale: Locale
    locales: tuple[Locale, ...]
    written: tuple[Locale, ...] = ()
    avatar: Avatar
    intents: tuple[Intent, ...]
    roles: dict[Role, tuple[Slug, ...]]
    matching: Matching
    fallback: Fallback
    budget: Budget
    questions: tuple[Question, ...] = ()
    documents: tuple[Document, ...] = ()
    meanwhile: Meanwhile = "text"
    digest: str

    @property
    def recordings(self) -> dict[str, Path]:
        """Return every recorded file by its digest."""
        recordings = (one for intent in self.intents for some in intent.recordings.values() for one in some)
        return {one.digest: Path(one.path) for one in recordings}

    def intent(self, intent_id: str) -> Intent | None:
        """Return the intent with this id."""
        return next((intent for intent in self.intents if intent.id == intent_id), None)

    def open_on(self, day: date) -> "Catalog":
        """Return the catalog without the intents whose validity does not cover this day."""
        return self.model_copy(update={"intents": tuple(intent for intent in self.intents if intent.open_on(day))})

    def in_role(self, role: Role) -> tuple[Intent, ...]:
        """Return the intents that play this role, in the catalog's order."""
        return tuple(intent for intent in self.intents if intent.id in self.roles.get(role, ()))
