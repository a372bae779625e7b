"""Clips of a catalog: its lines, the clips that they need, and long lines cut at sentence ends."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.catalog.model import Avatar, Catalog, Intent, Recording, Role
from app.catalog.page_variables import has_variables
from app.digest import Digest
from app.rendering.plan.loops import LOOPS, Loop, films_loops, loop_chain
from app.rendering.plan.providers import NO_VOICE, RECORDED, AvatarProviders
from app.rendering.text_normalisation import spoken_form
from app.store.labels import Labels
from app.store.recipes import ClipRecipe, SpeechRecipe, spoken_text
from app.text import FILLED, estimate_seconds, sentences


def pieces_of(text: str, *, longest_s: float, speed: float, read: Callable[[str], str] = str) -> tuple[str, ...]:
    """Return the whole text, or the fewest pieces of whole sentences; nothing if one sentence is too long.

    `read` gives the words that a voice says for a text.
    """
    if estimate_seconds(read(text), speed) <= longest_s:
        return (text,)
    most_s, pieces = FILLED * longest_s, [""]
    for sentence in sentences(text):
        if estimate_seconds(read(sentence), speed) > most_s:
            return ()
        longer = pieces[-1] + sentence
        if estimate_seconds(read(longer), speed) <= most_s:
            pieces[-1] = longer
        else:
            pieces.append(sentence)
    return tuple(piece.rstrip() for piece in pieces)


IDLE_S = 5.0
"""Length of the idle loop: long enough not to look like a loop, short enough to load first."""

ROLE_ORDER = (
    Role.IDLE,
    Role.GREETING,
    Role.URGENT,
    Role.HOLDING,
    Role.APOLOGY,
    Role.UNCLEAR,
    Role.CLARIFY,
    Role.HANDOVER,
    Role.FAREWELL,
    Role.ANSWER,
)
"""Order of a catalog's lines; `warm_order.py` has the order of rendering."""


@dataclass(frozen=True, slots=True)
class CatalogLine:
    """Line of the catalog: a variant of an intent's answer in a locale; `text` is None for a silent loop."""

    intent: str
    locale: str
    variant: int
    role: Role
    title: str
    text: str | None
    audio: Recording | None = None
    """The author's recording, spoken instead of a synthetic voice."""
    split: bool = False
    """The author allows pieces."""
    part: int = 0
    """Number of this piece, from 1 on; 0 for a whole line."""
    pack: str = ""
    """Starter pack that the intent comes from; empty for one of the author's own."""
    pieces: tuple[str, ...] = ()
    """Words of the pieces of a line that is too long for one clip."""
    loop: Loop | None = None
    """Silent loop beside the first idle one."""

    @property
    def address(self) -> tuple[str, str, int]:
        """Intent, locale and variant: they stay the same if the words change."""
        return (self.intent, self.locale, self.variant)


@dataclass(frozen=True, slots=True)
class WantedClip:
    """Clip that the catalog needs, and all its lines: the same words in two intents are one clip.

    `labels` describe it for people; `speech` is None for the idle loop; `alternates` are the same clip by the
    other renderers of the avatar's chain, any of which serves the lines as well.
    """

    recipe: ClipRecipe
    speech: SpeechRecipe | None
    lines: tuple[CatalogLine, ...] = ()
    labels: Labels = field(default_factory=Labels)
    alternates: tuple["WantedClip", ...] = ()
    parts: tuple["WantedClip", ...] = ()
    """Pieces that are joined to this clip, if it is too long for one render."""
    agreed: frozenset[Digest] | None = None
    """Recipes of the chain that may be ordered, if somebody agreed to these only; None: any."""
    key: Digest = field(init=False)

    def __post_init__(self) -> None:
        """Compute the key once."""
        object.__setattr__(self, "key", self.recipe.key)

    @property
    def chain(self) -> tuple["WantedClip", ...]:
        """The clip by each renderer, the first choice first."""
        return (self, *self.alternates)

    @property
    def orders(self) -> tuple["WantedClip", ...]:
        """The part of the chain that may be ordered."""
        return tuple(clip for clip in self.chain if self.agreed is None or clip.key in self.agreed)

    @property
    def keys(self) -> tuple[Digest, ...]:
        """Keys under which it may be stored, the first choice first."""
        return tuple(clip.key for clip in self.chain)

    @property
    def locale(self) -> str | None:
        """Locale of the speech."""
        return self.speech.locale if self.speech else None

    @property
    def text(self) -> str | None:
        """Words of the speech."""
        return self.speech.text if self.speech else None


