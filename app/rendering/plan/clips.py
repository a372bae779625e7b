"""Words too long for one clip, cut at sentence ends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.catalog.model import Avatar, Catalog, Intent, Recording, Role
from app.digest import Digest
from app.rendering.plan.providers import RECORDED, AvatarProviders
from app.store.labels import Labels
from app.store.recipes import ClipRecipe, SpeechRecipe, spoken_text
from app.text import FILLED, estimate_seconds, sentences


def pieces_of(text: str, *, longest_s: float, speed: float) -> tuple[str, ...]:
    """The text whole, or as few pieces of whole sentences as fit; nothing where a single sentence does not."""
    if estimate_seconds(text, speed) <= longest_s:
        return (text,)
    most_s, pieces = FILLED * longest_s, [""]
    for sentence in sentences(text):
        if estimate_seconds(sentence, speed) > most_s:
            return ()
        longer = pieces[-1] + sentence
        if estimate_seconds(longer, speed) <= most_s:
            pieces[-1] = longer
        else:
            pieces.append(sentence)
    return tuple(piece.rstrip() for piece in pieces)


IDLE_S = 5.0
"""Length of the silent loop: long enough not to be noticed as one, short enough to load first."""

ROLE_ORDER = (Role.IDLE, Role.GREETING, Role.HOLDING, Role.APOLOGY, Role.UNCLEAR, Role.FAREWELL, Role.ANSWER)
"""What a visitor meets first is filmed first."""


@dataclass(frozen=True, slots=True)
class CatalogLine:
    """One thing to be filmed: a variant of an intent's words in one locale; `text` is None for the silent loop."""

    intent: str
    locale: str
    variant: int
    role: Role
    title: str
    text: str | None
    audio: Recording | None = None
    """What the author recorded instead of having it spoken."""
    split: bool = False
    """Whether it may be filmed in pieces."""
    part: int = 0
    """Which piece this is, from 1 on; 0 for a whole line."""
    pieces: tuple[str, ...] = ()
    """The words of the pieces that make up a line too long for one clip."""

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
    lines: tuple[CatalogLine, ...] = ()
    labels: Labels = field(default_factory=Labels)
    alternates: tuple["WantedClip", ...] = ()
    parts: tuple["WantedClip", ...] = ()
    """What it is joined from, where it is too long to be filmed at once."""
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


def catalog_lines(catalog: Catalog) -> tuple[CatalogLine, ...]:
    """Every line: idle, greeting, holding, apology, unclear, farewell first, then answers in the catalog's order."""
    roles = _roles(catalog)
    ordered = sorted(catalog.intents, key=lambda intent: ROLE_ORDER.index(roles[intent.id]))  # sorting is stable
    return tuple(line for intent in ordered for line in _intent_lines(intent, roles[intent.id], catalog.default_locale))


def catalog_clips(catalog: Catalog, providers: AvatarProviders) -> tuple[WantedClip, ...]:
    """The clips that the catalog's lines come down to, in the order of their first line; pieces before their whole."""
    speed = catalog.avatar.voice.speed
    lines = [piece for line in catalog_lines(catalog) for piece in cut_line(line, providers, speed=speed)]
    return group_lines(lines, catalog.avatar, providers)


def cut_line(line: CatalogLine, providers: AvatarProviders, *, speed: float) -> Iterator[CatalogLine]:
    """The pieces, and then the whole, of a line that no renderer films at once; any other line as it is.

    Only where the author allows it; a single sentence that is too long stays whole, and is refused by the plan.
    """
    pieces: tuple[str, ...] = ()
    if line.split and line.text is not None and line.audio is None:
        longest_s = max(one.renderer.capabilities.max_duration_s for one in providers.chain)
        pieces = pieces_of(line.text, longest_s=longest_s, speed=speed)
    if len(pieces) > 1:
        yield from (replace(line, text=text, part=number) for number, text in enumerate(pieces, 1))
        yield replace(line, pieces=pieces)
    else:
        yield line


def group_lines(lines: Iterable[CatalogLine], avatar: Avatar, providers: AvatarProviders) -> tuple[WantedClip, ...]:
    """One clip for all lines with the same recipe."""
    groups: dict[tuple[str | None, str, str, bool], list[CatalogLine]] = {}
    for line in lines:
        said = None if line.text is None else spoken_text(line.text)
        recorded = line.audio.digest if line.audio else ""
        groups.setdefault((said, "" if said is None else line.locale, recorded, bool(line.pieces)), []).append(line)
    return tuple(_grouped(group, avatar, providers) for group in groups.values())


