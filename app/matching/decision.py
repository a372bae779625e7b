"""Decision about one question, and its receipt."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["answer", "clarify", "miss"]
Stage = Literal["urgent", "exact", "near", "embedding", "follow-up", "reply", "empty"]
Rejoinder = Literal["repeat", "thanks", "ok", "yes", "no"]


LEFT_TO_DOCUMENTS = "documents"
"""Name of the verdict that a question goes to the documents, which say exactly what it asks, and not to chips."""


class Value(BaseModel):
    """Frozen value that is written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidate(Value):
    """Intent that was considered; `score` is its best cosine (1 for exact), `phrase` the nearest example.

    `head` is the classifier's score, from 0 to 1; None where no classifier was asked.
    """

    intent: str
    score: float
    phrase: str
    head: float | None = None


class Verdict(Value):
    """Verdict of one guard: pass or fail, and the reason in words."""

    guard: str
    passed: bool
    reason: str = ""


class Thresholds(Value):
    """Operating point: the score and the margin that an answer needs, and the source of these numbers."""

    answer: float
    margin: float
    clarify: float
    source: str
    second_look: float | None = None
    """Probability from which a second look is taken at a question that gets no answer; None: none is taken."""


class LookNote(Value):
    """Second look at one question: the model, what became of it, and whether that made the answer."""

    model: str
    said: Literal["yes", "no", "unsure", "late", "over budget", "failed"]
    """`late`, `over budget` and `failed` stand for a verdict that did not come; all but `yes` mean no."""
    intent: str
    latency_ms: float


class Receipt(Value):
    """Receipt of a decision: all that led to it, enough to replay it."""

    stage: Stage
    intent: str | None
    score: float
    probability: float
    runner_up: str | None = None
    margin: float | None = None
    thresholds: Thresholds
    guards: tuple[Verdict, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    second_look: LookNote | None = None
    """Second look, if one was taken."""
    normalised: str
    """The question as it was read and compared."""
    typed: str | None = None
    """The question as it was typed, normalised, if it was read otherwise."""
    locale: str
    release: str
    encoder: str
    latency_ms: float
    subject: str | None = None
    """The intent that was answered just before, if the question was read with it."""
    pack: str | None = None
    """The starter pack that the intent comes from; None for one of the author's own."""
    reply: Rejoinder | None = None
    """What the words are, if they are no question: a reply to the turn before."""


class Decision(Value):
    """`answer` names one intent; `clarify` names up to three that it could be; `miss` names none."""

    outcome: Outcome
    intent: str | None = None
    choices: tuple[str, ...] = ()
    receipt: Receipt