def catalog_lines(catalog: Catalog) -> tuple[CatalogLine, ...]:
    """Return every line, by `ROLE_ORDER`, answers last and in the catalog's order."""
    roles = _roles(catalog)
    ordered = sorted(catalog.intents, key=lambda intent: ROLE_ORDER.index(roles[intent.id]))  # sorting is stable
    return tuple(line for intent in ordered for line in _intent_lines(intent, roles[intent.id], catalog.default_locale))


def catalog_clips(catalog: Catalog, providers: AvatarProviders) -> tuple[WantedClip, ...]:
    """Return the clips of the catalog's lines, by their first line; pieces before their whole."""
    avatar = catalog.avatar
    with providers.normaliser.of_catalog():
        lines = [piece for line in catalog_lines(catalog) for piece in cut_line(line, avatar, providers)]
        return group_lines((*lines, *loop_lines(lines, avatar, providers)), avatar, providers)


def loop_lines(lines: Iterable[CatalogLine], avatar: Avatar, providers: AvatarProviders) -> Iterator[CatalogLine]:
    """Yield the loops of an idle intent beside its first one: its further variants."""
    idles = [line for line in lines if line.role is Role.IDLE and line.text is None]
    if idles and films_loops(avatar, providers):
        for line in idles:
            for variant, loop in enumerate(LOOPS, 1):
                yield replace(line, variant=variant, title=f"{line.title} ({loop})", loop=loop)


def in_text_alone(catalog: Catalog, providers: AvatarProviders) -> tuple[str, ...]:
    """Return the catalog's `written` locales that its avatar has no voice for here."""
    return tuple(locale for locale in catalog.written if not providers.speaks(catalog.avatar, locale))


def is_spoken(clip: WantedClip, silent: Collection[str]) -> bool:
    """Return whether a clip is none of a locale in `silent`, or recorded; what is stored plays without a voice."""
    return clip.speech is None or clip.speech.provider == RECORDED or clip.speech.locale not in silent


def spoken_clips(catalog: Catalog, providers: AvatarProviders) -> tuple[WantedClip, ...]:
    """Return the clips of a catalog that can be made here: without those of locales in text alone."""
    silent = in_text_alone(catalog, providers)
    return tuple(clip for clip in catalog_clips(catalog, providers) if is_spoken(clip, silent))


def count_in_text(catalog: Catalog, locales: Iterable[str]) -> dict[str, int]:
    """Count the answers of each of these locales that are not recorded."""
    lines = [line for line in catalog_lines(catalog) if line.text is not None and not line.audio]
    return {locale: sum(line.locale == locale for line in lines) for locale in locales}


def cut_line(line: CatalogLine, avatar: Avatar, providers: AvatarProviders) -> Iterator[CatalogLine]:
    """Yield the pieces, then the whole, of a line too long for every renderer; other lines as they are.

    Lines are cut only if the author allows it. A single sentence that is too long stays whole, and the plan
    refuses it.
    """
    pieces: tuple[str, ...] = ()
    if line.split and line.text is not None and line.audio is None:
        longest_s = max(one.limits.max_duration_s for one in providers.chain)

        def read(text: str) -> str:
            form = spoken_form(text, locale=line.locale, avatar=avatar, normaliser=providers.normaliser)
            return form.spoken if form else text

        voice = avatar.voice_of(line.locale)
        pieces = pieces_of(line.text, longest_s=longest_s, speed=voice.speed if voice else 1.0, read=read)
    if len(pieces) > 1:
        yield from (replace(line, text=text, part=number) for number, text in enumerate(pieces, 1))
        yield replace(line, pieces=pieces)
    else:
        yield line


