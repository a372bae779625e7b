"""Whether a sentence stands on others: by its words."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Document
from app.matching.normalise import normalise, words
from app.matching.ports import Encoder, Vectors
from app.matching.prepared_catalog import background_questions
from app.text import sentences

SHARED = 0.5
"""The share of a sentence's words of weight that must stand in what it is said to come from."""

_STEM = 5
"""Letters that tell a word: `build`, `builds` and `building` are one."""

_LIGHT = 3
"""Words this short carry no weight, in most languages: articles, prepositions, pronouns."""


def stands_on(sentence: str, sources: Sequence[str]) -> bool:
    """Whether half of its words of weight are theirs; one that has none says nothing, and stands on anything."""
    weighty = _weighty(sentence)
    known = frozenset[str]().union(*(_weighty(source) for source in sources))
    return len(weighty & known) >= SHARED * len(weighty)


def _weighty(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words(normalise(text)) if len(word) > _LIGHT)


MOST_WORDS = 45
"""About fifteen seconds of speech."""

MOST_SENTENCES = 3
PIECE_WORDS = 4
"""Words a piece: a screen shows them as they come."""

FLOOR = 0.45
"""No sentence less like the question than this (0 to 1) is ever said, however unlike the background it is."""

NEARLY = 0.85
"""A passage is worth a model's look from this share of the likeness on that a quotation needs."""

MOST_PASSAGES = 5

PARAPHRASE = 0.5
"""A sentence this like one of a document says the same; what a stranger has a model say instead stays below."""

OFF_TOPIC_SHARE = 0.98
"""The share of background questions that the fitted threshold must leave without an answer."""

SENTENCE_SHARE = 0.6
"""How much of the likeness is the sentence's own; the rest is its passage's, which says what "it" is."""

_LEANING = re.compile(
    r"(it|its|they|their|them|he|his|she|her|this|that|these|those|there|nobody|both|but|and|so)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, the passage it stands in, and where."""

    text: str
    passage: tuple[str, ...]
    at: int
    title: str


@dataclass(frozen=True, slots=True)
class _Library:
    """A vector a sentence, so that its product with a question is the likeness, and the likeness that is needed."""

    vectors: Vectors
    threshold: float


class KnowledgeResponder:
    """Answers from documents without inventing: what it says stands there, or it says nothing."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder, *, threshold: float | None = None) -> None:
        """Take the documents; nothing is encoded before the first question.

        `threshold` is the likeness a sentence must reach; None fits it so that off-topic questions get nothing.
        """
        self._sentences = tuple(_sentences(documents))
        self._encoder = encoder
        self._threshold = threshold
        self._lock = Lock()
        self._library: _Library | None = None

    async def respond(self, question: str, *, locale: str, previous: str | None = None) -> AsyncIterator[str]:
        """Pieces of one to three sentences, or no piece at all; documents are not told apart by `locale`.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        del locale
        answer = await asyncio.to_thread(self.answer, f"{previous} {question}" if previous else question)
        words = (answer or "").split()
        for start in range(0, len(words), PIECE_WORDS):
            tail = " " if start + PIECE_WORDS < len(words) else ""
            yield " ".join(words[start : start + PIECE_WORDS]) + tail

    def answer(self, question: str) -> str | None:
        """The whole answer at once, or None when no sentence fits; blocking."""
        text = normalise(question)
        if not text or not self._sentences:
            return None
        library = self._loaded()
        cosines = library.vectors @ self._encoder.encode([text])[0]
        best = int(cosines.argmax())
        if cosines[best] < library.threshold:
            return None
        return _quoted(self._sentences[best])

    async def find(self, question: str) -> tuple[str, ...]:
        """The passages that are about a question, best first; none when not one sentence is near it.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        return await asyncio.to_thread(self._passages, question)

    async def support(self, sentence: str, passages: Sequence[str]) -> bool:
        """By its words, or by its meaning: near one sentence of theirs, as a paraphrase is.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        return stands_on(sentence, passages) or await asyncio.to_thread(self._is_near, sentence, passages)

    def _is_near(self, sentence: str, passages: Sequence[str]) -> bool:
        said = [one for passage in passages for one in sentences(passage)]
        vectors = self._encoder.encode([normalise(text) for text in (sentence, *said)])
        return bool((vectors[1:] @ vectors[0]).max(initial=0.0) >= PARAPHRASE)

    def _passages(self, question: str) -> tuple[str, ...]:
        text = normalise(question)
        if not text or not self._sentences:
            return ()
        library = self._loaded()
        cosines = library.vectors @ self._encoder.encode([text])[0]
        order = [int(at) for at in cosines.argsort()[::-1]]
        if cosines[order[0]] < library.threshold * NEARLY:
            return ()
        near = [self._sentences[at] for at in order if cosines[at] >= library.threshold * NEARLY * NEARLY]
        return tuple(dict.fromkeys(f"{one.title}: {''.join(one.passage)}" for one in near))[:MOST_PASSAGES]

    def warm_up(self) -> None:
        """Encode the documents now instead of at the first question; blocking."""
        if self._sentences:
            self._loaded()

    def _loaded(self) -> _Library:
        with self._lock:
            if self._library is None:
                self._library = self._encoded()
            return self._library

    def _encoded(self) -> _Library:
        alone = self._encoder.encode([normalise(one.text) for one in self._sentences])
        around = self._encoder.encode([normalise(f"{one.title}. {''.join(one.passage)}") for one in self._sentences])
        vectors = SENTENCE_SHARE * alone + (1 - SENTENCE_SHARE) * around
        if self._threshold is not None:
            return _Library(vectors, self._threshold)
        background = self._encoder.encode(background_questions())
        return _Library(vectors, _fitted(background @ vectors.T))


def _fitted(cosines: NDArray[np.float32]) -> float:
    return max(FLOOR, float(np.quantile(cosines.max(axis=1), OFF_TOPIC_SHARE)))


def _sentences(documents: Sequence[Document]) -> list[_Sentence]:
    return [
        _Sentence(sentence, passage, at, document.title)
        for document in documents
        for passage in map(sentences, document.passages)
        for at, sentence in enumerate(passage)
    ]


def _quoted(found: _Sentence) -> str:
    """The sentence and those that follow it in its passage, as many as may be said; a long one is cut at a word."""
    chosen: list[str] = []
    start = found.at - bool(found.at and _LEANING.match(found.passage[found.at]))
    for sentence in found.passage[start : start + MOST_SENTENCES]:
        if chosen and len("".join([*chosen, sentence]).split()) > MOST_WORDS:
            break
        chosen.append(sentence)
    words = "".join(chosen).split()
    return " ".join(words) if len(words) <= MOST_WORDS else " ".join(words[:MOST_WORDS]).rstrip(",;:") + "…"
