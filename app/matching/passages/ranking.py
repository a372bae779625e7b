"""Ranking of the documents' sentences for a question: by meaning, by words, and by what the checks say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Document
from app.matching.decision import Verdict
from app.matching.guards.compare import stem
from app.matching.normalise import normalise, words
from app.matching.passages.checks import Asked, Stated, check, is_polar
from app.matching.passages.kinds import PERSON, kind_of
from app.matching.ports import Encoder, Vectors
from app.matching.word_lists import FUNCTION_WORDS, word_list
from app.text import sentences

ALONE_SHARE = 0.5
"""Weight of the sentence alone in the likeness of meaning; the rest is its passage's, which says what "it" is."""

LEANING_ALONE = 0.25
"""The same for a sentence whose subject another one names, where its passage's is nearer."""

WORDS_SHARE = 0.4
"""Weight of the shared words in the rank; the rest is the likeness of meaning."""

NEARBY_SHARE = 0.6
"""Weight of a word that is not in the sentence but around it."""

LEANING_SHARE = 0.8
"""The same for a sentence with an "it" or "she", which stands for a word around it."""

LIKE = 0.65
"""Cosine of two words from which one stands for the other: built, made; afraid, scared."""

BEGUN_LIKE = 0.8
"""Share with which one word for coming into being stands for another."""

UNLIKE = 0.5
"""Cosine under which two words have nothing to do with each other."""

LEAST_LIKE = 0.3
"""Share between the two from which a word of the question counts as spoken of."""

LEAST_LIKE_KNOWN = 0.7
"""The same for a word that the documents have themselves: where they mean it, they are likely to say it."""

DEFINES = 0.2
"""Added to the rank of a sentence that says who or what the subject is, if that is the question."""

OPENS = 0.12
"""Added to the rank of the first sentence under a heading that has all that the question is about."""

LOOKED_AT = 12
"""Sentences that are checked, best first."""

_LIGHT = FUNCTION_WORDS | word_list(
    "there's tell know knows happen happened happens called say says exactly ever get gets got did done "
    "anything something "
    "everything kind sort thing things going want would like need guys hello hi hey today now actually one "
    "erzähl sag weisst "
    "weißt passiert etwas ding put puts come comes came take takes took bring give gives keep let make makes "
    "stand use used using go goes stay stays fit fits start starts see look seem find able allowed possible "
    "please more less anymore mehr weniger"
)
"""Words that a question has and that say nothing of its subject."""

_BEGUN = word_list(
    "built build added founded opened established erected constructed created gebaut erbaut gegründet eröffnet "
    "errichtet"
)
"""Words for coming into being, which the vectors of single words do not bring together."""

_FALSE_FRIENDS = word_list("die war man hat bin mal den des")
"""German words without weight that are English words with one."""

_GERMAN = word_list(
    "der das ist sind gibt haben kostet und wie wer wann wo warum nicht ein eine einen ich sie wir es im zu mit von "
    "für auf dem wird wurde"
)
"""Words that only German sentences have."""

_PRONOUNS = word_list("it its they them their he him his she her es sie er ihn ihm")
_POINTS = _PRONOUNS | word_list("that this these dies diese dieser")
_WHO_OR_WHAT = re.compile(
    r"^(?:and |so |but )?(?:who|what|wer|was)(?:'s| is| was| are| were| exactly is| ist| war| sind| waren) "
    r"(?:the |a |an |your |der |die |das |ein |eine )?(?P<what>[\w' -]+)$|^(?:tell me|"
    r"talk) about (?:the )?(?P<about>[\w' -]+)$"
)
_OWNED = re.compile(r"(?<!what)(?<!who)(?<!it)(?<!that)(?<!here)(?<!how)(?<!he)'s (\w+)")
_IS = r"(?:is|was|are|were|ist|war|sind|waren)"
_MOST_DEFINED = 4
_SUBJECT_WORDS = 3
"""Words of a sentence among which its subject is: "We recommend it", but not "The workshop keeps them"."""

_OPTIONAL = word_list("place building site location premises people persons haus gebäude ort leute personen")
"""Words for the site itself and for whoever comes, of which a passage need not speak."""

_CAPITAL = re.compile(
    r"(?<=[\w,;:)(“\"] )[A-Z][\w’-]+(?: [A-Z][\w’-]+)*|(?<=\b[A-Z]\. )[A-Z][\w’-]+|\b[A-Z][\w’-]+ [A-Z][\w’-]+"
)


@dataclass(frozen=True, slots=True)
class SaidSentence:
    """Sentence with its passage, its position there, its section's heading and its document's title."""

    text: str
    passage: tuple[str, ...]
    at: int
    section: str
    title: str
    opens: Literal["document", "section", ""]
    """What it is the first sentence of."""
    plain: str
    """The sentence, normalised."""
    around: str
    """All that is said around it and itself, normalised."""
    before: str
    """The passage before, normalised, if the sentence has an "it" or "she" that may be named there."""

    @property
    def leans(self) -> bool:
        """Return whether another sentence says what this one is about."""
        return not _POINTS.isdisjoint(words(self.plain)[:_SUBJECT_WORDS])


