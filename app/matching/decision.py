"""What matching says about one question, and why: the decision and its receipt."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["answer", "clarify", "miss"]
Stage = Literal["exact", "near", "embedding", "empty"]


class Value(BaseModel):
    """A frozen value that goes out as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidate(Value):
    """One intent that was considered; `score` is its best cosine (or 1 for exact), `phrase` the nearest example."""

    intent: str
    score: float
    phrase: str


class Verdict(Value):
    """What one guard said: whether the question may be answered, and the reason in words."""

    guard: str
    passed: bool
    reason: str = ""


class Thresholds(Value):
    """The operating point: what score and margin an answer needs, and where these numbers came from."""

    answer: float
    margin: float
    clarify: float
    source: str


class Receipt(Value):
    """Everything that led to a decision, enough to replay it."""

    stage: Stage
    intent: str | None
    score: float
    probability: float
    runner_up: str | None = None
    margin: float | None = None
    thresholds: Thresholds
    guards: tuple[Verdict, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    normalised: str
    locale: str
    release: str
    encoder: str
    latency_ms: float


class Decision(Value):
    """`answer` names one intent; `clarify` names the two or three it could be; `miss` names none."""

    outcome: Outcome
    intent: str | None = None
    choices: tuple[str, ...] = ()
    receipt: Receipt
