"""Rules of hearing: what must be heard as written, and how much of the rest may be heard otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.rendering.media.faults import Fault, Reason
from app.rendering.media.hearing.comparison import Step, aligned, likeness
from app.rendering.media.hearing.opposites import are_opposites, is_turned
from app.rendering.media.hearing.vocabulary import VOCABULARIES, Vocabulary
from app.rendering.media.hearing.words import Word

NAME_ALIKE = 0.4
"""Share of common sounds that a name of a fact must have: recognisers write names in many ways."""

MOST_WRONG = 0.10
"""Share of the words with weight that may be heard otherwise; numbers, negations and facts may not."""

FEW = 10
"""Words with weight under which one may be heard otherwise, whatever its share, if it is no other word in its place."""

MISHEARD = 0.5
"""Share of common sounds from which a word in the place of another may be that one, heard badly."""

_LEAST_CONTEXT = 4
_NEAR = 4
"""Words shown around what was heard otherwise."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Words heard of a text: reasons to refuse the clip, and words that are only worth a look.

    `wrong_share` is the share of words with weight that were heard otherwise, names and similar sounds apart.
    """

    heard: str
    reasons: tuple[Reason, ...]
    wrong_share: float
    doubtful: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return what was heard as JSON."""
        return {"text": self.heard, "wrong_share": self.wrong_share, "doubtful": list(self.doubtful)}


def judged(said: Sequence[Word], heard: Sequence[Word], language: str, *, text: str) -> Hearing:
    """Judge what was heard; `text` is what the recogniser wrote."""
    words = VOCABULARIES[language]
    steps = aligned(said, heard, words.alike)
    if not any(step.heard for step in steps):
        return Hearing(text, (Reason(Fault.WORDS_CUT, "Expected the words to be heard, got none of them."),), 1.0)
    doubled, cut = _doubled(steps, words), _cut(steps, words)
    wrong = [
        at for at, step in enumerate(steps) if at not in doubled | cut and _is_wrong(step) and _weighs(step, words)
    ]
    weight = sum(1 for word in said if word.text not in words.small and not word.is_figure)
    share = len(wrong) / max(1, weight)
    reasons = [
        *_carriers(steps, words, doubled),
        *_ended(steps, doubled, Fault.WORDS_DOUBLED, "Expected each word to be heard once, got twice"),
        *_ended(steps, cut, Fault.WORDS_CUT, "Expected all words to be heard, got nothing of"),
    ]
    turned = [at for at, step in enumerate(steps) if at not in doubled | cut and _is_opposite(step)]
    many = share > MOST_WRONG and not (weight < FEW and len(wrong) == 1 and _is_light(steps[wrong[0]], weight))
    if not reasons and turned:
        reasons.append(Reason(Fault.OTHER_WORDS, _message(steps, turned)))
    elif not reasons and (many or _moved(steps, wrong)):
        reasons.append(Reason(Fault.OTHER_WORDS, _told(steps, wrong, share)))
    doubtful = tuple(
        f"{step.said.text}: {step.heard.text if step.heard else 'nothing'}"
        for step in steps
        if step.said and step.kind != "same" and step.said.text not in words.small
    )
    return Hearing(text, tuple(reasons), round(share, 3), doubtful)


def _carriers(steps: Sequence[Step], words: Vocabulary, apart: frozenset[int]) -> Iterator[Reason]:
    """Yield a reason for each kind of word that carries the answer and was heard otherwise."""
    for fault, wrong in (
        (Fault.OTHER_NUMBER, _other_number), (Fault.OTHER_NEGATION, _other_negation), (Fault.OTHER_FACT, _other_fact),
    ):  # fmt: skip
        found = [at for at, step in enumerate(steps) if at not in apart and wrong(step, words)]
        if found:
            yield Reason(fault, _message(steps, found))


def _other_number(step: Step, words: Vocabulary) -> bool:
    if step.kind == "same":
        return False
    said, heard = step.said, step.heard
    if said is not None and said.is_figure:
        alike = words.alike.get(said.text, frozenset())
        return heard is None or heard.text not in alike
    return heard is not None and heard.is_figure


def _other_negation(step: Step, words: Vocabulary) -> bool:
    said = step.said is not None and words.is_negation(step.said.text)
    heard = step.heard is not None and words.is_negation(step.heard.text)
    if said != heard:
        return True
    return step.said is not None and step.heard is not None and is_turned(step.said.text, step.heard.text)