@dataclass(frozen=True, slots=True)
class Found:
    """Sentence found for a question, how well it fits (0 to about 1), and the verdicts on it."""

    sentence: SaidSentence
    score: float
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Return whether every check lets it answer."""
        return all(verdict.passed for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of weight of a sentence and around it, as places in the vocabulary."""

    own: NDArray[np.intp]
    around: NDArray[np.intp]
    near: NDArray[np.intp]
    """Those of the sentence, of its headings, and of the sentence that says what its "it" is."""


@dataclass(frozen=True, slots=True)
class PassageIndex:
    """Index of all sentences of the documents; immutable."""

    sentences: tuple[SaidSentence, ...]
    leaning: NDArray[np.bool_]
    """Which sentences lean on others."""
    alone: Vectors
    around: Vectors
    word_vectors: Vectors
    """Vectors of the words of weight, in their alphabet's order."""
    roots: Mapping[str, tuple[int, ...]]
    """For each root the places of its words."""
    spoken: tuple[_Words, ...]
    names: frozenset[str]

    def find(self, question: str, encoder: Encoder, *, previous: str = "") -> tuple[Found, ...]:
        """Return the best sentences for a normalised question, best first; blocking.

        `previous` is the question before it, normalised, if this one needs it: what it is about counts, but need
        not be spoken of.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        kind = kind_of(question)
        own = _weighty(question, kind.uses if kind else frozenset())
        subject = tuple(dict.fromkeys([*own, *_weighty(previous)]))
        strange = [word for word in subject if _root(word) not in self.roots]
        vectors = encoder.encode([f"{previous} {question}".strip(), *strange])
        meant = self.likeness(vectors[0])
        stand_ins = self._stand_ins(subject, dict(zip(strange, vectors[1:], strict=True)))
        likely = np.argsort(-meant)[: 4 * LOOKED_AT]
        defined = () if previous else _defined(question)
        needed = frozenset(own) - _OPTIONAL
        names = kind is not None and kind.name == PERSON and bool(defined) and self.names.issuperset(defined)
        asked = Asked(question, kind, subject, needed, names=names, literal=frozenset(_OWNED.findall(question)))
        found = [self._weighed(int(at), float(meant[at]), stand_ins, asked, defined) for at in likely]
        return tuple(sorted(found, key=lambda one: -one.score))[:LOOKED_AT]

    def likeness(self, questions: Vectors) -> Vectors:
        """Return for each sentence how near its meaning is to a question's vector, or a row for each of several."""
        alone, around = questions @ self.alone.T, questions @ self.around.T
        even = ALONE_SHARE * alone + (1 - ALONE_SHARE) * around
        return np.where(self.leaning, np.maximum(even, LEANING_ALONE * alone + (1 - LEANING_ALONE) * around), even)

    def _stand_ins(self, subject: Sequence[str], spelled: Mapping[str, Vectors]) -> NDArray[np.float32]:
        """Return how far each word of the vocabulary stands for each of the question's: 0 to 1.

        `spelled` has the vectors of the words that the vocabulary lacks.
        """
        own = [spelled[word] if word in spelled else self.word_vectors[self.roots[_root(word)][0]] for word in subject]
        cosines = np.array(own, dtype=np.float32).reshape(len(own), self.word_vectors.shape[1]) @ self.word_vectors.T
        near = np.clip((cosines - UNLIKE) / (LIKE - UNLIKE), 0.0, 1.0) * 0.9
        begun = [place for root in map(_root, _BEGUN) for place in self.roots.get(root, ())]
        for row, word in enumerate(subject):
            if word in _BEGUN:
                near[row, begun] = np.maximum(near[row, begun], BEGUN_LIKE)
            near[row, list(self.roots.get(_root(word), ()))] = 1.0
        return np.asarray(near, dtype=np.float32)

    def _least(self, word: str) -> float:
        return LEAST_LIKE_KNOWN if _root(word) in self.roots else LEAST_LIKE

    def _weighed(
        self, at: int, meant: float, stand_ins: NDArray[np.float32], asked: Asked, defined: tuple[str, ...]
    ) -> Found:
        said, spoken = self.sentences[at], self.spoken[at]
        own = stand_ins[:, spoken.own].max(axis=1, initial=0.0)
        around = stand_ins[:, spoken.around].max(axis=1, initial=0.0)
        best = np.maximum(own, (LEANING_SHARE if said.leans else NEARBY_SHARE) * around)
        covered = float(best.mean()) if len(best) else meant
        score = (1 - WORDS_SHARE) * meant + WORDS_SHARE * covered
        defines, opens = _defines(said, defined), _opens(said, asked, defined)
        score += max(DEFINES * (defines == "outright"), OPENS * opens)
        spoken_of = stand_ins[:, spoken.near].max(axis=1, initial=0.0) if asked.is_close else np.maximum(own, around)
        shares = zip(asked.subject, spoken_of, strict=True)
        missing = tuple(word for word, share in shares if share < (1.0 if word in asked.literal else self._least(word)))
        stated = Stated(said.text, said.plain, said.around, self.names, bool(defines) or opens, missing)
        return Found(said, score, check(asked, stated))


