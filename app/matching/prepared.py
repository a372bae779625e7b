"""A catalog made ready for matching: phrases in canonical order, their vectors, the solved head."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain

import numpy as np

from app.catalog.model import Catalog, Intent, Role
from app.matching.head import Examples, Head, Material, solve
from app.matching.index import PhraseIndex
from app.matching.lexical import LexicalPhrase, Lexicon, canonical
from app.matching.normalise import normalise
from app.matching.ports import Encoder, Vectors

ASKABLE = frozenset({Role.ANSWER, Role.FAREWELL})
"""Roles a question can reach; the others are played by the conversation."""

SAME_MEANING = 0.6
"""A background line this close to a phrase (cosine) may be the catalog's own business and is left out of the fit."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that decisions and the fit need; `material` and `head` are None for a catalog without phrases."""

    index: PhraseIndex
    barred: PhraseIndex
    """The phrases that must never reach their intent."""
    lexicon: Lexicon
    material: Material | None
    head: Head | None
    encoder: str


def prepare(catalog: Catalog, encoder: Encoder) -> Prepared:
    """Encode the catalog once and solve the head; blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    intents = askable(catalog)
    phrases, barred = _listed(intents, barred=False), _listed(intents, barred=True)
    titles = tuple((normalise(intent.title), intent.id) for intent in intents if normalise(intent.title))
    groups = ([*background_questions()], [one.text for one in phrases], [one.text for one in barred])
    texts = [*chain.from_iterable(groups), *(text for text, _ in titles)]
    vectors = encoder.encode(texts) if phrases else np.zeros((len(texts), 1), dtype=np.float32)
    background, own, forbidden, named = np.split(vectors, np.cumsum([len(group) for group in groups]))
    index = PhraseIndex(phrases, own)
    material = Material(
        phrases=Examples(own, index.owners),
        titles=Examples(named, index.columns([intent for _, intent in titles])),
        barred=Examples(forbidden, index.columns([one.intent for one in barred])),
        background=_unrelated(background, own),
    )
    return Prepared(
        index=index,
        barred=PhraseIndex(barred, forbidden),
        lexicon=Lexicon(phrases),
        material=material if phrases else None,
        head=solve(material) if phrases else None,
        encoder=encoder.name,
    )


def askable(catalog: Catalog) -> tuple[Intent, ...]:
    """The intents that a question can reach, in the order of their ids."""
    found = (intent for intent in catalog.intents if intent.role in ASKABLE and any(intent.phrases.values()))
    return tuple(sorted(found, key=lambda intent: intent.id))


def background_questions() -> tuple[str, ...]:
    """The shipped off-topic and near-topic questions, normalised."""
    lines = files("app.matching").joinpath("data/background.txt").read_text("utf-8").splitlines()
    return tuple(normalise(line) for line in lines if line.strip() and not line.startswith("#"))


def _listed(intents: Sequence[Intent], *, barred: bool) -> tuple[LexicalPhrase, ...]:
    return canonical(
        [
            LexicalPhrase(normalise(text), intent.id, locale, text)
            for intent in intents
            for locale, texts in (intent.not_phrases if barred else intent.phrases).items()
            for text in texts
        ]
    )


def _unrelated(background: Vectors, phrases: Vectors) -> Vectors:
    if not len(phrases):
        return background
    kept: Vectors = background[(background @ phrases.T).max(axis=1) < SAME_MEANING]
    return kept