def _is_opposite(step: Step) -> bool:
    return step.said is not None and step.heard is not None and are_opposites(step.said.text, step.heard.text)


def _is_light(step: Step, weight: int) -> bool:
    """Return whether one wrong word of few may be let pass: left out or put in among others, or heard badly."""
    if weight < _LEAST_CONTEXT:
        return False
    return not (step.said and step.heard) or likeness(step.said.text, step.heard.text) >= MISHEARD


def _other_fact(step: Step, words: Vocabulary) -> bool:
    """Return whether a word of a fact, a day or a month was heard otherwise; names are heard in many ways."""
    if step.kind == "same":
        return False
    if step.heard is not None and step.heard.text in words.dates and (step.said is None or not step.said.is_figure):
        return True
    if step.said is None:
        return False
    if step.said.text in words.dates:
        return True
    if not step.said.in_fact or step.said.text in words.small or step.kind not in {"changed", "missing"}:
        return False
    return not (step.said.is_name and step.heard and likeness(step.said.text, step.heard.text) >= NAME_ALIKE)


def _is_wrong(step: Step) -> bool:
    """Return whether a word was heard as one that sounds otherwise, is missing or was put in; numbers are apart."""
    if step.kind in {"same", "alike"} or any(word and word.is_figure for word in (step.said, step.heard)):
        return False
    return not (step.said is not None and step.said.is_name)


def _weighs(step: Step, words: Vocabulary) -> bool:
    return any(word is not None and word.text not in words.small for word in (step.said, step.heard))


def _doubled(steps: Sequence[Step], words: Vocabulary) -> frozenset[int]:
    """Return the steps of words that were put in and that stand just before or after the same words."""
    found: set[int] = set()
    for start, end in _stretches(steps, "added"):
        texts = [step.heard.text for step in steps[start:end] if step.heard]
        size = end - start
        before = [step.heard.text for step in steps[max(0, start - size) : start] if step.heard]
        after = [step.heard.text for step in steps[end : end + size] if step.heard]
        if texts in (before, after) and any(text not in words.small for text in texts):
            found.update(range(start, end))
    return frozenset(found)


def _cut(steps: Sequence[Step], words: Vocabulary) -> frozenset[int]:
    """Return the steps of words of weight that are missing at either end."""
    found: set[int] = set()
    for start, end in _stretches(steps, "missing"):
        at_an_end = start == 0 or end == len(steps)
        if at_an_end and any(step.said and step.said.text not in words.small for step in steps[start:end]):
            found.update(range(start, end))
    return frozenset(found)


def _stretches(steps: Sequence[Step], kind: str) -> Iterator[tuple[int, int]]:
    start = None
    for at in range(len(steps) + 1):
        is_one = at < len(steps) and steps[at].kind == kind
        if is_one and start is None:
            start = at
        if not is_one and start is not None:
            yield start, at
            start = None


def _moved(steps: Sequence[Step], wrong: Sequence[int]) -> bool:
    """Return whether a word of weight was heard, but in another place: voices do that, recognisers do not."""
    said = {step.said.text for at in wrong if (step := steps[at]).said}
    heard = {step.heard.text for at in wrong if (step := steps[at]).heard}
    return any(len(word) > 3 for word in said & heard)


def _ended(steps: Sequence[Step], places: frozenset[int], fault: Fault, says: str) -> Iterator[Reason]:
    if places:
        words = " ".join(word.text for at in sorted(places) if (word := steps[at].said or steps[at].heard))
        yield Reason(fault, f"{says} `{words}`.")


def _told(steps: Sequence[Step], wrong: Sequence[int], share: float) -> str:
    return f"{_message(steps, wrong)[:-1]}; {share:.0%} of the words with weight are others (up to {MOST_WRONG:.0%})."


def _message(steps: Sequence[Step], places: Sequence[int]) -> str:
    """Say what was expected and heard around the first place."""
    first, last = places[0], places[0]
    for at in places[1:]:
        if at - last <= 2:
            last = at
    near = steps[max(0, first - _NEAR) : last + 1 + _NEAR]
    said = " ".join(step.said.text for step in near if step.said)
    heard = " ".join(step.heard.text for step in near if step.heard)
    return f"Expected `{said}` to be heard, got `{heard}`."
