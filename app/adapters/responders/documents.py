"""Document responder: quotes the author's documents, and checks that they support a sentence."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Document
from app.conversation.ports import Quotation
from app.matching.guards.topic import leans_back
from app.matching.normalise import normalise, words
from app.matching.passages.ranking import Found, PassageIndex, index_passages
from app.matching.ports import Encoder
from app.matching.prepared_catalog import background_questions
from app.text import sentences

SHARED = 0.6
"""Smallest share of a sentence's content words that must be in its passages."""

_STEM = 5
"""Letters that identify a word: `build`, `builds` and `building` are one."""

_LIGHT = 3
"""Longest word that is no content word, in most languages: articles, prepositions, pronouns."""


def stands_on(sentence: str, sources: Sequence[str]) -> bool:
    """Return whether the passages support a sentence (word overlap).

    Most of its content words must be theirs, and it must have some: short words can say anything.
    """
    content_words = _content_words(sentence)
    known = frozenset[str]().union(*(_content_words(source) for source in sources))
    return bool(content_words) and len(content_words & known) >= SHARED * len(content_words)


def _content_words(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words(normalise(text)) if len(word) > _LIGHT)


MOST_WORDS = 45
"""Longest answer in words: about fifteen seconds of speech."""

MOST_SENTENCES = 3
PIECE_WORDS = 4
"""Words a piece: a screen shows them as they arrive."""

ANSWERS = 0.5
"""Smallest score (0 to about 1) of a quoted sentence that passes all checks."""

SURE = 0.62
"""Score from which the documents say exactly what is asked, so that an intent that is unsure gives way."""

TOGETHER = 0.08
"""Scores so near are one answer: the quotation begins with the first of them in the passage."""

FLOOR = 0.45
"""Smallest similarity (0 to 1) of a passage that a model is given, however unlike the background it is."""

NEARLY = 0.85
"""Share of the fitted threshold from which a passage is given to a model."""

MOST_PASSAGES = 5

PARAPHRASE = 0.5
"""Smallest similarity of a paraphrase to a sentence of a document.

Words that a stranger made the model say stay below.
"""

OFF_TOPIC_SHARE = 0.98
"""Share of background questions that the fitted threshold must leave without a passage."""