def line_labels(line: CatalogLine) -> Labels:
    """A line as an entry's labels."""
    told = {name: getattr(line, name) for name in ("intent", "locale", "variant", "role", "title", "text")}
    part = {"part": line.part} if line.part else {}
    return Labels.from_json(
        told | {"role": line.role.value} | part | ({"audio": line.audio.digest} if line.audio else {})
    )


def want_clip(
    avatar: Avatar,
    providers: AvatarProviders,
    *,
    text: str | None,
    locale: str,
    labels: Labels,
    lines: tuple[CatalogLine, ...] = (),
) -> WantedClip:
    """The clip of these words, or of the silent loop when there are none; nothing is spoken or filmed.

    A recording that says them is named in the labels.
    """
    audio = labels.recording
    speech = None if text is None else _speech(avatar, providers, text=text, locale=locale, audio=audio)
    key = speech.key if speech else None  # worked out once: keys are what a large catalog spends its time on
    first, *others = (_recipe(avatar, one, speech=key) for one in providers.chain)
    told = labels.with_text(text)
    alternates = tuple(WantedClip(other, speech, lines, told) for other in others)
    return WantedClip(first, speech, lines, told, alternates)


def _recipe(avatar: Avatar, providers: AvatarProviders, *, speech: Digest | None) -> ClipRecipe:
    width = avatar.video.width or avatar.video.height
    return ClipRecipe(
        portrait=Digest(avatar.portrait_digest),
        renderer=providers.renderer.capabilities.name,
        renderer_version=providers.renderer.version,
        model=providers.model,
        width=width,
        height=avatar.video.height,
        fps=avatar.video.fps,
        speech=speech,
        idle_s=None if speech else IDLE_S,
    )


def _speech(avatar: Avatar, providers: AvatarProviders, *, text: str, locale: str, audio: str | None) -> SpeechRecipe:
    if audio is not None:
        return SpeechRecipe(provider=RECORDED, version="1", voice=audio, speed=1.0, locale=locale, text=text)
    return SpeechRecipe(
        provider=providers.speech.name,
        version=providers.speech.version,
        voice=avatar.voice.id,
        speed=avatar.voice.speed,
        locale=locale,
        text=spoken_text(text),
    )


def _grouped(group: list[CatalogLine], avatar: Avatar, providers: AvatarProviders) -> WantedClip:
    first = group[0]
    labels = line_labels(first).with_also(line.address for line in group[1:])
    clip = want_clip(avatar, providers, text=first.text, locale=first.locale, labels=labels, lines=tuple(group))
    return _joined(clip, avatar, providers, first) if first.pieces else clip


def _joined(clip: WantedClip, avatar: Avatar, providers: AvatarProviders, line: CatalogLine) -> WantedClip:
    """The clip as the pieces make it up; they are what it depends on, by whomever each of them is filmed."""
    parts = tuple(
        want_clip(avatar, providers, text=text, locale=line.locale, labels=line_labels(replace(line, part=number)))
        for number, text in enumerate(line.pieces, 1)
    )
    recipe = replace(clip.recipe, parameters={**clip.recipe.parameters, "parts": [part.key for part in parts]})
    return replace(clip, recipe=recipe, alternates=(), parts=parts)


def _roles(catalog: Catalog) -> dict[str, Role]:
    """Each intent's role; the catalog's own table counts before what the intent says of itself."""
    given = {intent: role for role in reversed(ROLE_ORDER) for intent in catalog.roles.get(role, ())}
    return {intent.id: given.get(intent.id, intent.role) for intent in catalog.intents}


def _intent_lines(intent: Intent, role: Role, default_locale: str) -> Iterator[CatalogLine]:
    if role is Role.IDLE:
        yield CatalogLine(intent.id, default_locale, 0, role, intent.title, None)
        return
    for locale, texts in intent.answer.items():
        recorded = intent.recordings.get(locale, ())
        for variant, text in enumerate(texts):
            audio = recorded[variant] if variant < len(recorded) else None
            yield CatalogLine(intent.id, locale, variant, role, intent.title, text, audio, split=intent.split)
