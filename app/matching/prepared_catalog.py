"""Prepared catalog: phrases in canonical order, their vectors, the solved classifier."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Catalog, Intent, Role
from app.digest import digest_json
from app.matching.classifier import Classifier, Examples, Material, solve
from app.matching.folds import FoldVectors
from app.matching.index import PhraseIndex
from app.matching.lexical import LexicalPhrase, Lexicon, Never, canonical
from app.matching.normalise import normalise, words
from app.matching.ports import Encoder, Vectors, extra_columns
from app.matching.reading.gloss import in_english, language_of
from app.matching.reading.reader import QuestionReader
from app.matching.spelling_features import features
from app.matching.urgent.alarm import Alarm
from app.text import wordless

ASKABLE = frozenset({Role.ANSWER, Role.FAREWELL, Role.URGENT})
"""Roles that a question can reach; the conversation plays the others by itself."""

SAME_MEANING = 0.6
"""Cosine to a phrase from which a background question may be on topic: it is left out of the fit."""


@dataclass(frozen=True, slots=True)
class ForeignBackground:
    """Off-topic questions in one language, with the encoder's rows; none in a language without such a list."""

    texts: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data for decisions and the fit; `material` and `head` are None for a catalog without phrases."""

    index: PhraseIndex
    barred: PhraseIndex
    """The phrases that must never reach their intent."""
    never: Never
    """Questions that must not be answered by an intent, by their words."""
    lexicon: Lexicon
    reader: QuestionReader
    background: tuple[str, ...]
    """Off-topic questions whose vectors `material` has, in its order."""
    titles: tuple[str, ...]
    """The intents' titles, in the order that `material` has them."""
    material: Material | None
    head: Classifier | None
    encoder: str
    fold_vectors: FoldVectors | None = None
    """Vectors of the folds' encoders, if the encoder was tuned on the catalog."""
    alarm: Alarm = field(default_factory=Alarm)
    packs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each intent of a starter pack, the words that the pack uses."""
    abroad: Mapping[str, ForeignBackground] = field(default_factory=dict)
    """Background in the languages that hardly any intent has phrases in, for their thresholds alone.

    In the fit it would teach the classifier that the language itself means none of the intents.
    """

    @property
    def beside(self) -> Vectors:
        """Vectors of `background` by the encoder alone."""
        width = self.index.vectors.shape[1]
        return self.material.background[:, :width] if self.material else np.zeros((0, width), dtype=np.float32)


def prepare(
    catalog: Catalog,
    encoder: Encoder,
    fold_vectors: FoldVectors | None = None,
    *,
    grown: Classifier | None = None,
    whole: Catalog | None = None,
    across: bool = False,
) -> Prepared:
    """Encode the catalog once and solve the head; blocking.

    `fold_vectors` comes with an encoder tuned on the catalog. `grown` is a head solved before, for the same
    `taught` and the same encoder: it saves solving it again. `whole` has the phrases of more locales, which are
    known word for word. `across` is for an encoder to which a phrase means the same in any language.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    intents, every = askable(catalog), askable(whole or catalog)
    phrases, barred = _listed(intents, barred=False), _listed(intents, barred=True)
    titles = tuple((normalise(intent.title), intent.id) for intent in intents if normalise(intent.title))
    heard, own_words = _languages(catalog, intents) if across else ((), ())
    foreign = {one: background_questions([one], english=False) for one in heard if one not in (*own_words, "en")}
    groups = ([*background_questions(own_words)], [one.text for one in phrases], [one.text for one in barred])
    texts = [*chain.from_iterable(groups), *(text for text, _ in titles)]
    listed = [*texts, *chain.from_iterable(foreign.values())] if phrases else texts
    every_row = encoder.encode(listed) if phrases else np.zeros((len(texts), 1), dtype=np.float32)
    vectors, more = every_row[: len(texts)], every_row[len(texts) :]
    compared = np.ascontiguousarray(vectors[:, : vectors.shape[1] - (extra_columns(encoder) if phrases else 0)])
    beside, own, forbidden, _ = np.split(compared, np.cumsum([len(group) for group in groups]))
    index, unrelated = PhraseIndex(phrases, own, across=across), _unrelated(beside, own)
    lexicon = Lexicon(_listed(every, barred=False))
    read = np.split(features(texts, vectors), np.cumsum([len(group) for group in groups]))
    material = Material(
        phrases=Examples(read[1], index.owners),
        titles=Examples(read[3], index.columns([intent for _, intent in titles])),
        barred=Examples(read[2], index.columns([one.intent for one in barred])),
        background=read[0][unrelated],
    )
    return Prepared(
        index=index,
        barred=PhraseIndex(barred, forbidden),
        never=Never(Lexicon(_listed(every, barred=True)), lexicon),
        lexicon=lexicon,
        reader=reader_of(whole or catalog),
        background=tuple(groups[0][row] for row in unrelated),
        titles=tuple(text for text, _ in titles),
        material=material if phrases else None,
        head=_head(material, grown) if phrases else None,
        encoder=encoder.name,
        fold_vectors=fold_vectors,
        alarm=Alarm.of(whole or catalog),
        packs=_packs(whole or catalog),
        abroad=_abroad(foreign, more, index) if phrases else {},
    )


def reader_of(catalog: Catalog) -> QuestionReader:
    """Return the reader of questions to a catalog: its phrases, near misses and titles are what slips are mended to."""
    intents = askable(catalog)
    phrases = (*_listed(intents, barred=False), *_listed(intents, barred=True))
    return QuestionReader([*phrases, *_titled(intents, catalog.default_locale)], _said(catalog))