_LEANING = re.compile(
    r"(it|its|they|their|them|he|his|she|her|this|that|these|those|there|nobody|both|but|and|so)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Library:
    """Index of the documents, and the similarity from which a passage is given to a model."""

    index: PassageIndex
    threshold: float


class KnowledgeResponder:
    """Responder that quotes documents and invents nothing: without a fitting sentence it is silent."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder) -> None:
        """Take the documents; nothing is encoded before the first question."""
        self._documents = tuple(one for one in documents if one.passages)
        self._encoder = encoder
        self._lock = Lock()
        self._library: _Library | None = None

    async def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,  # noqa: ARG002 - the port's: quoting costs nothing
        page: Mapping[str, str] | None = None,  # noqa: ARG002 - the port's: a quotation is the same for all
    ) -> AsyncIterator[str]:
        """Yield pieces of one to three sentences, or none; `locale` does not select documents.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        del locale
        answer = await asyncio.to_thread(self._quotation, question, previous=previous)
        words = (answer or "").split()
        for start in range(0, len(words), PIECE_WORDS):
            tail = " " if start + PIECE_WORDS < len(words) else ""
            yield Quotation(" ".join(words[start : start + PIECE_WORDS]) + tail, answer.document if answer else "")

    def answer(self, question: str, *, previous: str | None = None, least: float = ANSWERS) -> str | None:
        """Return the whole answer at once, or None when no sentence says it; blocking.

        `least` is the score that the sentence must reach.
        """
        return self._quotation(question, previous=previous, least=least)

    def _quotation(self, question: str, *, previous: str | None = None, least: float = ANSWERS) -> Quotation | None:
        found = self.candidates(question, previous=previous)
        best = next((one for one in found if one.passed), None)
        return Quotation(_quoted(best, found), best.sentence.title) if best and best.score >= least else None

    def exact_words(self, question: str) -> str | None:
        """Return the answer if the documents say exactly what is asked; None also before they are encoded; blocking.

        A question that leans on the one before it is never asked exactly.
        """
        ready = self._library is not None and not leans_back(normalise(question))
        return self.answer(question, least=SURE) if ready else None

    def explain(self, question: str) -> str:
        """Return in words what the documents say to a question, or why they are silent; blocking."""
        found = self.candidates(question)
        best = next((one for one in found if one.passed and one.score >= ANSWERS), None)
        if best:
            first = f", and go before chips ({SURE} or more)" if best.score >= SURE else ""
            return f"The documents answer{first}: “{_quoted(best, found)}” ({best.score:.2f}; {ANSWERS} is needed)."
        if not found:
            return "There are no documents to answer it."
        nearest = found[0]
        why = next((f"stopped by `{one.guard}`: {one.reason}" for one in nearest.verdicts if not one.passed), "")
        reason = why or f"{nearest.score:.2f} is too little, {ANSWERS} is needed"
        return f"The documents do not answer. Nearest is “{nearest.sentence.text}”, {reason}."

    def candidates(self, question: str, *, previous: str | None = None) -> tuple[Found, ...]:
        """Return the sentences that come into question, best first, with the verdicts on each; blocking."""
        text = normalise(question)
        if not text or not self._documents:
            return ()
        return self._loaded().index.find(text, self._encoder, previous=normalise(previous or ""))

    def quotes(self, text: str) -> bool:
        """Return whether words stand in a document as they are, punctuation and case aside."""
        said = normalise(text)
        return not said or any(f" {said} " in passage for passage in self._spoken)

    @cached_property
    def _spoken(self) -> tuple[str, ...]:
        return tuple(f" {normalise(text)} " for one in self._documents for text in one.passages)

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
        if not text or not self._documents:
            return ()
        library = self._loaded()
        cosines = library.index.likeness(self._encoder.encode([text])[0])
        order = [int(at) for at in cosines.argsort()[::-1]]
        if cosines[order[0]] < library.threshold * NEARLY:
            return ()
        near = [library.index.sentences[at] for at in order if cosines[at] >= library.threshold * NEARLY * NEARLY]
        return tuple(dict.fromkeys(f"{one.title}: {''.join(one.passage)}" for one in near))[:MOST_PASSAGES]

    def warm_up(self) -> None:
        """Encode the documents now instead of at the first question; blocking."""
        if self._documents:
            self._loaded()

    def _loaded(self) -> _Library:
        with self._lock:
            if self._library is None:
                index = index_passages(self._documents, self._encoder)
                background = self._encoder.encode(background_questions())
                self._library = _Library(index, _fitted(index.likeness(background)))
            return self._library


def _fitted(cosines: NDArray[np.float32]) -> float:
    return max(FLOOR, float(np.quantile(cosines.max(axis=1), OFF_TOPIC_SHARE)))


def _quoted(best: Found, found: Sequence[Found]) -> str:
    """Return the best sentence and those that follow it in its passage, up to the limits.

    It begins earlier where a sentence before it answers nearly as well, or says what its "it" is. A sentence that is
    too long alone is cut at a word.
    """
    said = best.sentence
    near = [
        one.sentence.at
        for one in found
        if one.passed and one.score >= best.score - TOGETHER and one.sentence.passage is said.passage
    ]
    start = min(said.at, *near, said.at - bool(said.at and _LEANING.match(said.passage[said.at])))
    through = said.passage[start : said.at + 1]
    if len(through) > MOST_SENTENCES or len("".join(through).split()) > MOST_WORDS:
        start = said.at
    quoted: list[str] = []
    for sentence in said.passage[start : start + MOST_SENTENCES]:
        if quoted and len("".join([*quoted, sentence]).split()) > MOST_WORDS:
            break
        quoted.append(sentence)
    words = "".join(quoted).split()
    return " ".join(words) if len(words) <= MOST_WORDS else " ".join(words[:MOST_WORDS]).rstrip(",;:") + "…"