def group_lines(lines: Iterable[CatalogLine], avatar: Avatar, providers: AvatarProviders) -> tuple[WantedClip, ...]:
    """Return one clip for all lines with the same recipe."""
    groups: dict[tuple[str | None, str, str, bool, Loop | None], list[CatalogLine]] = {}
    for line in lines:
        said = None if line.text is None else spoken_text(line.text)
        recorded = line.audio.digest if line.audio else ""
        same = (said, "" if said is None else line.locale, recorded, bool(line.pieces), line.loop)
        groups.setdefault(same, []).append(line)
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
    """Return the clip of these words, or of a silent loop if there are none; nothing is spoken or rendered.

    The labels name a recording of these words, if there is one; the first line names a loop beside the first idle one.
    """
    audio = labels.recording
    speech = None if text is None else _speech(avatar, providers, text=text, locale=locale, audio=audio)
    key = speech.key if speech else None  # computed once: a large catalog spends most of its time on keys
    loop = lines[0].loop if lines else None
    chain = loop_chain(avatar, providers, loop) if loop else providers.chain
    first, *others = (_recipe(avatar, one, speech=key, loop=loop) for one in chain)
    told = labels.with_text(text)
    alternates = tuple(WantedClip(other, speech, lines, told) for other in others)
    return WantedClip(first, speech, lines, told, alternates)


def _recipe(avatar: Avatar, providers: AvatarProviders, *, speech: Digest | None, loop: Loop | None) -> ClipRecipe:
    width, height = avatar.video.size
    return ClipRecipe(
        portrait=Digest(avatar.portrait_digest),
        renderer=providers.renderer.capabilities.name,
        renderer_version=providers.renderer.version,
        model=providers.model,
        width=width,
        height=height,
        fps=avatar.video.fps,
        speech=speech,
        idle_s=None if speech else loop.length_s if loop else IDLE_S,
        parameters=loop.parameters if loop else {},
        background=avatar.background,
    )


def _speech(avatar: Avatar, providers: AvatarProviders, *, text: str, locale: str, audio: str | None) -> SpeechRecipe:
    if audio is not None:
        return SpeechRecipe(provider=RECORDED, version="1", voice=audio, speed=1.0, locale=locale, text=text)
    voice = avatar.voice_of(locale)
    speech = providers.voice(voice.speech if voice else NO_VOICE)
    return SpeechRecipe(
        provider=speech.name,
        version=speech.version,
        voice=voice.id if voice else "",
        speed=voice.speed if voice else 1.0,
        locale=locale,
        text=spoken_text(text),
        form=spoken_form(text, locale=locale, avatar=avatar, normaliser=providers.normaliser),
    )


def _grouped(group: list[CatalogLine], avatar: Avatar, providers: AvatarProviders) -> WantedClip:
    first = group[0]
    labels = line_labels(first).with_also(line.address for line in group[1:])
    clip = want_clip(avatar, providers, text=first.text, locale=first.locale, labels=labels, lines=tuple(group))
    return _joined(clip, avatar, providers, first) if first.pieces else clip


def _joined(clip: WantedClip, avatar: Avatar, providers: AvatarProviders, line: CatalogLine) -> WantedClip:
    """Return the clip as a join of its pieces; its key depends on theirs, whichever renderer makes each."""
    parts = tuple(
        want_clip(avatar, providers, text=text, locale=line.locale, labels=line_labels(replace(line, part=number)))
        for number, text in enumerate(line.pieces, 1)
    )
    recipe = replace(clip.recipe, parameters={**clip.recipe.parameters, "parts": [part.key for part in parts]})
    return replace(clip, recipe=recipe, alternates=(), parts=parts)


def _roles(catalog: Catalog) -> dict[str, Role]:
    """Return each intent's role; the catalog's table overrides the intent's own field."""
    given = {intent: role for role in reversed(ROLE_ORDER) for intent in catalog.roles.get(role, ())}
    return {intent.id: given.get(intent.id, intent.role) for intent in catalog.intents}


def _intent_lines(intent: Intent, role: Role, default_locale: str) -> Iterator[CatalogLine]:
    if role is Role.IDLE:
        yield CatalogLine(intent.id, default_locale, 0, role, intent.title, None, pack=intent.starter or "")
        return
    for locale, texts in intent.answer.items():
        recorded = intent.recordings.get(locale, ())
        for variant, text in enumerate(texts):
            if has_variables(text):  # each visitor gets other words: they are told in text
                continue
            audio = recorded[variant] if variant < len(recorded) else None
            title, pack = intent.title, intent.starter or ""
            yield CatalogLine(intent.id, locale, variant, role, title, text, audio, split=intent.split, pack=pack)