def taught(catalog: Catalog) -> str:
    """Return the digest of all that matching learns from a catalog; answers and cards are not part of it.

    Languages count even without phrases: each is fitted with off-topic questions of its own.
    """
    heard = _heard(catalog)
    return digest_json(
        {
            **({"languages": heard} if len(heard) > 1 else {}),
            "intents": [
                (
                    intent.id,
                    intent.title,
                    _sorted(intent.phrases),
                    _sorted(intent.not_phrases),
                    *([intent.starter] if intent.starter else []),
                )
                for intent in askable(catalog)
            ],
            "matching": catalog.matching.model_dump(mode="json"),
        }
    )


def askable(catalog: Catalog) -> tuple[Intent, ...]:
    """Return the intents that a question can reach, in the order of their ids."""
    found = (intent for intent in catalog.intents if _is_askable(intent) and _has_words(intent))
    return tuple(sorted(found, key=lambda intent: intent.id))


def _is_askable(intent: Intent) -> bool:
    """Return whether a question may reach the intent; a pack's urgent answers are for need alone, not for meaning."""
    return intent.role in ASKABLE and not (intent.role is Role.URGENT and intent.starter)


def _has_words(intent: Intent) -> bool:
    """Return whether the intent has a phrase with words; one of pictures and punctuation matches nothing."""
    return not all(wordless(text) for texts in intent.phrases.values() for text in texts)


def spoken_in(catalog: Catalog, locales: Collection[str]) -> Catalog:
    """Return the catalog with each intent's phrases in these locales alone; an intent without any keeps its others."""

    def kept(texts: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        return {locale: listed for locale, listed in texts.items() if locale in locales}

    def heard(intent: Intent) -> Intent:
        phrases = kept(intent.phrases)
        update = {"phrases": phrases, "not_phrases": kept(intent.not_phrases)}
        return intent.model_copy(update=update) if phrases else intent

    return catalog.model_copy(update={"intents": tuple(map(heard, catalog.intents))})


def phrases_of(catalog: Catalog) -> tuple[LexicalPhrase, ...]:
    """Return the phrases that a question can be compared with, in canonical order."""
    return _listed(askable(catalog), barred=False)


def background_questions(languages: Iterable[str] = (), *, english: bool = True) -> tuple[str, ...]:
    """Return the shipped off-topic and near-topic questions, normalised: in English, and in more languages."""
    data = files("app.matching").joinpath("data")
    first = [data.joinpath("background.txt")] if english else []
    listed = [*first, *(data.joinpath(f"background_{one}.txt") for one in sorted(languages))]
    lines = [line for file in listed if file.is_file() for line in file.read_text("utf-8").splitlines()]
    return tuple(dict.fromkeys(normalise(line) for line in lines if line.strip() and not line.startswith("#")))


def _sorted(texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {locale: sorted(listed) for locale, listed in texts.items()}


def _listed(intents: Sequence[Intent], *, barred: bool) -> tuple[LexicalPhrase, ...]:
    return canonical(
        [
            LexicalPhrase(normalise(text), intent.id, locale, text)
            for intent in intents
            for locale, texts in (intent.not_phrases if barred else intent.phrases).items()
            for text in texts
        ]
    )


def _titled(intents: Sequence[Intent], locale: str) -> Iterator[LexicalPhrase]:
    """Yield the titles, as written in the catalog's own language."""
    for intent in intents:
        yield LexicalPhrase(normalise(intent.title), intent.id, locale, intent.title)


def _said(catalog: Catalog) -> Iterator[str]:
    """Yield what the catalog says: the words of answers and documents are no slips."""
    for intent in catalog.intents:
        yield from (normalise(text) for texts in intent.answer.values() for text in texts)
    for document in catalog.documents:
        yield from (normalise(text) for text in (document.title, *document.passages))


def _packs(catalog: Catalog) -> dict[str, frozenset[str]]:
    started = [intent for intent in askable(catalog) if intent.starter]
    said: dict[str | None, set[str]] = {}
    for intent in started:
        spoken = ((locale, text) for locale, texts in intent.phrases.items() for text in texts)
        phrases = (in_english(normalise(text), locale) for locale, text in spoken)
        known = (normalise(intent.title), normalise(catalog.avatar.name), *phrases)
        said.setdefault(intent.starter, set()).update(known)
    own = {pack: frozenset(word for text in texts for word in words(text)) for pack, texts in said.items()}
    return {intent.id: own[intent.starter] for intent in started}


def _heard(catalog: Catalog) -> tuple[str, ...]:
    """Return the languages of a catalog."""
    return tuple(sorted({language_of(locale) for locale in catalog.locales}))


def _languages(catalog: Catalog, intents: Sequence[Intent]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the catalog's languages, and those of them that at least half of the intents have phrases in."""
    heard = _heard(catalog)
    spoken = [{language_of(locale) for locale, texts in intent.phrases.items() if texts} for intent in intents]
    return heard, tuple(one for one in heard if 2 * sum(one in own for own in spoken) >= len(spoken))


def _abroad(foreign: Mapping[str, Sequence[str]], vectors: Vectors, index: PhraseIndex) -> dict[str, ForeignBackground]:
    found, start, width = {}, 0, index.vectors.shape[1]
    for language, texts in foreign.items():
        rows = vectors[start : start + len(texts)]
        start += len(texts)
        kept = _unrelated(rows[:, :width], index.vectors)
        found[language] = ForeignBackground(tuple(texts[row] for row in kept), rows[kept])
    return found


def _head(material: Material, grown: Classifier | None) -> Classifier:
    return grown if grown and grown.reads(material) else solve(material)


def _unrelated(background: Vectors, phrases: Vectors) -> NDArray[np.intp]:
    """Return the rows of the background that are near no phrase."""
    if not len(phrases):
        return np.arange(len(background))
    return np.flatnonzero((background @ phrases.T).max(axis=1) < SAME_MEANING)