def index_passages(documents: Sequence[Document], encoder: Encoder) -> PassageIndex:
    """Encode all sentences of the documents, their surroundings and their words; blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    said = tuple(_sentences(documents))
    known = sorted({word for one in said for word in _weighty(one.around)})
    vocabulary = {word: place for place, word in enumerate(known)}
    roots: dict[str, tuple[int, ...]] = {}
    for word, place in vocabulary.items():
        roots[_root(word)] = (*roots.get(_root(word), ()), place)
    vectors = encoder.encode([*(one.plain for one in said), *(one.around for one in said), *known])
    alone, around, own = np.split(vectors, [len(said), 2 * len(said)])
    spoken = tuple(
        _Words(*(_places(text, vocabulary) for text in (one.plain, f"{one.around} {one.before}", _beside(one))))
        for one in said
    )
    leaning = np.array([one.leans for one in said], dtype=np.bool_)
    return PassageIndex(said, leaning, alone, around, own, roots, spoken, _names(said))


def _root(word: str) -> str:
    """Return the word without its ending, also a short one: died, die."""
    bare = stem(word)
    return (bare.removesuffix("ed") if len(bare) > len("red") else bare).rstrip("e") or word


def _places(text: str, vocabulary: Mapping[str, int]) -> NDArray[np.intp]:
    return np.array(sorted({vocabulary[word] for word in _weighty(text) if word in vocabulary}), dtype=np.intp)


def _beside(one: SaidSentence) -> str:
    """Return the sentence with its headings, and with the one before it if that says what its "it" is."""
    explained = one.passage[one.at - 1] if one.leans and one.at else ""
    return normalise(f"{one.title}. {one.section}. {explained} {one.text}")


def _sentences(documents: Sequence[Document]) -> list[SaidSentence]:
    found: list[SaidSentence] = []
    for document in documents:
        sections = document.sections or ("",) * len(document.passages)
        before, earlier = None, ""
        for text, section in zip(document.passages, sections, strict=True):
            passage, around = sentences(text), normalise(f"{document.title}. {section}. {text}")
            begins: Literal["document", "section", ""] = "document" if before is None else "section"
            found += [
                SaidSentence(
                    sentence.strip(),
                    passage,
                    at,
                    section,
                    document.title,
                    opens=begins if at == 0 and section != before else "",
                    plain=normalise(sentence),
                    around=around,
                    before="" if _PRONOUNS.isdisjoint(words(normalise(sentence))) else earlier,
                )
                for at, sentence in enumerate(passage)
            ]
            before, earlier = section, normalise(text)
    return found


def _weighty(text: str, uses: frozenset[str] = frozenset()) -> list[str]:
    plain = [word.removesuffix("'s") for word in words(text)]
    german = not _GERMAN.isdisjoint(plain)
    light = _LIGHT if german else _LIGHT - _FALSE_FRIENDS
    return [word for word in plain if word not in light and word not in uses and not word[0].isdigit()]


def _names(said: Sequence[SaidSentence]) -> frozenset[str]:
    """Return the words that are written with a capital within sentences, and never small."""
    written = {word for one in said for found in _CAPITAL.findall(one.text) for word in words(normalise(found))}
    small = {word for one in said for word in re.findall(r"\b[a-zäöüß][\w’-]*", one.text)}
    return frozenset(word.removesuffix("'s") for word in written if word not in small and len(word) > 1)


def _defined(question: str) -> tuple[str, ...]:
    """Return the words whose meaning a question asks for: "who was X", "what is X"; none for others."""
    found = _WHO_OR_WHAT.match(question)
    asked = words(found["what"] or found["about"] or "") if found else ()
    return asked if 0 < len(asked) <= _MOST_DEFINED and asked[0] not in FUNCTION_WORDS else ()


def _defines(said: SaidSentence, defined: tuple[str, ...]) -> Literal["outright", "by deeds", ""]:
    """Return whether a sentence says what something is, or begins with what it does."""
    if not defined:
        return ""
    name, text = r"[\s-]".join(map(re.escape, defined)), said.text.casefold()
    if re.search(rf"\b{name}s?(?:,? {_IS} |, (?:the|a|an|our|who|which|der|die|das|ein|eine|unser|unsere) )", text):
        return "outright"
    return "by deeds" if re.match(rf"(?:\w+\. )?{name} ", text) else ""


def _opens(said: SaidSentence, asked: Asked, defined: tuple[str, ...]) -> bool:
    """Return whether a sentence begins the part whose heading has all that the question is about."""
    if (asked.kind is not None and not defined) or is_polar(asked.text):
        return False
    about = {_root(word) for word in asked.subject}
    heading = said.section if said.opens == "section" else f"{said.title} {said.section}"
    return bool(about and said.opens) and about <= {_root(word) for word in words(normalise(heading))}
