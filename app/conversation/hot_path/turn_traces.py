"""Traces of a session's questions: one span each, and one for every step."""

from app.conversation.actions import RecordTurn, Work
from app.tracing import Span, Tracer


class TurnTraces:
    """Spans of a session's questions: one root each, a child for every step.

    They never hold a visitor's words.
    """

    def __init__(self, tracer: Tracer) -> None:
        """Start without spans."""
        self._tracer = tracer
        self._questions: dict[str, Span] = {}
        self._steps: dict[tuple[str, Work], Span] = {}

    def begin(self, turn: str, work: Work) -> None:
        """Begin the span of a step; the first step of a question begins the question's span too."""
        if turn not in self._questions:
            self._questions[turn] = self._tracer.begin("question", turn=turn)
        parent = self._questions[turn].traceparent
        self._steps[turn, work] = self._tracer.begin(work.value, parent=parent, turn=turn)

    def parent(self, turn: str, work: Work) -> str:
        """Return the `traceparent` of a step, for work done elsewhere; empty without a span."""
        span = self._steps.get((turn, work))
        return span.traceparent if span else ""

    def end(self, turn: str, work: Work, *, error: str = "") -> None:
        """End the span of a step."""
        span = self._steps.pop((turn, work), None)
        if span:
            span.end(error=error)

    def close(self, record: RecordTurn) -> None:
        """End the span of a question, and those of its open steps."""
        for turn, work in [key for key in self._steps if key[0] == record.turn]:
            self.end(turn, work, error="dropped")
        span = self._questions.pop(record.turn, None)
        if span:
            receipt = {name: str(record.receipt.get(name) or "") for name in ("stage", "release", "encoder")}
            span.note(outcome=record.outcome, intent=record.intent or "", locale=record.locale, **receipt)
            span.end(error="failed" if record.outcome == "failed" else "")
