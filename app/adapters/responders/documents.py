"""Document responder: quotes the author's documents, and checks that they support a sentence."""

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
"""Share of a sentence's content words that must be in its passages."""

_STEM = 5
"""Letters that identify a word: `build`, `builds` and `building` are one."""

_LIGHT = 3
"""Longest word that is no content word, in most languages: articles, prepositions, pronouns."""


def stands_on(sentence: str, sources: Sequence[str]) -> bool:
    """Return whether the passages support a sentence (word overlap).

    Half of its content words must be theirs; a sentence without any is always supported.
    """
    content_words = _content_words(sentence)
    known = frozenset[str]().union(*(_content_words(source) for source in sources))
    return len(content_words & known) >= SHARED * len(content_words)


def _content_words(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words(normalise(text)) if len(word) > _LIGHT)


MOST_WORDS = 45
"""Longest answer in words: about fifteen seconds of speech."""

MOST_SENTENCES = 3
PIECE_WORDS = 4
"""Words a piece: a screen shows them as they arrive."""

FLOOR = 0.45
"""Smallest similarity to the question (0 to 1) of a quoted sentence, however unlike the background it is."""

NEARLY = 0.85
"""Share of the threshold for a quotation from which a passage is given to a model."""

MOST_PASSAGES = 5

PARAPHRASE = 0.5
"""Smallest similarity of a paraphrase to a sentence of a document.

Words that a stranger made the model say stay below.
"""

OFF_TOPIC_SHARE = 0.98
"""Share of background questions that the fitted threshold must leave without an answer."""

SENTENCE_SHARE = 0.6
"""Weight of the sentence itself in the similarity; the rest is its passage's, which says what "it" is."""

_LEANING = re.compile(
    r"(it|its|they|their|them|he|his|she|her|this|that|these|those|there|nobody|both|but|and|so)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Sentence with its passage, its position there and the document's title."""

    text: str
    passage: tuple[str, ...]
    at: int
    title: str


@dataclass(frozen=True, slots=True)
class _Library:
    """Vector of each sentence, whose product with a question is the similarity, and the threshold."""

    vectors: Vectors
    threshold: float


class KnowledgeResponder:
    """Responder that quotes documents and invents nothing: without a fitting sentence it is silent."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder, *, threshold: float | None = None) -> None:
        """Take the documents; nothing is encoded before the first question.

        `threshold` is the similarity a sentence must reach; None fits it so that off-topic questions get no
        answer.
        """
        self._sentences = tuple(_sentences(documents))
        self._encoder = encoder
        self._threshold = threshold
        self._lock = Lock()
        self._library: _Library | None = None

    async def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,  # noqa: ARG002 - the port's: quoting costs nothing
    ) -> AsyncIterator[str]:
        """Yield pieces of one to three sentences, or none; `locale` does not select documents.

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
        """Return the whole answer at once, or None when no sentence fits; blocking."""
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
        """Return the passages about a question, best first; none when no sentence is near it.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        return await asyncio.to_thread(self._passages, question)

    async def support(self, sentence: str, passages: Sequence[str]) -> bool:
        """Return whether the passages support a sentence.

        By word overlap, or as a paraphrase of one of theirs.

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
    """Return the sentence and those that follow it in its passage, up to the limits.

    A long one is cut at a word.
    """
    quoted: list[str] = []
    start = found.at - bool(found.at and _LEANING.match(found.passage[found.at]))
    for sentence in found.passage[start : start + MOST_SENTENCES]:
        if quoted and len("".join([*quoted, sentence]).split()) > MOST_WORDS:
            break
        quoted.append(sentence)
    words = "".join(quoted).split()
    return " ".join(words) if len(words) <= MOST_WORDS else " ".join(words[:MOST_WORDS]).rstrip(",;:") + "…"
