"""What a catalog needs filmed: its lines, and the clips they come down to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.catalog.model import Avatar, Catalog, Intent, Role
from app.digest import Digest
from app.rendering.cast import Cast
from app.store.recipes import ClipRecipe, SpeechRecipe, spoken_text

IDLE_S = 5.0
"""Length of the silent loop: long enough not to be noticed as one, short enough to load first."""

ROLE_ORDER = (Role.IDLE, Role.GREETING, Role.HOLDING, Role.APOLOGY, Role.UNCLEAR, Role.FAREWELL, Role.ANSWER)
"""What a visitor meets first is filmed first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be filmed: a variant of an intent's words in one locale; `text` is None for the silent loop."""

    intent: str
    locale: str
    variant: int
    role: Role
    title: str
    text: str | None

    @property
    def address(self) -> tuple[str, str, int]:
        """What stays the same when the words change."""
        return (self.intent, self.locale, self.variant)


@dataclass(frozen=True, slots=True)
class WantedClip:
    """A clip and every line it serves: the same words in two intents are one clip.

    `labels` say for people what it is for; `speech` is None for the silent loop; `alternates` are the same clip by the
    renderers further down the avatar's list, any of which serves the lines as well.
    """

    recipe: ClipRecipe
    speech: SpeechRecipe | None
    lines: tuple[Line, ...] = ()
    labels: Mapping[str, Any] = field(default_factory=dict)
    alternates: tuple["WantedClip", ...] = ()
    key: Digest = field(init=False)

    def __post_init__(self) -> None:
        """Work the key out once."""
        object.__setattr__(self, "key", self.recipe.key)

    @property
    def chain(self) -> tuple["WantedClip", ...]:
        """The clip by every renderer, the first choice first."""
        return (self, *self.alternates)

    @property
    def keys(self) -> tuple[Digest, ...]:
        """The keys under which it may be stored, the first choice first."""
        return tuple(clip.key for clip in self.chain)

    @property
    def locale(self) -> str | None:
        """The locale it is spoken in."""
        return self.speech.locale if self.speech else None

    @property
    def text(self) -> str | None:
        """The words to be spoken."""
        return self.speech.text if self.speech else None


def catalog_lines(catalog: Catalog) -> tuple[Line, ...]:
    """Every line: idle, greeting, holding, apology, unclear, farewell first, then answers in the catalog's order."""
    roles = _roles(catalog)
    ordered = sorted(catalog.intents, key=lambda intent: ROLE_ORDER.index(roles[intent.id]))  # sorting is stable
    return tuple(line for intent in ordered for line in _intent_lines(intent, roles[intent.id], catalog.default_locale))


def catalog_clips(catalog: Catalog, cast: Cast) -> tuple[WantedClip, ...]:
    """The clips that the catalog's lines come down to, in the order of their first line."""
    return group_lines(catalog_lines(catalog), catalog.avatar, cast)


def group_lines(lines: Iterable[Line], avatar: Avatar, cast: Cast) -> tuple[WantedClip, ...]:
    """One clip for all lines with the same recipe."""
    groups: dict[tuple[str | None, str], list[Line]] = {}
    for line in lines:
        said = None if line.text is None else spoken_text(line.text)
        groups.setdefault((said, "" if said is None else line.locale), []).append(line)
    return tuple(_grouped(group, avatar, cast) for group in groups.values())


def line_labels(line: Line) -> dict[str, Any]:
    """A line as an entry's labels."""
    return {**asdict(line), "role": line.role.value}


def want_clip(
    avatar: Avatar,
    cast: Cast,
    *,
    text: str | None,
    locale: str,
    labels: Mapping[str, Any],
    lines: tuple[Line, ...] = (),
) -> WantedClip:
    """The clip of these words, or of the silent loop when there are none; nothing is spoken or filmed."""
    first, *others = (_clip(avatar, one, text=text, locale=locale) for one in cast.chain)
    told = {**labels, "text": text}
    alternates = tuple(replace(other, lines=lines, labels=told) for other in others)
    return replace(first, lines=lines, labels=told, alternates=alternates)


def spoken_locale(intent: Intent, locale: str, default: str) -> str:
    """The locale whose words answer in this one: its own, else the default; what a clip's recipe must be asked with."""
    return locale if intent.answer.get(locale) else default


def _clip(avatar: Avatar, cast: Cast, *, text: str | None, locale: str) -> WantedClip:
    speech = None if text is None else _speech(avatar, cast, text=text, locale=locale)
    width = avatar.video.width or avatar.video.height
    recipe = ClipRecipe(
        portrait=Digest(avatar.portrait_digest),
        renderer=cast.renderer.capabilities.name,
        renderer_version=cast.renderer.version,
        model=cast.model,
        width=width,
        height=avatar.video.height,
        fps=avatar.video.fps,
        speech=speech.key if speech else None,
        idle_s=None if speech else IDLE_S,
    )
    return WantedClip(recipe=recipe, speech=speech)


def _speech(avatar: Avatar, cast: Cast, *, text: str, locale: str) -> SpeechRecipe:
    return SpeechRecipe(
        provider=cast.speech.name,
        version=cast.speech.version,
        voice=avatar.voice.id,
        speed=avatar.voice.speed,
        locale=locale,
        text=spoken_text(text),
    )


def _grouped(group: list[Line], avatar: Avatar, cast: Cast) -> WantedClip:
    first = group[0]
    labels = {**line_labels(first), "also": [list(line.address) for line in group[1:]]}
    return want_clip(avatar, cast, text=first.text, locale=first.locale, labels=labels, lines=tuple(group))


def _roles(catalog: Catalog) -> dict[str, Role]:
    """Each intent's role; the catalog's own table counts before what the intent says of itself."""
    given = {intent: role for role in reversed(ROLE_ORDER) for intent in catalog.roles.get(role, ())}
    return {intent.id: given.get(intent.id, intent.role) for intent in catalog.intents}


def _intent_lines(intent: Intent, role: Role, default_locale: str) -> Iterator[Line]:
    if role is Role.IDLE:
        yield Line(intent.id, default_locale, 0, role, intent.title, None)
        return
    for locale, texts in intent.answer.items():
        for variant, text in enumerate(texts):
            yield Line(intent.id, locale, variant, role, intent.title, text)
