"""A catalog made ready for matching: phrases in canonical order, their vectors, the solved head."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from app.catalog.model import Catalog, Intent, Role
from app.matching.head import Examples, Trial, solve
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
    """All that decisions and the fit need; `trial` is None for a catalog without phrases."""

    index: PhraseIndex
    barred: PhraseIndex
    """The phrases that must never reach their intent."""
    lexicon: Lexicon
    trial: Trial | None
    background: int
    """How many background questions took part."""
    encoder: str


def prepare(catalog: Catalog, encoder: Encoder) -> Prepared:
    """Encode the catalog once and solve the head; blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    intents = askable(catalog)
    phrases = _listed(intents, barred=False)
    barred = _listed([intent for intent in intents if intent.phrases], barred=True)
    texts = [*background_questions(), *(one.text for one in phrases), *(one.text for one in barred)]
    vectors = encoder.encode(texts) if phrases else np.zeros((len(texts), 1), dtype=np.float32)
    background, own, forbidden = np.split(vectors, [len(texts) - len(phrases) - len(barred), len(texts) - len(barred)])
    index = PhraseIndex(phrases, own)
    away = PhraseIndex(barred, forbidden)
    columns = np.array([index.intents.index(phrase.intent) for phrase in barred], dtype=np.intp)
    kept = _unrelated(background, own)
    return Prepared(
        index=index,
        barred=away,
        lexicon=Lexicon(phrases),
        trial=solve(Examples(own, index.owners), Examples(forbidden, columns), kept) if phrases else None,
        background=len(kept),
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
